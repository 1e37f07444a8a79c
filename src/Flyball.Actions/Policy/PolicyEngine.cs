using System.Threading.Channels;
using Flyball.Actions.Configuration;
using Flyball.Actions.Executors;
using Flyball.Actions.Records;
using Flyball.Model.Alerts;
using Flyball.Model.Journaling;
using Flyball.Model.Time;
using Flyball.Templates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Actions.Policy;

/// <summary>How the engine is bounded.</summary>
public sealed record PolicyEngineOptions
{
    /// <summary>Firing alerts that may wait for a decision; more are dropped and counted.</summary>
    public int MostWaitingAlerts { get; init; } = 10_000;

    /// <summary>Allowed actions that may wait for their turn; more are refused.</summary>
    public int MostWaitingActions { get; init; } = 200;

    /// <summary>Actions running at once, over all policies.</summary>
    public int MostRunning { get; init; } = 16;
}

/// <summary>Decides about firing alerts by policy, and has done what it allowed. Nothing is done but through here.</summary>
/// <remarks>
/// The way of an alert: 1. Every policy whose matchers accept it looks at it. 2. An instance that was decided about before is not looked
/// at again. 3. The condition is asked. 4. Cooldown and rate limit are asked, on the state of the journal up to an entry; the decision is
/// appended right behind that entry, or taken again if somebody else was first. 5. What is allowed waits for its turn. 6. The attempt is
/// appended, then made. 7. The outcome is appended.
/// What the journal cannot take is not done. After a crash, what was open is noted as interrupted and not tried again: whether it
/// had an effect, nobody knows. Safe from many threads.
/// </remarks>
public sealed class PolicyEngine : IAlertTransitionSink, IAsyncDisposable
{
    private const int DecisionsAtOnce = 8;
    private const int MostConflicts = 8;

    private readonly IJournal _journal;
    private readonly IPolicyCondition _condition;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ActionBook _book = new();
    private readonly ActionMetrics _metrics;
    private readonly Channel<AlertTransition> _alerts;
    private readonly SemaphoreSlim _deciding = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ActionRunner _runner;
    private readonly HttpExecutor _http;
    private IActionObserver[] _observers = [];
    private ActionsConfig _config = ActionsConfig.Empty;
    private Task _loop = Task.CompletedTask;

    /// <summary>Makes an engine; call <see cref="StartAsync"/> before anything else.</summary>
    public PolicyEngine(
        ActionsConfig config, PolicyEngineOptions options, IJournal journal, IPolicyCondition condition, TimeProvider time,
        ILogger<PolicyEngine>? log = null)
    {
        _config = config;
        _journal = journal;
        _condition = condition;
        _time = time;
        _log = log ?? NullLogger<PolicyEngine>.Instance;
        _alerts = Channel.CreateBounded<AlertTransition>(
            new BoundedChannelOptions(options.MostWaitingAlerts) { FullMode = BoundedChannelFullMode.Wait });
        _metrics = new ActionMetrics(() => _alerts.Reader.Count);
        _http = new HttpExecutor(time);
        _runner = new ActionRunner(options, new CommandExecutor(time), _http, this, time, _metrics, _log, _stopping.Token);
    }

    /// <summary>The policies in force.</summary>
    public ActionsConfig Config => Volatile.Read(ref _config);

    /// <summary>Reads the journal, notes what a crash interrupted, and begins to decide.</summary>
    /// <exception cref="IOException">The journal cannot be read or written.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await CatchUpAsync(cancellationToken);
        foreach (var open in _book.NewestFirst().Where(r => r.IsOpen))
        {
            var record = open with
            {
                Status = ActionStatus.Failed,
                FinishedAt = TimestampNs.Now(_time),
                Error = open.Status == ActionStatus.Running
                    ? "the server ended while it was running; whether it had an effect is not known, and it is not tried again"
                    : "the server ended before it was begun; it is not tried again",
            };
            await AppendAsync(ActionEntries.Outcome(record, interrupted: true), cancellationToken);
        }

        _loop = DecideAllAsync();
    }

    /// <summary>Puts another configuration in force; what was allowed before is still done.</summary>
    public void Reload(ActionsConfig config) => Volatile.Write(ref _config, config);

    /// <summary>Adds somebody who wants to know of records that change.</summary>
    public void AddObserver(IActionObserver observer)
    {
        lock (_book)
        {
            _observers = [.. _observers, observer];
        }
    }

    /// <inheritdoc />
    public void Publish(IReadOnlyList<AlertTransition> transitions)
    {
        foreach (var transition in transitions)
        {
            if (transition.To != AlertState.Firing || transition.From == AlertState.Firing)
            {
                continue;
            }

            if (!_alerts.Writer.TryWrite(transition))
            {
                _metrics.Dropped();
                ActionsLog.AlertDropped(_log, transition.Labels["alertname"]);
            }
        }
    }

    /// <summary>Decisions and what became of them, newest first; the latest 10 000.</summary>
    public IReadOnlyList<ActionRecord> NewestFirst() => _book.NewestFirst();

    /// <summary>When a policy decided last; null if never.</summary>
    public TimestampMs? LastDecision(string policy) => _book.LastDecision(policy);

    /// <summary>Stops deciding, ends what runs (noted as interrupted) and waits for it.</summary>
    public async ValueTask DisposeAsync()
    {
        _alerts.Writer.TryComplete();
        await _stopping.CancelAsync();
        await _loop;
        await _runner.DisposeAsync();
        _stopping.Dispose();
        _deciding.Dispose();
        _http.Dispose();
        _metrics.Dispose();
    }

    /// <summary>Appends an entry that nobody's belief about the head can spoil, and applies it.</summary>
    internal async ValueTask<ActionRecord?> AppendAsync(JournalDraft draft, CancellationToken cancellationToken)
    {
        var entry = await _journal.AppendAsync(draft, expectedHead: null, cancellationToken);
        await _deciding.WaitAsync(CancellationToken.None);
        try
        {
            // Entries apply in their order, so those of others in between come first.
            await CatchUpAsync(CancellationToken.None);
        }
        finally
        {
            _deciding.Release();
        }

        return _book.Find(entry.Draft.Subject);
    }

    private async Task DecideAllAsync()
    {
        try
        {
            await Parallel.ForEachAsync(
                _alerts.Reader.ReadAllAsync(_stopping.Token),
                new ParallelOptions { MaxDegreeOfParallelism = DecisionsAtOnce, CancellationToken = _stopping.Token },
                async (alert, token) =>
                {
                    foreach (var policy in Config.Policies)
                    {
                        if (policy.Alerts.All(m => m.Matches(alert.Labels)))
                        {
                            await DecideAsync(new PolicyCase(policy, alert), token);
                        }
                    }
                });
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            // A mistake of ours: no policy acts from here on, and that must not go unnoticed until the server stops.
            ActionsLog.DecisionsEnded(_log, e);
            throw;
        }
    }

    private async Task DecideAsync(PolicyCase @case, CancellationToken cancellationToken)
    {
        try
        {
            // 2. Not twice.
            if (_book.Find(@case.Id) is not null)
            {
                _metrics.Repeated();
                return;
            }

            // 3. and the templates, before anything is promised.
            var (verdict, prepared) = await AskConditionAsync(@case, cancellationToken);

            // 4. Decide on the newest state, and say so before anything is done.
            var record = await DecideOnStateAsync(@case, verdict, prepared, cancellationToken);
            if (record is null)
            {
                return;
            }

            _metrics.Decided(record);
            ActionsLog.Decided(_log, record.Policy, record.Status, record.Rule, record.Id);

            // 5. to 7.
            if (record.Status == ActionStatus.Allowed)
            {
                _runner.Run(record, prepared!, @case.Policy.Concurrency);
            }
        }
        catch (IOException e)
        {
            // No entry, no deed.
            _metrics.NotJournalled();
            ActionsLog.NotJournalled(_log, @case.Policy.Name, @case.Alert.Labels["alertname"], e);
        }
    }

    private async Task<(Verdict Verdict, PreparedAction? Prepared)> AskConditionAsync(PolicyCase @case, CancellationToken cancellationToken)
    {
        try
        {
            var prepared = @case.Prepare();
            if (@case.Policy.Condition is not { } condition)
            {
                return (Verdict.Yes("every rule of the policy agrees"), prepared);
            }

            var query = condition.Expand(TemplateFacts.ForQuery(@case.Facts));
            return await _condition.HoldsAsync(query, cancellationToken)
                ? (Verdict.Yes("every rule of the policy agrees"), prepared)
                : (Verdict.No("condition", $"the condition has no result now: {query}"), prepared);
        }
        catch (TemplateException e)
        {
            return (Verdict.No("template", e.Message), null);
        }
        catch (PolicyConditionException e)
        {
            return (Verdict.No("condition", $"the condition could not be answered: {e.Message}"), null);
        }
    }

    private async Task<ActionRecord?> DecideOnStateAsync(
        PolicyCase @case, Verdict asked, PreparedAction? prepared, CancellationToken cancellationToken)
    {
        await _deciding.WaitAsync(cancellationToken);
        try
        {
            for (var conflicts = 0; ; conflicts++)
            {
                await CatchUpAsync(cancellationToken);
                if (_book.Find(@case.Id) is not null)
                {
                    return null;
                }

                var verdict = asked.IsAllowed ? PolicyRules.Decide(@case.Policy, @case.Group, _book, TimestampMs.Now(_time)) : asked;
                if (verdict.IsAllowed && !@case.Policy.DryRun && !_runner.HasRoom)
                {
                    verdict = Verdict.No("queue", "too many allowed actions wait for their turn already");
                }

                var draft = ActionEntries.Decision(@case.Record(verdict, prepared?.Summary ?? ""));
                if (conflicts == MostConflicts)
                {
                    return await DecideAnywhereAsync(draft, cancellationToken);
                }

                try
                {
                    var entry = await _journal.AppendAsync(draft, expectedHead: _book.Position, cancellationToken);
                    return Apply(entry);
                }
                catch (JournalConflictException)
                {
                    // Another entry was first; it may be about this very policy.
                }
            }
        }
        finally
        {
            _deciding.Release();
        }
    }

    /// <summary>Where others write without pause, nobody would ever be first: append wherever there is room, then look who came between.</summary>
    private async Task<ActionRecord?> DecideAnywhereAsync(JournalDraft draft, CancellationToken cancellationToken)
    {
        var decidedOn = _book.Position;
        var entry = await _journal.AppendAsync(draft, expectedHead: null, cancellationToken);
        await foreach (var between in _journal.ReadAsync(decidedOn, CancellationToken.None))
        {
            if (draft.Kind == ActionEntries.Allowed && between.Position < entry.Position
                && between.Draft.Kind == ActionEntries.Allowed && between.Draft.Actor == draft.Actor)
            {
                await CatchUpAsync(CancellationToken.None);
                var withdrawn = _book.Find(draft.Subject)! with
                {
                    Status = ActionStatus.Failed,
                    FinishedAt = TimestampNs.Now(_time),
                    Error = "another decision of this policy came in between; this one is withdrawn and nothing was done",
                };
                await _journal.AppendAsync(ActionEntries.Outcome(withdrawn, interrupted: true), expectedHead: null, CancellationToken.None);
                await CatchUpAsync(CancellationToken.None);
                return null;
            }
        }

        await CatchUpAsync(CancellationToken.None);
        return _book.Find(draft.Subject);
    }

    private async ValueTask CatchUpAsync(CancellationToken cancellationToken)
    {
        if (_book.Position == _journal.Head)
        {
            return;
        }

        await foreach (var entry in _journal.ReadAsync(_book.Position, cancellationToken))
        {
            Apply(entry);
        }
    }

    private ActionRecord? Apply(JournalEntry entry)
    {
        var record = _book.Apply(entry);
        if (record is not null)
        {
            foreach (var observer in _observers)
            {
                observer.OnActionChanged(record);
            }
        }

        return record;
    }
}
