using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Traces.SpanMetrics;

/// <summary>The series of the service graph: requests, failures and durations per pair of services. Not thread-safe.</summary>
internal sealed class RequestMetrics(SpanMetricsOptions options, SeriesBudget budget)
{
    private readonly SeriesTable<Series> _series = new(budget);
    private readonly LabelSetBuilder _labels = new();

    /// <summary>Counts a request; false when that would make too many series.</summary>
    public bool Add(RequestSide client, RequestSide server, string type, long nowMs)
    {
        var labels = Labels(client, server, type);
        if ((_series.Find(labels.Encoded, nowMs) ?? Create(labels, client.IsMessage, nowMs)) is not { } series)
        {
            return false;
        }

        series.Requests.Value++;
        series.Failed.Value += client.Failed || server.Failed ? 1 : 0;
        series.Client.Add(client.Seconds, 1, client.Trace, nowMs);
        series.Server.Add(server.Seconds, 1, server.Trace, nowMs);
        if (series.Queued is not null)
        {
            var waited = server.BoundaryNs > client.BoundaryNs ? (server.BoundaryNs - client.BoundaryNs) / 1e9 : 0;
            series.Queued.Add(waited, 1, client.Trace, nowMs);
        }

        return true;
    }

    public void Write(SampleBatch batch, TimestampMs before, TimestampMs now, long idleSinceMs) => _series.Write(batch, before, now, idleSinceMs);

    private LabelSet Labels(RequestSide client, RequestSide server, string type)
    {
        _labels.Start(client.Dimensions);
        foreach (var label in server.Dimensions)
        {
            _labels.Set(label.Name, label.Value);
        }

        return _labels.Set("client", client.Service).Set("server", server.Service).Set("connection_type", type).Build();
    }

    private Series? Create(LabelSet labels, bool isMessage, long nowMs)
    {
        const string Prefix = "traces_service_graph_request_";
        var series = new Series(
            new CounterSeries(Prefix + "total", labels),
            new CounterSeries(Prefix + "failed_total", labels),
            Histogram("client_seconds"),
            Histogram("server_seconds"),
            isMessage ? Histogram("messaging_system_seconds") : null);
        SeriesGroup[] groups = [series.Requests, series.Failed, series.Client, series.Server, .. series.Queued is { } queued ? [queued] : Array.Empty<SeriesGroup>()];
        return _series.Add(labels.Encoded, nowMs, series, groups);

        HistogramSeries Histogram(string name) => new(Prefix + name, labels, options.GraphBuckets, options.ExemplarLabel);
    }

    private sealed record Series(
        CounterSeries Requests, CounterSeries Failed, HistogramSeries Client, HistogramSeries Server, HistogramSeries? Queued);
}
