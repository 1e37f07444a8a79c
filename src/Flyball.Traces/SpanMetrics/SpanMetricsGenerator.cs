using System.Diagnostics.Metrics;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;
using Microsoft.Extensions.Logging;

namespace Flyball.Traces.SpanMetrics;

/// <summary>Makes metrics of the spans that arrive: calls and latencies per operation, requests between services.</summary>
/// <remarks>
/// <code>
/// Observe(batch) ─▶ counters in memory ── every interval ──▶ one batch of samples ─▶ sink
/// </code>
/// Counters begin at zero with the process. A new series is written with a zero at the time of the write before, so that what came with
/// its first spans shows as an increase. A span that is sent twice counts twice. Safe from many threads.
/// </remarks>
public sealed class SpanMetricsGenerator : IAsyncDisposable
{
    private readonly SpanMetricsOptions _options;
    private readonly ISampleSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Meter _meter = new("Flyball.Traces.SpanMetrics");
    private readonly Counter<long> _late;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unpaired;
    private readonly Counter<long> _dropped;
    private readonly Task _loop;

    // Guards the counters; held for as long as a batch takes to count.
    private readonly Lock _gate = new();
    private readonly SeriesBudget _budget;
    private readonly CallMetrics _calls;
    private readonly ServiceGraph _graph;
    private TimestampMs _writtenAt;

    /// <summary>Begins to write at every interval.</summary>
    /// <param name="sink">Where samples go; it is told even when nobody sends spans, until the series have ended.</param>
    /// <exception cref="TraceQLException">The filter is not one span filter.</exception>
    public SpanMetricsGenerator(SpanMetricsOptions options, ISampleSink sink, TimeProvider time, ILogger logger)
    {
        Check(options);
        _options = options;
        _sink = sink;
        _time = time;
        _logger = logger;
        _budget = new SeriesBudget(options.MostSeries);
        _calls = new CallMetrics(options, _budget);
        _graph = new ServiceGraph(options, _budget);
        _writtenAt = TimestampMs.Now(time);
        _late = _meter.CreateCounter<long>("flyball_traces_metrics_late_spans_total", description: "Spans too old to be counted in span metrics.");
        _refused = _meter.CreateCounter<long>("flyball_traces_metrics_refused_spans_total", description: "Spans not counted because span metrics would have too many series.");
        _unpaired = _meter.CreateCounter<long>("traces_service_graph_unpaired_spans_total", description: "Sides of requests whose other side did not come.");
        _dropped = _meter.CreateCounter<long>("traces_service_graph_dropped_spans_total", description: "Sides of requests dropped because too many waited.");
        _meter.CreateObservableGauge("flyball_traces_metrics_series", () => _budget.Used, description: "Series made from spans.");
        _loop = Task.Run(WriteLoopAsync, CancellationToken.None);
    }

    /// <summary>Checks options without using them.</summary>
    /// <exception cref="TraceQLException">The filter is not one span filter; the message says where.</exception>
    public static void Check(SpanMetricsOptions options) => Compile(options.Filter);

    /// <summary>Counts the spans of a batch that has been stored.</summary>
    public void Observe(SpanBatch batch)
    {
        var now = _time.GetUtcNow();
        var nowMs = now.ToUnixTimeMilliseconds();
        var oldest = TimestampNs.From(now - _options.Slack).Value;
        var newest = TimestampNs.From(now + _options.Slack).Value;
        var filter = _options.Filter is null ? null : new BatchFilter(batch, Compile(_options.Filter));
        int late = 0, refused = 0;
        lock (_gate)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                ref readonly var span = ref batch.Spans[i];
                if (Math.Max(span.End.Value, span.Start.Value) < oldest || span.Start.Value > newest)
                {
                    late++;
                    continue;
                }

                var service = SpanLabels.OfResource(batch, span, "service.name"u8);
                if (_options.CountSpans && filter?.Accepts(i) != false && !_calls.Add(batch, span, service, nowMs))
                {
                    refused++;
                }

                if (_options.CountRequests && !service.IsEmpty)
                {
                    _graph.Add(batch, span, service, nowMs);
                }
            }
        }

        _late.Add(late);
        _refused.Add(refused);
    }

    /// <summary>Stops the loop and writes what has been counted since the last time.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        await WriteAsync(CancellationToken.None);
        _stopping.Dispose();
        _meter.Dispose();
    }

    /// <summary>Writes all series now.</summary>
    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = Collect();
        if (batch.SampleCount == 0)
        {
            return;
        }

        try
        {
            await _sink.AppendAsync(batch, AppendMode.StoreWhatFits, cancellationToken);
        }
        catch (IOException e)
        {
            // Counters only rise: the next write says all that this one would have said.
            SpanMetricsLog.WriteFailed(_logger, e);
        }
    }

    private SampleBatch Collect()
    {
        var batch = new SampleBatch();
        var now = TimestampMs.Now(_time);
        (int Unpaired, int Dropped, int Refused) lost;
        lock (_gate)
        {
            var before = _writtenAt < now ? _writtenAt : new TimestampMs(now.Value - 1);
            var idleSinceMs = now.Value - (long)_options.Idle.TotalMilliseconds;
            _graph.Expire(now.Value);
            _calls.Write(batch, before, now, idleSinceMs);
            _graph.Write(batch, before, now, idleSinceMs);
            lost = _graph.Lost;
            _graph.ForgetLost();
            _writtenAt = now;
        }

        _unpaired.Add(lost.Unpaired);
        _dropped.Add(lost.Dropped);
        _refused.Add(lost.Refused);
        SpanMetricsFamilies.Describe(batch, _options);
        return batch;
    }

    private async Task WriteLoopAsync()
    {
        using var timer = new PeriodicTimer(_options.Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await WriteAsync(_stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping: what is left is written by whoever stops.
        }
    }

    private static Node? Compile(string? filter)
    {
        if (filter is null)
        {
            return null;
        }

        if (Parser.Parse(filter) is not SearchQuery { Stages: [SpansetStage { Spanset: SpansetFilter { Condition: var condition } }] }
            || (condition is not null && !Fields.IsLocal(condition)))
        {
            throw new TraceQLException("one span filter like { kind = server } is expected, about single spans");
        }

        return condition is null ? null : new Compiler().Compile(condition);
    }

    /// <summary>Evaluates the filter on a batch, which it turns into a page.</summary>
    private sealed class BatchFilter(SpanBatch batch, Node? condition)
    {
        private readonly SpanPage _page = BatchToPage.Convert(batch);

        public bool Accepts(int span) => condition?.IsTrue(new SpanContext(_page, span, null, -1)) != false;
    }
}
