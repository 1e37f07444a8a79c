using Flyball.Model.Labels;

namespace Flyball.Alerting.Receivers;

/// <summary>What a receiver is told: the alerts of one group.</summary>
internal sealed record Notification
{
    public required string Receiver { get; init; }

    public required string GroupKey { get; init; }

    public required LabelSet GroupLabels { get; init; }

    public required string ExternalUrl { get; init; }

    /// <summary>In the order receivers expect: by job, then instance, then all labels.</summary>
    public required IReadOnlyList<NotifiedAlert> Alerts { get; init; }

    public bool IsFiring => Alerts.Any(a => !a.IsResolved);
}

/// <summary>One alert of a notification.</summary>
/// <param name="EndsAt">Null while it fires.</param>
internal sealed record NotifiedAlert(LabelSet Labels, LabelSet Annotations, DateTimeOffset StartsAt, DateTimeOffset? EndsAt)
{
    public string GeneratorUrl { get; init; } = "";

    public ulong Fingerprint { get; init; }

    public bool IsResolved => EndsAt is not null;
}

/// <summary>How an attempt to tell went.</summary>
/// <param name="Delivered">Whether the receiver has taken it.</param>
/// <param name="MayRetry">Whether trying again may help.</param>
/// <param name="Reason">Why it failed.</param>
internal readonly record struct DeliveryOutcome(bool Delivered, bool MayRetry, string Reason)
{
    public static readonly DeliveryOutcome Success = new(true, false, "");
}

/// <summary>One way of telling a receiver.</summary>
internal interface IIntegration
{
    /// <summary>Its type as in metrics and logs, e.g. <c>webhook</c>.</summary>
    string Type { get; }

    /// <summary>Whether resolved alerts are told, too.</summary>
    bool SendResolved { get; }

    /// <summary>Tries once.</summary>
    Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken);
}
