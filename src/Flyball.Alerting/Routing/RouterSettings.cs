using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>What the server around the router is; changes with a reload.</summary>
public sealed record RouterSettings
{
    /// <summary>Where people reach this server; in messages as <c>externalURL</c>.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>Labels added to alerts of our own rules where they have none of that name, as Prometheus does when it sends.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;
}
