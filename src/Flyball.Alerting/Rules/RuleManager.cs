using Flyball.Alerting.Rules.Evaluation;
using Flyball.Alerting.Rules.Files;
using Flyball.Alerting.Rules.Reacting;
using Flyball.Model.Alerts;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Rules;

/// <summary>What rules need of the world around them.</summary>
/// <param name="Engine">Evaluates their expressions.</param>
/// <param name="Source">What the expressions read; also where the state before a restart is looked up.</param>
/// <param name="Sink">Where results go: the store itself, not something that calls <see cref="RuleManager.OnAppended"/>,
/// because groups tell one another of what they wrote.</param>
/// <param name="Transitions">Who is told when an alert changes its state.</param>
public sealed record RuleEnvironment(
    PromQLEngine Engine,
    ISeriesSource Source,
    ISampleSink Sink,
    IReadOnlyList<IAlertTransitionSink> Transitions,
    TimeProvider Time,
    ILogger Logger)
{
    /// <summary>Is told of every query of a rule that came to an end, from the thread that asked; null = nobody is.</summary>
    public Action<RuleQueryRecord>? Asked { get; init; }
}

/// <summary>Evaluates the rules in force, by the clock and when what they read arrives.</summary>
/// <remarks>Safe from many threads. Dispose it to stop: nothing is marked as ended then, because a restart goes on.</remarks>
public sealed class RuleManager : IAsyncDisposable
{
    private readonly RuleGroupEnvironment _environment;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RuleMetrics _metrics;
    private readonly SemaphoreSlim _applying = new(1);

    // Both are replaced as a whole by a reload; readers take what is there.
    private volatile IReadOnlyList<RuleGroupLoop> _loops = [];
    private volatile ArrivalIndex _arrivals = ArrivalIndex.Empty;
    private bool _hasApplied;

    /// <summary>Makes a manager without rules.</summary>
    public RuleManager(RuleEnvironment environment)
        : this(environment, new EngineQuery(environment.Engine, environment.Source, environment.Asked))
    {
    }

    internal RuleManager(RuleEnvironment environment, IRuleQuery query)
    {
        _time = environment.Time;
        _logger = environment.Logger;
        _metrics = new RuleMetrics(() => _loops.Select(l => l.Group));
        _environment = new RuleGroupEnvironment(
            query, environment.Source, environment.Sink, environment.Transitions, _metrics, environment.Time, environment.Logger);
    }

    /// <summary>Completes when everything that was due has been evaluated.</summary>
    internal Task IdleAsync() => Task.WhenAll(_loops.Select(l => l.IdleAsync()));

    /// <summary>Puts rules in force: the first ones, or those of a reload. Unchanged rules keep their state.</summary>
    /// <remarks>Waits for evaluations of replaced groups to end. Alerts of rules that are gone are told as resolved.</remarks>
    public async Task ApplyAsync(IReadOnlyList<RuleGroupConfig> groups, RuleSettings settings, CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            var previous = _loops.ToDictionary(l => l.Group.Config.Key);
            var next = new List<RuleGroupLoop>();
            foreach (var config in groups.DistinctBy(g => g.Key))
            {
                next.Add(await ReplaceAsync(config, settings, previous));
            }

            foreach (var removed in previous.Values)
            {
                await removed.DisposeAsync();
                await removed.Group.RetireAsync(TimestampMs.Now(_time), cancellationToken);
            }

            _arrivals = new ArrivalIndex(next);
            _loops = next;
            _hasApplied = true;
            var reactive = next.Count(l => l.Group.Config.Reactive is not null);
            RuleLog.GroupsApplied(_logger, next.Count, reactive);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>Samples were written: reactive groups that read one of their metrics are evaluated soon.</summary>
    /// <param name="arrivedAt">When they arrived; null = now.</param>
    /// <remarks>Costs next to nothing when no group is reactive, and a hash per metric name otherwise.</remarks>
    public void OnAppended(SampleBatch batch, TimestampNs? arrivedAt = null)
    {
        var arrivals = _arrivals;
        if (arrivals != ArrivalIndex.Empty)
        {
            arrivals.Appended(batch, arrivedAt ?? TimestampNs.Now(_time));
        }
    }

    /// <summary>Series of these names changed that no batch shows, e.g. those synthesised from runs.</summary>
    /// <param name="arrivedAt">When what changed them arrived; null = now.</param>
    public void OnSeriesChanged(IEnumerable<string> metricNames, TimestampNs? arrivedAt = null) =>
        _arrivals.Changed(metricNames, arrivedAt ?? TimestampNs.Now(_time), except: null);

    /// <summary>The groups in force with their rules and alerts, in the order of the configuration.</summary>
    public IReadOnlyList<RuleGroupSnapshot> Snapshot() => [.. _loops.Select(l => RuleGroupSnapshot.Of(l.Group))];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _applying.WaitAsync();
        foreach (var loop in _loops)
        {
            await loop.DisposeAsync();
        }

        _loops = [];
        _arrivals = ArrivalIndex.Empty;
        _metrics.Dispose();
        _applying.Dispose();
    }

    // Takes the group out of "previous" if it has a predecessor there.
    private async Task<RuleGroupLoop> ReplaceAsync(
        RuleGroupConfig config, RuleSettings settings, Dictionary<string, RuleGroupLoop> previous)
    {
        var hasPredecessor = previous.Remove(config.Key, out var before);
        if (hasPredecessor && RuleGroupIdentity.AreEqual(before!.Group, config, settings))
        {
            return before;
        }

        var group = new RuleGroup(config, settings, _environment);
        if (hasPredecessor)
        {
            await before!.DisposeAsync();
            group.CopyState(before.Group, TimestampMs.Now(_time));
        }
        else if (!_hasApplied)
        {
            group.AwaitRestore();
        }

        var loop = new RuleGroupLoop(group, _time, _metrics, _logger, Changed);
        loop.Start();
        return loop;
    }

    private void Changed(RuleGroupLoop writer, IReadOnlyCollection<string> names) =>
        _arrivals.Changed(names, TimestampNs.Now(_time), except: writer);
}
