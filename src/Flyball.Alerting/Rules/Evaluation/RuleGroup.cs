using Flyball.Alerting.Rules.Files;
using Flyball.Model.Alerts;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>A group of rules and their state. Evaluations come one after the other; snapshots from any thread.</summary>
internal sealed class RuleGroup
{
    private readonly RuleGroupEnvironment _environment;
    private readonly SampleBatch _batch = new();
    private readonly Lock _state = new();
    private readonly ForStateRestorer _restorer;
    private EvaluationOutcome _outcome = EvaluationOutcome.Never;
    private List<EvaluatedRule> _removed = [];

    public RuleGroup(RuleGroupConfig config, RuleSettings settings, RuleGroupEnvironment environment)
    {
        Config = config;
        Settings = settings;
        _environment = environment;
        _restorer = new ForStateRestorer(environment.Source, settings);
        Rules = [.. config.Rules.Select(r => r.IsAlert ? (EvaluatedRule)new AlertingRule(r) : new RecordingRule(r))];
    }

    public RuleGroupConfig Config { get; }

    public RuleSettings Settings { get; }

    public IReadOnlyList<EvaluatedRule> Rules { get; }

    public DurationMs Interval => Config.Interval ?? Settings.EvaluationInterval;

    /// <summary>The time of the last evaluation; the next one must be later, or its samples would be out of order.</summary>
    public TimestampMs LastAt { get; private set; } = TimestampMs.Min;

    /// <summary>How the last evaluation went; <see cref="EvaluationOutcome.Error"/> is unused.</summary>
    public EvaluationOutcome Outcome
    {
        get
        {
            lock (_state)
            {
                return _outcome;
            }
        }
    }

    /// <summary>Alerting rules must not write before it is known how long their conditions held before a restart.</summary>
    public void AwaitRestore()
    {
        foreach (var rule in Rules.OfType<AlertingRule>())
        {
            rule.IsRestored = rule.Config.For < Settings.ForGracePeriod;
            rule.AwaitsRecognition = rule.IsRestored;
        }
    }

    /// <summary>Takes over the state of the group this one replaces; what has no successor ends at the next evaluation.</summary>
    public void CopyState(RuleGroup predecessor, TimestampMs now)
    {
        var context = NewContext(now, causedAt: null);
        var orphans = predecessor.Rules.ToList();
        lock (_state)
        {
            foreach (var rule in Rules)
            {
                var match = orphans.FindIndex(rule.IsSameAs);
                if (match >= 0)
                {
                    rule.CopyState(orphans[match], context);
                    orphans.RemoveAt(match);
                }
            }

            _removed = [.. orphans, .. predecessor._removed];
            LastAt = predecessor.LastAt;
            _outcome = predecessor._outcome;
        }
    }

    /// <summary>Evaluates every rule in order.</summary>
    /// <returns>Names of the metrics of which a series appeared, vanished or took another value.</returns>
    public async Task<IReadOnlyCollection<string>> EvaluateAsync(TimestampMs at, TimestampNs? causedAt, CancellationToken cancellationToken)
    {
        var started = _environment.Time.GetTimestamp();
        var changed = new HashSet<string>();
        LastAt = at;
        await EndRemovedAsync(at, cancellationToken);
        foreach (var rule in Rules)
        {
            await EvaluateAsync(rule, NewContext(at, causedAt), changed, cancellationToken);
        }

        lock (_state)
        {
            _outcome = new EvaluationOutcome(at, _environment.Time.GetElapsedTime(started), "");
        }

        return changed;
    }

    /// <summary>Finds out how long conditions had held before the last stop. Once, after the second evaluation.</summary>
    public void Restore(TimestampMs at, CancellationToken cancellationToken)
    {
        foreach (var rule in Rules.OfType<AlertingRule>().Where(r => !r.IsRestored))
        {
            IReadOnlyList<(ActiveAlert Alert, TimestampMs ActiveAt)> restored;
            try
            {
                restored = _restorer.Find(rule, at, cancellationToken);
            }
            catch (Exception e) when (e is IOException or SeriesLimitException)
            {
                RuleLog.RestoreFailed(_environment.Logger, Config.Key, rule.Config.Name, e);
                restored = [];
            }

            lock (_state)
            {
                foreach (var (alert, activeAt) in restored)
                {
                    alert.ActiveAt = activeAt;
                }

                rule.IsRestored = true;
            }
        }
    }

    /// <summary>Ends everything: its rules are gone from the configuration.</summary>
    public Task RetireAsync(TimestampMs at, CancellationToken cancellationToken)
    {
        _removed = [.. Rules, .. _removed];
        return EndRemovedAsync(at, cancellationToken);
    }

    /// <summary>When, after the present, the passing of time alone will change the state of an alert; null = never.</summary>
    public TimestampMs? NextDeadline()
    {
        TimestampMs? next = null;
        foreach (var rule in Rules)
        {
            next = (rule as AlertingRule)?.NextDeadline() is { } due && (next is null || due < next) ? due : next;
        }

        return next;
    }

    /// <summary>Reads the state of its rules while nothing changes it.</summary>
    public T Read<T>(Func<RuleGroup, T> read)
    {
        lock (_state)
        {
            return read(this);
        }
    }

    private async Task EvaluateAsync(EvaluatedRule rule, EvaluationContext context, HashSet<string> changed, CancellationToken cancellationToken)
    {
        var started = _environment.Time.GetTimestamp();
        var error = "";
        try
        {
            await rule.PrepareAsync(context, cancellationToken);
            if (rule is AlertingRule { AwaitsRecognition: true } alerting)
            {
                alerting.FiredBefore = _restorer.FindFiring(alerting, context.At, cancellationToken);
                alerting.AwaitsRecognition = false;
            }

            lock (_state)
            {
                rule.Commit(context);
            }

            await StoreAsync(rule, cancellationToken);
            if (rule.Written.HasChanged)
            {
                changed.UnionWith(rule.Writes);
            }
        }
        catch (Exception e) when (e is PromQLQueryException or RuleEvaluationException or IOException or SeriesLimitException
            && !cancellationToken.IsCancellationRequested)
        {
            error = e.Message;
            // A reactive group may fail a hundred times a second: the same failure is said once.
            if (error != rule.Outcome.Error)
            {
                RuleLog.RuleFailed(_environment.Logger, Config.Key, rule.Config.Name, e);
            }
        }
        finally
        {
            // Also after a failure: a rule that exceeded its limit has dropped its alerts.
            Publish(context);
        }

        var took = _environment.Time.GetElapsedTime(started);
        _environment.Metrics.RuleEvaluated(Config.Key, took, error.Length > 0);
        lock (_state)
        {
            rule.Outcome = new EvaluationOutcome(context.At, took, error);
        }
    }

    // Each rule's series are stored before the next rule is evaluated, because it may read them.
    private async Task StoreAsync(EvaluatedRule rule, CancellationToken cancellationToken)
    {
        if (_batch.SampleCount == 0)
        {
            return;
        }

        var report = await _environment.Sink.AppendAsync(_batch, AppendMode.StoreWhatFits, cancellationToken);
        rule.Written.Learn(_batch);
        if (report.Rejected.Count > 0)
        {
            _environment.Metrics.SamplesRejected(report.Rejected.Count);
            RuleLog.SamplesRejected(_environment.Logger, Config.Key, rule.Config.Name, report.Rejected.Count, report.Rejected[0].Outcome);
        }
    }

    private async Task EndRemovedAsync(TimestampMs at, CancellationToken cancellationToken)
    {
        foreach (var rule in _removed)
        {
            var context = NewContext(at, causedAt: null);
            lock (_state)
            {
                if (rule is AlertingRule alerting)
                {
                    alerting.Retire(context);
                }
                else
                {
                    rule.Written.Begin();
                    rule.Written.End(context.Batch, context.DataTime);
                }
            }

            Publish(context);
            try
            {
                await StoreAsync(rule, cancellationToken);
            }
            catch (IOException e)
            {
                RuleLog.RuleFailed(_environment.Logger, Config.Key, rule.Config.Name, e);
            }
        }

        _removed = [];
    }

    private void Publish(EvaluationContext context)
    {
        foreach (var sink in _environment.Transitions)
        {
            if (context.Transitions.Count > 0)
            {
                sink.Publish(context.Transitions);
            }

            if (context.Refreshes.Count > 0 && sink is IAlertRefreshSink refreshes)
            {
                refreshes.Refresh(context.Refreshes);
            }
        }
    }

    private EvaluationContext NewContext(TimestampMs at, TimestampNs? causedAt)
    {
        _batch.Clear();
        return new EvaluationContext(at, Config.QueryOffset ?? Settings.QueryOffset, causedAt)
        {
            Query = _environment.Query.For(Config.Name, Config.File),
            Settings = Settings,
            Limit = Config.Limit,
            Batch = _batch,
            Transitions = [],
            Refreshes = [],
        };
    }
}

/// <summary>What groups need of the world around them.</summary>
internal sealed record RuleGroupEnvironment(
    IRuleQuery Query,
    ISeriesSource Source,
    ISampleSink Sink,
    IReadOnlyList<IAlertTransitionSink> Transitions,
    RuleMetrics Metrics,
    TimeProvider Time,
    ILogger Logger);
