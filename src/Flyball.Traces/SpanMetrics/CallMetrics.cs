using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.Bytes;

namespace Flyball.Traces.SpanMetrics;

/// <summary>Calls, latencies and sizes per service, span name, kind and status. Not thread-safe.</summary>
internal sealed class CallMetrics(SpanMetricsOptions options, SeriesBudget budget)
{
    private static readonly HashSet<string> TempoLabels = ["service", "span_name", "span_kind", "status_code", "job", "instance"];
    private static readonly HashSet<string> CollectorLabels = ["service_name", "span_name", "span_kind", "status_code", "job", "instance"];

    private static readonly double[] CollectorBuckets =
        [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10000, 15000];

    private readonly SeriesTable<Series> _calls = new(budget);
    private readonly SeriesTable<CounterSeries> _targets = new(budget);
    private readonly ByteWriter _key = new();
    private readonly SpanLabels _tempo = new(options.Dimensions, TempoLabels);
    private readonly SpanLabels _collector = new(options.Dimensions, CollectorLabels);
    private readonly SpanWeight _weight = new(options.ProbabilityAttribute);

    /// <summary>Counts a span; false when that would make too many series.</summary>
    public bool Add(SpanBatch batch, in SpanRow span, ReadOnlySpan<byte> service, long nowMs)
    {
        _key.Clear();
        SpanLabels.AppendText(_key, service);
        SpanLabels.AppendText(_key, batch.Bytes(span.Name));
        _key.Varint((ulong)(long)span.Kind);
        _key.Varint((ulong)(long)span.Status);
        _tempo.AppendKey(batch, span, _key);
        if (options.TargetInfo)
        {
            SpanLabels.AppendText(_key, SpanLabels.OfResource(batch, span, "service.namespace"u8));
            SpanLabels.AppendText(_key, SpanLabels.OfResource(batch, span, "service.instance.id"u8));
        }

        if ((_calls.Find(_key.Written, nowMs) ?? Create(batch, span, nowMs)) is not { } series)
        {
            return false;
        }

        series.Add(span, _weight.Of(batch, span), SpanSize.Of(batch, span), nowMs);
        return !options.TargetInfo || AddTarget(batch, span, nowMs);
    }

    public void Write(SampleBatch batch, TimestampMs before, TimestampMs now, long idleSinceMs)
    {
        _calls.Write(batch, before, now, idleSinceMs);
        _targets.Write(batch, before, now, idleSinceMs);
    }

    private Series? Create(SpanBatch batch, in SpanRow span, long nowMs)
    {
        var groups = new List<SeriesGroup>();
        CounterSeries? calls = null, size = null, otherCalls = null;
        HistogramSeries? latency = null, otherLatency = null;
        if (options.Naming != SpanMetricsNaming.Collector)
        {
            var labels = Labels(batch, span, "service", _tempo);
            groups.Add(calls = new CounterSeries("traces_spanmetrics_calls_total", labels));
            groups.Add(size = new CounterSeries("traces_spanmetrics_size_total", labels));
            groups.Add(latency = new HistogramSeries("traces_spanmetrics_latency", labels, options.Buckets, options.ExemplarLabel));
        }

        if (options.Naming != SpanMetricsNaming.Tempo)
        {
            var labels = Labels(batch, span, "service_name", _collector);
            groups.Add(otherCalls = new CounterSeries("traces_span_metrics_calls_total", labels));
            groups.Add(otherLatency = new HistogramSeries("traces_span_metrics_duration_milliseconds", labels, CollectorBuckets, options.ExemplarLabel));
        }

        return _calls.Add(_key.Written, nowMs, new Series(calls, size, latency, otherCalls, otherLatency), [.. groups]);
    }

    private LabelSet Labels(SpanBatch batch, in SpanRow span, string serviceLabel, SpanLabels dimensions)
    {
        var labels = new LabelSetBuilder();
        dimensions.Set(batch, span, labels);
        if (options.TargetInfo)
        {
            SetTarget(batch, span, labels);
        }

        return labels
            .Set(serviceLabel, System.Text.Encoding.UTF8.GetString(SpanLabels.OfResource(batch, span, "service.name"u8)))
            .Set("span_name", batch.Text(span.Name))
            .Set("span_kind", KindWord(span.Kind))
            .Set("status_code", StatusWord(span.Status))
            .Build();
    }

    private static void SetTarget(SpanBatch batch, in SpanRow span, LabelSetBuilder labels)
    {
        var space = System.Text.Encoding.UTF8.GetString(SpanLabels.OfResource(batch, span, "service.namespace"u8));
        var service = System.Text.Encoding.UTF8.GetString(SpanLabels.OfResource(batch, span, "service.name"u8));
        labels.Set("job", space.Length > 0 ? $"{space}/{service}" : service);
        labels.Set("instance", System.Text.Encoding.UTF8.GetString(SpanLabels.OfResource(batch, span, "service.instance.id"u8)));
    }

    // The other attributes of the resource; a resource without any gives no series.
    private bool AddTarget(SpanBatch batch, in SpanRow span, long nowMs)
    {
        var labels = new LabelSetBuilder();
        foreach (ref readonly var row in batch.Attributes.Slice(batch.Resources[span.Resource].Attributes.Start, batch.Resources[span.Resource].Attributes.Count))
        {
            var key = batch.Text(row.Key);
            if (row.Value.Kind == AttributeKind.Text && key is not ("service.name" or "service.namespace" or "service.instance.id"))
            {
                labels.Set(SpanLabels.Sanitize(key), batch.Text(row.Value.Slice));
            }
        }

        if (labels.Count == 0)
        {
            return true;
        }

        SetTarget(batch, span, labels);
        var built = labels.Build();
        if (_targets.Find(built.Encoded, nowMs) is not null)
        {
            return true;
        }

        var target = new CounterSeries("traces_target_info", built) { Value = 1 };
        return _targets.Add(built.Encoded, nowMs, target, target) is not null;
    }

    private static string KindWord(SpanKind kind) => "SPAN_KIND_" + (Enum.IsDefined(kind) ? kind.ToString().ToUpperInvariant() : "UNSPECIFIED");

    private static string StatusWord(SpanStatus status) => status switch
    {
        SpanStatus.Ok => "STATUS_CODE_OK",
        SpanStatus.Error => "STATUS_CODE_ERROR",
        _ => "STATUS_CODE_UNSET",
    };

    /// <summary>What is counted under one set of labels, by either naming.</summary>
    private sealed class Series(
        CounterSeries? calls, CounterSeries? size, HistogramSeries? latency, CounterSeries? otherCalls, HistogramSeries? otherLatency)
    {
        public void Add(in SpanRow span, double weight, int bytes, long nowMs)
        {
            var seconds = span.DurationNs / 1e9;
            if (calls is not null)
            {
                calls.Value += weight;
                size!.Value += bytes * weight;
                latency!.Add(seconds, weight, span.TraceId, nowMs);
            }

            if (otherCalls is not null)
            {
                otherCalls.Value += weight;
                otherLatency!.Add(seconds * 1000, weight, span.TraceId, nowMs);
            }
        }
    }
}
