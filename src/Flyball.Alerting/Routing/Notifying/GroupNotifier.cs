using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Routing.TimeIntervals;
using Flyball.Alerting.Silences;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Routing.Notifying;

/// <summary>Takes the alerts of a group from the look at it to its receiver. Source: Alertmanager documentation, "Configuration".</summary>
/// <remarks>
/// 1. Leave out what is inhibited. 2. Stop if the time is not right. 3. Leave out what is silenced. Then for each way of
/// telling: 4. ask the log whether there is news, 5. try until it is taken or time is up, 6. remember what was told.
/// </remarks>
internal sealed class GroupNotifier(
    RoutingConfig config,
    RouterSettings settings,
    IReadOnlyDictionary<string, IReadOnlyList<IIntegration>> integrations,
    GroupNotifierEnvironment environment)
{
    /// <summary>Tells of a group.</summary>
    /// <returns>Whether everybody who had to be told was.</returns>
    public async Task<bool> NotifyAsync(AlertGroup group, RoutedAlert[] alerts, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // 1.
        RoutedAlert[] heard;
        lock (environment.Gate)
        {
            heard = [.. alerts.Where(a => environment.Inhibitor.InhibitedBy(a.Labels, now).Count == 0)];
        }

        // 2.
        if (IsMuted(group.Route.Config, now))
        {
            return true;
        }

        // 3.
        heard = [.. heard.Where(a => environment.Silences.SilencedBy(a.Labels, now).Count == 0)];
        if (!integrations.TryGetValue(group.Route.Receiver, out var ways) || heard.Length == 0)
        {
            return true;
        }

        var told = await Task.WhenAll(ways.Select((way, index) => TellAsync(group, heard, way, index, now, cancellationToken)));
        return Array.TrueForAll(told, t => t);
    }

    /// <summary>Names of the intervals because of which a route says nothing now; empty = it speaks.</summary>
    public IReadOnlyList<string> MutedBy(RouteConfig route, DateTimeOffset now)
    {
        var muting = route.MuteTimeIntervals.Where(n => IsInside(n, now)).ToList();
        if (muting.Count == 0 && route.ActiveTimeIntervals.Count > 0 && !route.ActiveTimeIntervals.Any(n => IsInside(n, now)))
        {
            muting.AddRange(route.ActiveTimeIntervals);
        }

        return muting;
    }

    private bool IsMuted(RouteConfig route, DateTimeOffset now) => MutedBy(route, now).Count > 0;

    private bool IsInside(string name, DateTimeOffset now) =>
        config.TimeIntervals.GetValueOrDefault(name, (IReadOnlyList<TimeInterval>)[]).Any(i => i.Contains(now));

    private async Task<bool> TellAsync(
        AlertGroup group, RoutedAlert[] alerts, IIntegration way, int index, DateTimeOffset now, CancellationToken cancellationToken)
    {
        // 4.
        var firing = alerts.Where(a => !a.IsResolvedAt(now)).Select(a => a.Fingerprint).ToHashSet();
        var resolved = alerts.Where(a => a.IsResolvedAt(now)).Select(a => a.Fingerprint).ToHashSet();
        var key = new NotificationKey(group.Key, group.Route.Receiver, way.Type, index);
        var repeat = group.Route.RepeatInterval.ToTimeSpan();
        var reason = NotificationLog.ReasonFor(environment.Log.Find(key), firing, resolved, way.SendResolved, repeat, now);
        if (reason == NotificationReason.None)
        {
            return true;
        }

        // 5.
        var sent = way.SendResolved ? alerts : [.. alerts.Where(a => !a.IsResolvedAt(now))];
        if (sent.Length > 0 && !await TryUntilTakenAsync(NotificationOf(group, sent, now), way, cancellationToken))
        {
            return false;
        }

        // 6.
        environment.Log.Record(key, new NotificationEntry(now, now + repeat + repeat, firing, resolved));
        environment.LogChanged();
        return true;
    }

    private async Task<bool> TryUntilTakenAsync(Notification notification, IIntegration way, CancellationToken cancellationToken)
    {
        var delay = new RetryDelay(environment.Random);
        while (true)
        {
            var started = environment.Time.GetTimestamp();
            DeliveryOutcome outcome;
            try
            {
                outcome = await way.SendAsync(notification, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                outcome = new DeliveryOutcome(false, MayRetry: false, "no answer before the next look at the group");
            }

            environment.Metrics.Attempted(way.Type, outcome.Delivered, environment.Time.GetElapsedTime(started));
            if (outcome.Delivered)
            {
                return true;
            }

            if (!outcome.MayRetry)
            {
                RoutingLog.DeliveryGivenUp(environment.Logger, notification.Receiver, way.Type, notification.GroupKey, outcome.Reason);
                return false;
            }

            if (!await WaitAsync(delay.Next(), notification, way, outcome, cancellationToken))
            {
                return false;
            }
        }
    }

    private async Task<bool> WaitAsync(
        TimeSpan delay, Notification notification, IIntegration way, DeliveryOutcome outcome, CancellationToken cancellationToken)
    {
        RoutingLog.DeliveryFailed(environment.Logger, notification.Receiver, way.Type, outcome.Reason, (long)delay.TotalMilliseconds);
        try
        {
            await Task.Delay(delay, environment.Time, cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            RoutingLog.DeliveryGivenUp(environment.Logger, notification.Receiver, way.Type, notification.GroupKey, outcome.Reason);
            return false;
        }
    }

    private Notification NotificationOf(AlertGroup group, RoutedAlert[] alerts, DateTimeOffset now) => new()
    {
        Receiver = group.Route.Receiver,
        GroupKey = group.Key,
        GroupLabels = group.Labels,
        ExternalUrl = settings.ExternalUrl,
        Alerts = [.. alerts
            .OrderBy(a => a.Labels["job"], StringComparer.Ordinal)
            .ThenBy(a => a.Labels["instance"], StringComparer.Ordinal)
            .ThenBy(a => a.Labels)
            .Select(a => new NotifiedAlert(a.Labels, a.Annotations, a.StartsAt, a.IsResolvedAt(now) ? a.EndsAt : null)
            {
                GeneratorUrl = a.GeneratorUrl,
                Fingerprint = a.Fingerprint,
            })],
    };
}

/// <summary>What notifying needs of its router.</summary>
internal sealed record GroupNotifierEnvironment(
    Lock Gate,
    Inhibitor Inhibitor,
    SilenceStore Silences,
    NotificationLog Log,
    Action LogChanged,
    RoutingMetrics Metrics,
    Random Random,
    TimeProvider Time,
    ILogger Logger);
