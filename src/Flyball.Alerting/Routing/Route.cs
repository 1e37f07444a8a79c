using Flyball.Alerting.Matching;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Routing;

/// <summary>A node of the route tree with everything it inherits. Immutable.</summary>
internal sealed class Route
{
    private static readonly DurationMs DefaultGroupWait = DurationMs.FromSeconds(30);
    private static readonly DurationMs DefaultGroupInterval = DurationMs.FromSeconds(300);
    private static readonly DurationMs DefaultRepeatInterval = DurationMs.FromSeconds(4 * 3600);

    private readonly Route[] _below;
    private readonly bool _continue;

    private Route(RouteConfig config, Route? above, string id)
    {
        Config = config;
        Matchers = config.Matchers;
        Receiver = config.Receiver.Length > 0 ? config.Receiver : above?.Receiver ?? "";
        var groups = config.GroupByAll || config.GroupBy is not null;
        GroupByAll = groups ? config.GroupByAll : above?.GroupByAll ?? false;
        GroupBy = (groups ? config.GroupBy : above?.GroupBy) ?? [];
        GroupWait = config.GroupWait ?? above?.GroupWait ?? DefaultGroupWait;
        GroupInterval = config.GroupInterval ?? above?.GroupInterval ?? DefaultGroupInterval;
        RepeatInterval = config.RepeatInterval ?? above?.RepeatInterval ?? DefaultRepeatInterval;
        _continue = config.Continue;
        Key = (above is null ? "" : above.Key + "/") + AlertMatchers.Format(Matchers);
        Id = id;
        _below = [.. config.Routes.Select((r, i) => new Route(r, this, $"{Key}/{i}"))];
    }

    public RouteConfig Config { get; }

    public IReadOnlyList<Matcher> Matchers { get; }

    public string Receiver { get; }

    public IReadOnlyList<string> GroupBy { get; }

    public bool GroupByAll { get; }

    public DurationMs GroupWait { get; }

    public DurationMs GroupInterval { get; }

    public DurationMs RepeatInterval { get; }

    /// <summary>The matchers on the way here, joined; the first part of group keys.</summary>
    public string Key { get; }

    /// <summary>As <see cref="Key"/>, but unique in the tree.</summary>
    public string Id { get; }

    /// <summary>The nodes below.</summary>
    public IReadOnlyList<Route> Below => _below;

    public static Route Compile(RouteConfig root) => new(root, above: null, "{}");

    /// <summary>The nodes an alert ends at: depth first, the first that accepts unless it says to go on.</summary>
    public IEnumerable<Route> Match(LabelSet labels)
    {
        if (!Matchers.All(m => m.Matches(labels)))
        {
            yield break;
        }

        var matchedBelow = false;
        foreach (var child in _below)
        {
            var stops = false;
            foreach (var match in child.Match(labels))
            {
                yield return match;
                matchedBelow = true;
                stops = !child._continue;
            }

            if (stops)
            {
                break;
            }
        }

        if (!matchedBelow)
        {
            yield return this;
        }
    }

    /// <summary>The labels that name the group an alert belongs to.</summary>
    public LabelSet GroupLabels(LabelSet labels)
    {
        if (GroupByAll)
        {
            return labels;
        }

        var builder = new LabelSetBuilder();
        foreach (var name in GroupBy)
        {
            builder.Set(name, labels[name]);
        }

        return builder.Build();
    }

    /// <summary>What names a group for receivers and in the notification log.</summary>
    public string GroupKey(LabelSet groupLabels) => Key + ":" + FormatLabels(groupLabels);

    private static string FormatLabels(LabelSet labels) =>
        AlertMatchers.Format(labels.AsPairs().Select(p => new Matcher(MatchOp.Equal, p.Key, p.Value)));
}
