using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>An alert as routing sees it: labels that say which one it is, and when it began and ended.</summary>
/// <param name="Labels">What tells it from others.</param>
internal sealed record RoutedAlert(LabelSet Labels)
{
    /// <summary>The end of an alert that somebody watches: it comes when they say so.</summary>
    public static readonly DateTimeOffset Open = DateTimeOffset.MaxValue;

    public ulong Fingerprint { get; } = AlertFingerprint.Of(Labels);

    public LabelSet Annotations { get; init; } = LabelSet.Empty;

    public DateTimeOffset StartsAt { get; init; }

    /// <summary>In the past: resolved. In the future: resolved then, unless there is news.</summary>
    public DateTimeOffset EndsAt { get; init; } = Open;

    public DateTimeOffset UpdatedAt { get; init; }

    public string GeneratorUrl { get; init; } = "";

    /// <summary>Whether nobody gave an end and <see cref="EndsAt"/> is only the time of patience.</summary>
    public bool EndsByTimeout { get; init; }

    public bool IsResolvedAt(DateTimeOffset now) => EndsAt <= now;

    /// <summary>What is known after news of the same alert. Source: Alertmanager documentation, "Configuration".</summary>
    public RoutedAlert MergedWith(RoutedAlert news)
    {
        var overlaps = (news.EndsAt > StartsAt && news.EndsAt < EndsAt) || (news.StartsAt > StartsAt && news.StartsAt < EndsAt);
        return overlaps ? Merge(this, news) : news;
    }

    private static RoutedAlert Merge(RoutedAlert a, RoutedAlert b)
    {
        var (older, younger) = b.UpdatedAt < a.UpdatedAt ? (b, a) : (a, b);
        var start = older.StartsAt < younger.StartsAt ? older.StartsAt : younger.StartsAt;
        var end = younger.EndsAt;
        if (younger.IsResolvedAt(younger.UpdatedAt))
        {
            // Two explicit ends: the later one.
            end = older.IsResolvedAt(younger.UpdatedAt) && older.EndsAt > end ? older.EndsAt : end;
        }
        else if (older.EndsAt > end && !older.EndsByTimeout)
        {
            end = older.EndsAt;
        }

        return younger with { StartsAt = start, EndsAt = end };
    }
}
