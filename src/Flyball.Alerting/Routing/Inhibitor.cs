using Flyball.Alerting.Routing.Configuration;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>Knows which firing alerts silence which others. Guarded by the router's lock.</summary>
/// <remarks>For each rule, firing sources are kept by the values of the labels that must be equal, so asking costs one
/// look-up per rule, not a walk over all alerts.</remarks>
internal sealed class Inhibitor
{
    private readonly RuleIndex[] _rules;

    public Inhibitor(IReadOnlyList<InhibitRuleConfig> rules) => _rules = [.. rules.Select(r => new RuleIndex(r))];

    /// <summary>Takes note of an alert that is new, changed or gone.</summary>
    public void Update(RoutedAlert alert)
    {
        foreach (var rule in _rules)
        {
            rule.Update(alert);
        }
    }

    /// <summary>Forgets an alert.</summary>
    public void Remove(RoutedAlert alert)
    {
        foreach (var rule in _rules)
        {
            rule.Remove(alert);
        }
    }

    /// <summary>Fingerprints of the alerts because of which this one is not told of; empty = it is.</summary>
    public IReadOnlyList<ulong> InhibitedBy(LabelSet labels, DateTimeOffset now)
    {
        List<ulong>? sources = null;
        foreach (var rule in _rules)
        {
            if (rule.FindSource(labels, now) is { } source)
            {
                (sources ??= []).Add(source.Fingerprint);
            }
        }

        return sources is null ? [] : [.. sources.Distinct()];
    }

    private sealed class RuleIndex(InhibitRuleConfig rule)
    {
        private readonly Dictionary<LabelSet, Dictionary<ulong, RoutedAlert>> _sources = [];

        public void Update(RoutedAlert alert)
        {
            if (!Accepts(rule.Source, alert.Labels))
            {
                return;
            }

            var key = KeyOf(alert.Labels);
            if (!_sources.TryGetValue(key, out var same))
            {
                _sources[key] = same = [];
            }

            same[alert.Fingerprint] = alert;
        }

        public void Remove(RoutedAlert alert)
        {
            var key = KeyOf(alert.Labels);
            if (_sources.TryGetValue(key, out var same) && same.Remove(alert.Fingerprint) && same.Count == 0)
            {
                _sources.Remove(key);
            }
        }

        public RoutedAlert? FindSource(LabelSet labels, DateTimeOffset now)
        {
            if (!Accepts(rule.Target, labels) || !_sources.TryGetValue(KeyOf(labels), out var same))
            {
                return null;
            }

            // An alert on both sides of a rule is not inhibited by another such alert, else each would silence the other.
            var isOnBothSides = Accepts(rule.Source, labels);
            foreach (var source in same.Values)
            {
                if (!source.IsResolvedAt(now) && !(isOnBothSides && Accepts(rule.Target, source.Labels)))
                {
                    return source;
                }
            }

            return null;
        }

        private static bool Accepts(IReadOnlyList<Matcher> matchers, LabelSet labels) =>
            matchers.All(m => m.Matches(labels));

        private LabelSet KeyOf(LabelSet labels)
        {
            var builder = new LabelSetBuilder();
            foreach (var name in rule.Equal)
            {
                builder.Set(name, labels[name]);
            }

            return builder.Build();
        }
    }
}
