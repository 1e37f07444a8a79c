using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.TimeIntervals;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Routing.Configuration;

/// <summary>What alertmanager.yml says: who hears of which alerts, when, and together with which others.</summary>
/// <param name="Route">The root of the route tree.</param>
/// <param name="Receivers">Everybody who can be told.</param>
public sealed record RoutingConfig(RouteConfig Route, IReadOnlyList<ReceiverConfig> Receivers)
{
    /// <summary>Nobody is told of anything: what holds until there is a configuration.</summary>
    public static readonly RoutingConfig Empty = new(new RouteConfig("none"), [new ReceiverConfig("none", [])]);

    /// <summary>Which alerts silence which others while they fire.</summary>
    public IReadOnlyList<InhibitRuleConfig> InhibitRules { get; init; } = [];

    /// <summary>Time intervals that routes name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<TimeInterval>> TimeIntervals { get; init; } =
        new Dictionary<string, IReadOnlyList<TimeInterval>>();

    /// <summary>After this long without news an alert posted without an end counts as resolved.</summary>
    public DurationMs ResolveTimeout { get; init; } = DurationMs.FromSeconds(300);

    /// <summary>The text it was read from, for the status page.</summary>
    public string Text { get; init; } = "";
}

/// <summary>A node of the route tree as written; what is not given comes from the node above.</summary>
/// <param name="Receiver">Who is told; "" = as the node above.</param>
public sealed record RouteConfig(string Receiver)
{
    /// <summary>Which alerts belong here, in the order of group keys: by name.</summary>
    public IReadOnlyList<Matcher> Matchers { get; init; } = [];

    /// <summary>Labels whose values make groups; null = as the node above.</summary>
    public IReadOnlyList<string>? GroupBy { get; init; }

    /// <summary>Whether every alert is a group of its own (<c>group_by: ['...']</c>).</summary>
    public bool GroupByAll { get; init; }

    /// <summary>How long a new group gathers before it is told.</summary>
    public DurationMs? GroupWait { get; init; }

    /// <summary>How long between two looks at a group.</summary>
    public DurationMs? GroupInterval { get; init; }

    /// <summary>How long until the same news is told again.</summary>
    public DurationMs? RepeatInterval { get; init; }

    /// <summary>Whether siblings after this node are tried as well.</summary>
    public bool Continue { get; init; }

    /// <summary>Names of intervals during which nothing is told.</summary>
    public IReadOnlyList<string> MuteTimeIntervals { get; init; } = [];

    /// <summary>Names of intervals outside which nothing is told; empty = always.</summary>
    public IReadOnlyList<string> ActiveTimeIntervals { get; init; } = [];

    /// <summary>The nodes below, in order.</summary>
    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];
}

/// <summary>While an alert that the source matchers accept fires, alerts the target matchers accept are not told of.</summary>
/// <param name="Source">Which alerts silence.</param>
/// <param name="Target">Which alerts are silenced.</param>
/// <param name="Equal">Labels that must have equal values on both.</param>
public sealed record InhibitRuleConfig(IReadOnlyList<Matcher> Source, IReadOnlyList<Matcher> Target, IReadOnlyList<string> Equal)
{
    /// <summary>What people call it.</summary>
    public string Name { get; init; } = "";
}
