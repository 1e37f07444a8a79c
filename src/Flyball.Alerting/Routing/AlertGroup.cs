using Flyball.Model.Labels;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Routing;

/// <summary>Alerts of one route with equal group labels: told together. Its loop looks at it from time to time.</summary>
/// <remarks>Its alerts are guarded by the router's lock; its loop is the only one that flushes.</remarks>
internal sealed class AlertGroup : IAsyncDisposable
{
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(10);

    private readonly AlertGroupEnvironment _environment;
    private readonly Dictionary<ulong, RoutedAlert> _alerts = [];
    private readonly WorkSignal _due = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ITimer _timer;
    private Task _running = Task.CompletedTask;
    private bool _hasFlushed;

    public AlertGroup(Route route, LabelSet labels, AlertGroupEnvironment environment)
    {
        Route = route;
        Labels = labels;
        Key = route.GroupKey(labels);
        _environment = environment;
        _timer = environment.Time.CreateTimer(_ => _due.Raise(), state: null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Route Route { get; }

    public LabelSet Labels { get; }

    /// <summary>What names it for receivers and in the notification log.</summary>
    public string Key { get; }

    /// <summary>Its alerts, those included that have been resolved since the last look.</summary>
    public IReadOnlyCollection<RoutedAlert> Alerts => _alerts.Values;

    public void Start()
    {
        _timer.Change(Route.GroupWait.ToTimeSpan(), Timeout.InfiniteTimeSpan);
        _running = RunAsync(_stopping.Token);
    }

    /// <summary>Takes an alert in, or news of one. Called under the router's lock.</summary>
    public void Insert(RoutedAlert alert)
    {
        _alerts[alert.Fingerprint] = alert;
        // The wait of a group is there to gather alerts that begin together; this one has begun long ago.
        if (!_hasFlushed && alert.StartsAt + Route.GroupWait.ToTimeSpan() < _environment.Time.GetUtcNow())
        {
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Completes when nothing is due any more.</summary>
    public Task IdleAsync() => _due.IdleAsync();

    /// <summary>Completes when the flush that is going on, if any, has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        await _timer.DisposeAsync();
        _stopping.Dispose();
        _due.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                await _due.WaitAsync(stopping);
                await FlushAsync(stopping);
                _due.Done();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            RoutingLog.GroupLoopDied(_environment.Logger, Key, e);
            throw;
        }
    }

    private async Task FlushAsync(CancellationToken stopping)
    {
        _timer.Change(Route.GroupInterval.ToTimeSpan(), Timeout.InfiniteTimeSpan);
        var now = _environment.Time.GetUtcNow();
        RoutedAlert[] alerts;
        lock (_environment.Gate)
        {
            _hasFlushed = true;
            alerts = [.. _alerts.Values];
        }

        var patience = Route.GroupInterval.ToTimeSpan();
        using var timeout = new CancellationTokenSource(patience > LeastPatience ? patience : LeastPatience, _environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        if (alerts.Length > 0 && await _environment.Flush(this, alerts, now, either.Token))
        {
            ForgetResolved(alerts, now);
        }
    }

    // What was resolved when it was told is over, unless there has been news of it meanwhile.
    private void ForgetResolved(RoutedAlert[] told, DateTimeOffset now)
    {
        lock (_environment.Gate)
        {
            foreach (var alert in told)
            {
                if (alert.IsResolvedAt(now) && _alerts.TryGetValue(alert.Fingerprint, out var present) && ReferenceEquals(present, alert))
                {
                    _alerts.Remove(alert.Fingerprint);
                }
            }
        }
    }
}

/// <summary>What groups need of their router.</summary>
/// <param name="Gate">Guards alerts, groups and the inhibitor.</param>
/// <param name="Flush">Tells of alerts; false when somebody could not be told.</param>
internal sealed record AlertGroupEnvironment(
    Lock Gate,
    TimeProvider Time,
    Func<AlertGroup, RoutedAlert[], DateTimeOffset, CancellationToken, Task<bool>> Flush,
    ILogger Logger);
