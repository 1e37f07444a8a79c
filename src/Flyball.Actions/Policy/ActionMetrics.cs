using System.Diagnostics.Metrics;
using Flyball.Actions.Records;

namespace Flyball.Actions.Policy;

/// <summary>What an operator graphs about actions.</summary>
internal sealed class ActionMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Actions");
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _ends;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _repeated;
    private readonly Counter<long> _notJournalled;
    private readonly UpDownCounter<long> _running;
    private readonly Histogram<double> _latency;

    public ActionMetrics(Func<int> waitingAlerts)
    {
        _decisions = _meter.CreateCounter<long>("flyball_actions_decisions_total", null, "Decisions of policies, by verdict and the rule that spoke.");
        _ends = _meter.CreateCounter<long>("flyball_actions_executions_total", null, "Executions that ended, by status.");
        _dropped = _meter.CreateCounter<long>("flyball_actions_alerts_dropped_total", null, "Firing alerts nobody decided about because too many waited.");
        _repeated = _meter.CreateCounter<long>("flyball_actions_alerts_repeated_total", null, "Firing alerts that had been decided about before.");
        _notJournalled = _meter.CreateCounter<long>("flyball_actions_not_journalled_total", null, "Decisions and attempts given up because the journal did not take them.");
        _running = _meter.CreateUpDownCounter<long>("flyball_actions_running", null, "Executions under way.");
        _latency = _meter.CreateHistogram<double>("flyball_actions_latency_seconds", "s", "From the arrival of the event that caused it to the start of an action.");
        _meter.CreateObservableGauge("flyball_actions_alerts_waiting", waitingAlerts, null, "Firing alerts that wait for a decision.");
    }

    public void Decided(ActionRecord record) => _decisions.Add(
        1, new("policy", record.Policy), new("status", record.Status.ToString().ToLowerInvariant()), new("rule", record.Rule));

    public void Started(ActionRecord record)
    {
        _running.Add(1);
        if (record.CausedAt is { } cause && record.StartedAt is { } start && start > cause)
        {
            _latency.Record((start.Value - cause.Value) / 1e9, new KeyValuePair<string, object?>("policy", record.Policy));
        }
    }

    public void Ended(ActionRecord record)
    {
        if (record.StartedAt is not null)
        {
            _running.Add(-1);
        }

        _ends.Add(1, new("policy", record.Policy), new("status", record.Status.ToString().ToLowerInvariant()));
    }

    public void Dropped() => _dropped.Add(1);

    public void Repeated() => _repeated.Add(1);

    public void NotJournalled() => _notJournalled.Add(1);

    public void Dispose() => _meter.Dispose();
}
