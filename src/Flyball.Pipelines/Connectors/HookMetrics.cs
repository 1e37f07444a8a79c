using System.Diagnostics.Metrics;

namespace Flyball.Pipelines.Connectors;

/// <summary>What every connector counts, under the same names.</summary>
internal sealed class HookMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Pipelines");
    private readonly Counter<long> _received;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _ignored;
    private readonly Counter<long> _rejected;
    private readonly Histogram<double> _lag;

    public HookMetrics()
    {
        _received = _meter.CreateCounter<long>("flyball_hooks_received_total", null, "Events that arrived.");
        _accepted = _meter.CreateCounter<long>("flyball_hooks_accepted_total", null, "Events that were made durable.");
        _ignored = _meter.CreateCounter<long>("flyball_hooks_ignored_total", null, "Genuine events that tell nothing about runs, by reason.");
        _rejected = _meter.CreateCounter<long>("flyball_hooks_rejected_total", null, "Events that were refused, by reason.");
        _lag = _meter.CreateHistogram<double>("flyball_hooks_lag_seconds", "s", "From what an event tells to its arrival.");
    }

    public void Received(string system) => _received.Add(1, new KeyValuePair<string, object?>("system", system));

    public void Accepted(string system, double lagSeconds)
    {
        _accepted.Add(1, new KeyValuePair<string, object?>("system", system));
        _lag.Record(Math.Max(0, lagSeconds), new KeyValuePair<string, object?>("system", system));
    }

    public void Ignored(string system, string reason) =>
        _ignored.Add(1, new("system", system), new("reason", reason));

    public void Rejected(string system, string reason) =>
        _rejected.Add(1, new("system", system), new("reason", reason));

    public void Dispose() => _meter.Dispose();
}
