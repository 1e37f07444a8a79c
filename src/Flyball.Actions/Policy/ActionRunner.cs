using System.Collections.Concurrent;
using Flyball.Actions.Executors;
using Flyball.Actions.Records;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Actions.Policy;

/// <summary>Has allowed actions done, each in its turn: so many at once per policy, so many at once at all.</summary>
internal sealed class ActionRunner(
    PolicyEngineOptions options, IExecutor command, IExecutor http, PolicyEngine engine, TimeProvider time, ActionMetrics metrics,
    ILogger log, CancellationToken stopping) : IAsyncDisposable
{
    private readonly SemaphoreSlim _running = new(options.MostRunning);
    private readonly ConcurrentDictionary<(string Policy, int Concurrency), SemaphoreSlim> _perPolicy = [];
    private readonly ConcurrentDictionary<string, Task> _tasks = [];
    private int _waiting;

    /// <summary>Whether another action may wait.</summary>
    public bool HasRoom => Volatile.Read(ref _waiting) < options.MostWaitingActions;

    /// <summary>Takes an allowed action over; it is done when its turn comes.</summary>
    public void Run(ActionRecord record, PreparedAction action, int concurrency)
    {
        Interlocked.Increment(ref _waiting);

        // Registered before it runs, so that stopping waits for it whenever it begins.
        var begun = new TaskCompletionSource();
        _tasks[record.Id] = RunRegisteredAsync(record, action, concurrency, begun.Task);
        begun.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_tasks.Values);
        _running.Dispose();
        foreach (var gate in _perPolicy.Values)
        {
            gate.Dispose();
        }
    }

    private async Task RunRegisteredAsync(ActionRecord record, PreparedAction action, int concurrency, Task begun)
    {
        await begun;
        try
        {
            await RunInTurnAsync(record, action, concurrency);
        }
        catch (IOException e)
        {
            // The attempt could not be noted, so it was not made; or its outcome could not, which the next start will say.
            metrics.NotJournalled();
            ActionsLog.NotJournalled(log, record.Policy, record.Id, e);
        }
        finally
        {
            _tasks.TryRemove(record.Id, out _);
        }
    }

    private async Task RunInTurnAsync(ActionRecord record, PreparedAction action, int concurrency)
    {
        var policy = _perPolicy.GetOrAdd((record.Policy, concurrency), static key => new SemaphoreSlim(key.Concurrency));
        var isWaiting = true;
        try
        {
            await policy.WaitAsync(stopping);
            try
            {
                await _running.WaitAsync(stopping);
                try
                {
                    Interlocked.Decrement(ref _waiting);
                    isWaiting = false;
                    await AttemptAsync(record, action);
                }
                finally
                {
                    _running.Release();
                }
            }
            finally
            {
                policy.Release();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && isWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            await EndAsync(record with { Status = ActionStatus.Failed, Error = "the server stopped before it was begun" }, interrupted: true);
        }
    }

    private async Task AttemptAsync(ActionRecord record, PreparedAction action)
    {
        await engine.AppendAsync(ActionEntries.Attempt(record), CancellationToken.None);
        record = record with { Status = ActionStatus.Running, StartedAt = TimestampNs.Now(time) };
        metrics.Started(record);
        var executor = action.Argv.Count > 0 ? command : http;
        try
        {
            var outcome = await executor.RunAsync(action, stopping);
            await EndAsync(
                record with
                {
                    Status = outcome.Succeeded ? ActionStatus.Succeeded : ActionStatus.Failed,
                    FinishedAt = TimestampNs.Now(time),
                    Output = outcome.Output,
                    Error = outcome.Error,
                    Code = outcome.Code,
                },
                interrupted: false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await EndAsync(
                record with
                {
                    Status = ActionStatus.Failed,
                    FinishedAt = TimestampNs.Now(time),
                    Error = "the server stopped while it was running; it was ended and is not tried again",
                },
                interrupted: true);
        }
    }

    private async Task EndAsync(ActionRecord record, bool interrupted)
    {
        metrics.Ended(record);
        ActionsLog.Ended(log, record.Policy, record.Status, record.Id);

        // Even while stopping: without this entry the next start would have to guess.
        await engine.AppendAsync(ActionEntries.Outcome(record, interrupted), CancellationToken.None);
    }
}
