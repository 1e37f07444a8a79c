using System.Diagnostics.Metrics;
using Flyball.Alerting.Rules.Evaluation;

namespace Flyball.Alerting.Rules;

/// <summary>Instruments of rule evaluation, under the names Prometheus gives them.</summary>
internal sealed class RuleMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Alerting");
    private readonly Counter<long> _evaluations;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _iterations;
    private readonly Counter<long> _missed;
    private readonly Counter<long> _rejected;
    private readonly Counter<double> _seconds;
    private readonly Counter<long> _reactions;
    private readonly Counter<double> _reactionSeconds;

    public RuleMetrics(Func<IEnumerable<RuleGroup>> groups)
    {
        _evaluations = _meter.CreateCounter<long>("prometheus_rule_evaluations_total", description: "Rules evaluated.");
        _failures = _meter.CreateCounter<long>("prometheus_rule_evaluation_failures_total", description: "Rules whose evaluation failed.");
        _iterations = _meter.CreateCounter<long>("prometheus_rule_group_iterations_total", description: "Scheduled evaluations of groups, missed ones included.");
        _missed = _meter.CreateCounter<long>("prometheus_rule_group_iterations_missed_total", description: "Evaluations skipped because the one before took too long.");
        _rejected = _meter.CreateCounter<long>("flyball_rule_samples_rejected_total", description: "Samples of rules that the store refused.");
        _seconds = _meter.CreateCounter<double>("flyball_rule_evaluation_seconds_total", description: "Time spent on evaluating rules.");
        _reactions = _meter.CreateCounter<long>("flyball_rule_reactions_total", description: "Evaluations of groups that were caused by an arrival.");
        _reactionSeconds = _meter.CreateCounter<double>("flyball_rule_reaction_seconds_total", description: "Time from arrivals to the end of the evaluations they caused.");
        Gauge("prometheus_rule_group_interval_seconds", "Interval of a group.", groups, g => g.Interval.ToSeconds());
        Gauge("prometheus_rule_group_rules", "Number of rules of a group.", groups, g => g.Rules.Count);
        Gauge("prometheus_rule_group_last_duration_seconds", "How long the last evaluation of a group took.", groups, g => g.Outcome.Took.TotalSeconds);
        Gauge("prometheus_rule_group_last_evaluation_timestamp_seconds", "When a group was last evaluated.", groups, g => g.Outcome.At?.ToSeconds() ?? 0);
    }

    public void RuleEvaluated(string group, TimeSpan took, bool failed)
    {
        var tag = Tag(group);
        _evaluations.Add(1, tag);
        _failures.Add(failed ? 1 : 0, tag);
        _seconds.Add(took.TotalSeconds, tag);
    }

    public void SamplesRejected(int count) => _rejected.Add(count);

    public void Iterated(string group, long missed)
    {
        var tag = Tag(group);
        _iterations.Add(1 + missed, tag);
        _missed.Add(missed, tag);
    }

    public void Reacted(string group, TimeSpan sinceArrival)
    {
        var tag = Tag(group);
        _reactions.Add(1, tag);
        _reactionSeconds.Add(sinceArrival.TotalSeconds, tag);
    }

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Tag(string group) => new("rule_group", group);

    private void Gauge(string name, string description, Func<IEnumerable<RuleGroup>> groups, Func<RuleGroup, double> read) =>
        _meter.CreateObservableGauge(
            name,
            () => groups().Select(g => new Measurement<double>(read(g), Tag(g.Config.Key))),
            description: description);
}
