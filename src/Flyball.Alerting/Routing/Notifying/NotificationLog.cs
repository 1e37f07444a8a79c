using System.Collections.Concurrent;

namespace Flyball.Alerting.Routing.Notifying;

/// <summary>What was told to whom last, so that the same news is not told twice: not by two looks at a group, and not
/// before and after a restart.</summary>
/// <remarks>Safe from many threads. Source: Alertmanager documentation, "Configuration".</remarks>
internal sealed class NotificationLog
{
    private readonly ConcurrentDictionary<NotificationKey, NotificationEntry> _entries = new();

    /// <summary>Everything that is remembered.</summary>
    public IReadOnlyList<KeyValuePair<NotificationKey, NotificationEntry>> Entries => _entries.ToArray();

    public NotificationEntry? Find(NotificationKey key) => _entries.GetValueOrDefault(key);

    public void Record(NotificationKey key, NotificationEntry entry) => _entries[key] = entry;

    /// <summary>Forgets what is so old that telling it again is right.</summary>
    public void Expire(DateTimeOffset now)
    {
        foreach (var (key, entry) in _entries)
        {
            if (entry.ExpiresAt <= now)
            {
                _entries.TryRemove(new(key, entry));
            }
        }
    }

    /// <summary>Why a group must be told of, or <see cref="NotificationReason.None"/>.</summary>
    public static NotificationReason ReasonFor(
        NotificationEntry? last, IReadOnlySet<ulong> firing, IReadOnlySet<ulong> resolved, bool sendsResolved, TimeSpan repeat, DateTimeOffset now)
    {
        // What was resolved before anybody heard of it is never told.
        if (last is null)
        {
            return firing.Count > 0 ? NotificationReason.FirstNotification : NotificationReason.None;
        }

        if (!firing.IsSubsetOf(last.Firing))
        {
            return NotificationReason.NewAlertsInGroup;
        }

        // Also without send_resolved: the log must learn that nothing fires any more.
        if (firing.Count == 0)
        {
            return last.Firing.Count > 0 ? NotificationReason.AllAlertsResolved : NotificationReason.None;
        }

        if (sendsResolved && !resolved.IsSubsetOf(last.Resolved))
        {
            return NotificationReason.NewResolvedAlerts;
        }

        return last.At <= now - repeat ? NotificationReason.RepeatIntervalElapsed : NotificationReason.None;
    }
}

/// <summary>Why a notification is sent.</summary>
internal enum NotificationReason
{
    None,
    FirstNotification,
    NewAlertsInGroup,
    AllAlertsResolved,
    NewResolvedAlerts,
    RepeatIntervalElapsed,
}

/// <summary>A group and one way of telling it to one receiver.</summary>
internal readonly record struct NotificationKey(string GroupKey, string Receiver, string Integration, int Index);

/// <summary>What was told last.</summary>
internal sealed record NotificationEntry(DateTimeOffset At, DateTimeOffset ExpiresAt, IReadOnlySet<ulong> Firing, IReadOnlySet<ulong> Resolved);
