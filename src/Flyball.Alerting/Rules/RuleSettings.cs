using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules;

/// <summary>What all rules share; comes from <c>global</c> and from the command line, and changes with a reload.</summary>
public sealed record RuleSettings
{
    /// <summary>Interval of groups that give none.</summary>
    public DurationMs EvaluationInterval { get; init; } = DurationMs.FromSeconds(60);

    /// <summary>How far in the past groups are evaluated that do not say.</summary>
    public DurationMs QueryOffset { get; init; }

    /// <summary>Labels that tell this server from others; templates see them as <c>$externalLabels</c>.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>Where people reach this server, without a slash at the end.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>After a restart an alert that was about to fire waits at least this long.</summary>
    public DurationMs ForGracePeriod { get; init; } = DurationMs.FromSeconds(600);

    /// <summary>A longer outage than this forgets how long conditions had held.</summary>
    public DurationMs ForOutageTolerance { get; init; } = DurationMs.FromSeconds(3600);
}
