using Flyball.Alerting.Rules.Evaluation;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Rules.Reacting;

/// <summary>Decides when a group is evaluated: at aligned times, and for a reactive group shortly after an arrival.</summary>
/// <remarks>
/// Three timers wake one loop, so evaluations never overlap:
/// the tick (interval-aligned, at a stable offset so that groups do not all come at once), the reaction (debounce after
/// the first arrival, so that a batch in pieces causes one evaluation and latency stays bounded), and the deadline
/// (a reactive group's alert becomes firing when its "for" is over, not at the tick after).
/// </remarks>
internal sealed class RuleGroupLoop : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly RuleMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Action<RuleGroupLoop, IReadOnlyCollection<string>> _changed;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly ITimer _tick;
    private readonly ITimer _reaction;
    private readonly ITimer _deadline;
    private Task _running = Task.CompletedTask;
    private TimestampMs _tickAt;
    private TimeSpan _lastTook;
    private int _iterations;

    // Guarded by _gate: what the timers and arrivals have asked for.
    private bool _tickDue;
    private bool _reactionDue;
    private bool _reactionArmed;
    private TimestampNs? _causedAt;
    private TaskCompletionSource? _idle;

    public RuleGroupLoop(
        RuleGroup group,
        TimeProvider time,
        RuleMetrics metrics,
        ILogger logger,
        Action<RuleGroupLoop, IReadOnlyCollection<string>> changed)
    {
        Group = group;
        _time = time;
        _metrics = metrics;
        _logger = logger;
        _changed = changed;
        _tick = NewTimer(() => Due(ref _tickDue));
        _reaction = NewTimer(() => Due(ref _reactionDue));
        _deadline = NewTimer(() => Due(ref _reactionDue));
    }

    public RuleGroup Group { get; }

    public void Start()
    {
        ArmTick();
        _running = RunAsync(_stopping.Token);
    }

    /// <summary>Something the group reads has arrived. Cheap; called from where samples are written.</summary>
    public void Arrived(TimestampNs at)
    {
        var debounce = Group.Config.Reactive!.Debounce.ToTimeSpan();
        lock (_gate)
        {
            _causedAt ??= at;
            if (_reactionArmed)
            {
                return;
            }

            _reactionArmed = true;
            // A group that takes long to evaluate would otherwise do nothing else under a steady stream of arrivals.
            var delay = debounce > _lastTook ? debounce : _lastTook;
            if (delay > TimeSpan.Zero)
            {
                _reaction.Change(delay, Timeout.InfiniteTimeSpan);
                return;
            }

            Due(ref _reactionDue);
        }

        _wake.Release();
    }

    /// <summary>Completes when nothing is due any more: everything asked for so far has been evaluated.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _idle is null ? Task.CompletedTask : _idle.Task;
        }
    }

    /// <summary>Ends the loop after the evaluation that is going on.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _tick.DisposeAsync();
        await _reaction.DisposeAsync();
        await _deadline.DisposeAsync();
        _stopping.Dispose();
        _wake.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                RestIfDone();
                await _wake.WaitAsync(stopping);
                var (tick, reaction, causedAt) = Take();
                if (tick)
                {
                    await TickAsync(stopping);
                }

                // Also after a tick: it looks at its aligned time, which may be just before what has arrived.
                if (reaction)
                {
                    await ReactAsync(causedAt, stopping);
                }
            }
        }
        catch (Exception e) when (stopping.IsCancellationRequested && e is OperationCanceledException or PromQLQueryException)
        {
            // The engine reports a cancelled query as a failed one.
        }
        catch (Exception e)
        {
            RuleLog.LoopDied(_logger, Group.Config.Key, e);
            throw;
        }
    }

    // Called under the gate.
    private void Due(ref bool flag)
    {
        flag = true;
        _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void RestIfDone()
    {
        lock (_gate)
        {
            if (!_tickDue && !_reactionDue)
            {
                _idle?.TrySetResult();
                _idle = null;
            }
        }
    }

    private (bool Tick, bool Reaction, TimestampNs? CausedAt) Take()
    {
        lock (_gate)
        {
            var taken = (_tickDue, _reactionDue, _reactionDue ? _causedAt : null);
            if (_reactionDue)
            {
                _reactionDue = _reactionArmed = false;
                _causedAt = null;
            }

            _tickDue = false;
            return taken;
        }
    }

    private async Task TickAsync(CancellationToken stopping)
    {
        var now = TimestampMs.Now(_time);
        var missed = Math.Max(0, (now - _tickAt).Value / Group.Interval.Value);
        var at = new TimestampMs(_tickAt.Value + (missed * Group.Interval.Value));
        _metrics.Iterated(Group.Config.Key, missed);
        if (missed > 0)
        {
            RuleLog.IterationsMissed(_logger, Group.Config.Key, missed);
        }

        // A reaction has just been later than this tick: its result is the newer one. (A clock set back is not that.)
        if (at > Group.LastAt || Group.LastAt - at > Group.Interval)
        {
            await EvaluateAsync(at, causedAt: null, stopping);
        }

        if (++_iterations == 2)
        {
            Group.Restore(at, stopping);
        }

        ArmTick();
    }

    private Task ReactAsync(TimestampNs? causedAt, CancellationToken stopping)
    {
        var at = TimestampMs.Now(_time);
        // Two evaluations in one millisecond: the second needs a time of its own, else its samples would be duplicates.
        at = at <= Group.LastAt && Group.LastAt - at < DurationMs.FromSeconds(1) ? Group.LastAt + new DurationMs(1) : at;
        return EvaluateAsync(at, causedAt, stopping);
    }

    private async Task EvaluateAsync(TimestampMs at, TimestampNs? causedAt, CancellationToken stopping)
    {
        var started = _time.GetTimestamp();
        var changed = await Group.EvaluateAsync(at, causedAt, stopping);
        _lastTook = _time.GetElapsedTime(started);
        if (causedAt is { } cause)
        {
            _metrics.Reacted(Group.Config.Key, TimeSpan.FromMicroseconds((TimestampNs.Now(_time).Value - cause.Value) / 1e3));
        }

        if (changed.Count > 0)
        {
            _changed(this, changed);
        }

        ArmDeadline();
    }

    private void ArmTick()
    {
        var now = TimestampMs.Now(_time).Value;
        var interval = Group.Interval.Value;
        var offset = (long)(OffsetHash(Group.Config.Key) % (ulong)interval);
        var since = ((now - offset) % interval + interval) % interval;
        _tickAt = new TimestampMs(now - since + interval);
        _tick.Change(TimeSpan.FromMilliseconds(interval - since), Timeout.InfiniteTimeSpan);
    }

    private void ArmDeadline()
    {
        if (Group.Config.Reactive is not null && Group.NextDeadline() is { } due && due < _tickAt)
        {
            var wait = Math.Max(0, (due - TimestampMs.Now(_time)).Value);
            _deadline.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
        }
    }

    private static ulong OffsetHash(string key) => LabelSet.HashOf(System.Text.Encoding.UTF8.GetBytes(key));

    private ITimer NewTimer(Action mark) => _time.CreateTimer(
        _ =>
        {
            lock (_gate)
            {
                mark();
            }

            _wake.Release();
        },
        state: null,
        Timeout.InfiniteTimeSpan,
        Timeout.InfiniteTimeSpan);
}
