using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Reads ALERTS_FOR_STATE to find out how long conditions had held before a restart. Source: Prometheus documentation, "Recording and alerting rules".</summary>
internal sealed class ForStateRestorer(ISeriesSource source, RuleSettings settings)
{
    /// <summary>The alerts of a rule that held before, with the time since when.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public IReadOnlyList<(ActiveAlert Alert, TimestampMs ActiveAt)> Find(AlertingRule rule, TimestampMs now, CancellationToken cancellationToken)
    {
        var waiting = rule.Alerts.Where(a => a.State == Model.Alerts.AlertState.Pending).ToArray();
        if (waiting.Length == 0)
        {
            return [];
        }

        var bySeries = waiting.ToDictionary(a => a.ForStateSeries(new LabelSetBuilder()));
        var found = new List<(ActiveAlert, TimestampMs)>();
        foreach (var (series, seenAt, activeAt) in LastSeen(rule, now, bySeries.ContainsKey, cancellationToken))
        {
            found.Add((bySeries[series], Shift(rule.Config.For, activeAt, seenAt, now)));
        }

        return found;
    }

    /// <summary>By their ALERTS_FOR_STATE series: the alerts of a rule that had held long enough to fire, with the time since when.</summary>
    /// <exception cref="IOException">The store cannot be read.</exception>
    public IReadOnlyDictionary<LabelSet, TimestampMs> FindFiring(AlertingRule rule, TimestampMs now, CancellationToken cancellationToken) =>
        LastSeen(rule, now, _ => true, cancellationToken)
            .Where(seen => seen.SeenAt - seen.ActiveAt >= rule.Config.For)
            .ToDictionary(seen => seen.Series, seen => seen.ActiveAt);

    private List<(LabelSet Series, TimestampMs SeenAt, TimestampMs ActiveAt)> LastSeen(
        AlertingRule rule, TimestampMs now, Func<LabelSet, bool> isWanted, CancellationToken cancellationToken)
    {
        var query = new SeriesQuery(new TimeRange(now - settings.ForOutageTolerance, now), [
            new Matcher(MatchOp.Equal, LabelSet.MetricNameLabel, "ALERTS_FOR_STATE"),
            new Matcher(MatchOp.Equal, "alertname", rule.Config.Name),
        ]);
        var found = new List<(LabelSet, TimestampMs, TimestampMs)>();
        using var selection = source.Select(query, cancellationToken);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            var labels = selection.Labels(i);
            if (!isWanted(labels))
            {
                continue;
            }

            samples.Clear();
            selection.Read(i, samples, cancellationToken);
            if (LastValue(samples) is var (seenAt, activeAt))
            {
                found.Add((labels, seenAt, activeAt));
            }
        }

        return found;
    }

    private static (TimestampMs SeenAt, TimestampMs ActiveAt)? LastValue(SampleColumns samples)
    {
        var last = samples.Count - 1;
        return last < 0 || double.IsNaN(samples.Values[last])
            ? null
            : (new TimestampMs(samples.TimestampsMs[last]), new TimestampMs((long)(samples.Values[last] * 1000)));
    }

    // Already firing when it was last seen: still is. Nearly: waits for the grace period. Else the outage does not count.
    private TimestampMs Shift(DurationMs hold, TimestampMs activeAt, TimestampMs seenAt, TimestampMs now)
    {
        var remaining = new DurationMs(hold.Value - (seenAt - activeAt).Value);
        if (remaining <= DurationMs.Zero)
        {
            return activeAt;
        }

        return remaining < settings.ForGracePeriod ? now + settings.ForGracePeriod - hold : activeAt + (now - seenAt);
    }
}
