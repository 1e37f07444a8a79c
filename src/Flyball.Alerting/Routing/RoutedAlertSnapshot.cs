using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>What becomes of an alert.</summary>
public enum RoutedAlertState
{
    /// <summary>It is told of.</summary>
    Active,

    /// <summary>It is silenced or inhibited.</summary>
    Suppressed,
}

/// <summary>An alert as it was at one moment.</summary>
public sealed record RoutedAlertSnapshot(LabelSet Labels, LabelSet Annotations)
{
    /// <summary>Its number in hex digits.</summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>When it began.</summary>
    public DateTimeOffset StartsAt { get; init; }

    /// <summary>When it ends if there is no news.</summary>
    public DateTimeOffset EndsAt { get; init; }

    /// <summary>When there was news last.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Where its expression can be looked at.</summary>
    public string GeneratorUrl { get; init; } = "";

    /// <summary>Names of the receivers it is told to.</summary>
    public IReadOnlyList<string> Receivers { get; init; } = [];

    /// <summary>Ids of the silences that accept it.</summary>
    public IReadOnlyList<string> SilencedBy { get; init; } = [];

    /// <summary>Fingerprints of the alerts that inhibit it.</summary>
    public IReadOnlyList<string> InhibitedBy { get; init; } = [];

    /// <summary>Names of the time intervals because of which its routes say nothing now.</summary>
    public IReadOnlyList<string> MutedBy { get; init; } = [];

    /// <summary>What becomes of it.</summary>
    public RoutedAlertState State => SilencedBy.Count + InhibitedBy.Count > 0 ? RoutedAlertState.Suppressed : RoutedAlertState.Active;
}

/// <summary>A group as it was at one moment.</summary>
public sealed record AlertGroupSnapshot(LabelSet Labels, string Receiver, IReadOnlyList<RoutedAlertSnapshot> Alerts)
{
    /// <summary>Names of the time intervals because of which its route says nothing now.</summary>
    public IReadOnlyList<string> MutedBy { get; init; } = [];
}

/// <summary>An alert that somebody sends.</summary>
/// <param name="Labels">What tells it from others; not empty.</param>
public sealed record PostedAlert(LabelSet Labels)
{
    /// <summary>What it says.</summary>
    public LabelSet Annotations { get; init; } = LabelSet.Empty;

    /// <summary>When it began; null = now.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>When it ended or will; null = when there has been no news for a while.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Where its expression can be looked at.</summary>
    public string GeneratorUrl { get; init; } = "";
}
