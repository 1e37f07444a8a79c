using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>One run as merged from facts: the same facts in any order, any number of times, give the same run.</summary>
/// <remarks>Not thread-safe; <see cref="RunBook"/> guards it. <see cref="Current"/> is immutable and may be handed out.</remarks>
internal sealed class RunRecord
{
    private readonly Dictionary<TaskKey, TaskRecord> _tasks = [];
    private bool _hasStandIns;
    private bool _hasUntoldAttempts;
    private readonly LifeRegisters _life = new();
    private readonly VcsRegisters _vcs = new();
    private readonly AttributeRegisters _attributes = new();
    private Register<TraceId> _trace;
    private Register<SpanId> _sentSpan;
    private Register<string> _pipeline;
    private Register<string> _number;
    private Register<string> _url;
    private Register<string> _actor;
    private Register<string> _trigger;
    private Register<string> _environment;
    private readonly SortedDictionary<string, RunKey> _links = new(StringComparer.Ordinal);
    private RunKey? _parent;

    public RunRecord(RunKey key, TimestampNs firstHeard)
    {
        Key = key;
        FirstHeard = firstHeard;
        LastHeard = firstHeard;
        Current = ToRun();
    }

    public RunKey Key { get; }

    /// <summary>When the first and the last fact about it arrived.</summary>
    public TimestampNs FirstHeard { get; }

    public TimestampNs LastHeard { get; private set; }

    /// <summary>Whether the history holds the run as it is now.</summary>
    public bool IsInHistory { get; set; }

    /// <summary>The run as it is now.</summary>
    public PipelineRun Current { get; private set; }

    /// <summary>Merges a fact.</summary>
    /// <returns>Whether the run is another one now.</returns>
    public bool Merge(RunFact fact)
    {
        LastHeard = fact.ReceivedAt > LastHeard ? fact.ReceivedAt : LastHeard;
        var order = FactOrder.Plain(fact.SourceTime);
        var changed = _life.Merge(fact.Life, fact.SourceTime, order, fact.ReceivedAt);
        changed |= _trace.MergeIfSaid(fact.TraceId, order);
        changed |= _sentSpan.MergeIfSaid(fact.SentSpanId, order);
        changed |= _pipeline.MergeIfSaid(fact.Pipeline, order);
        changed |= _number.MergeIfSaid(fact.Number, order);
        changed |= _url.MergeIfSaid(fact.Url, order);
        changed |= _actor.MergeIfSaid(fact.Actor, order);
        changed |= _trigger.MergeIfSaid(fact.Trigger, order);
        changed |= _environment.MergeIfSaid(fact.Environment, order);
        changed |= _vcs.Merge(fact.Vcs, order);
        changed |= _attributes.Merge(fact.Attributes, order);
        if (fact.Parent is not null && (_parent is null || string.CompareOrdinal(fact.Parent.ToString(), _parent.ToString()) > 0))
        {
            _parent = fact.Parent;
            changed = true;
        }

        foreach (var link in fact.Links ?? [])
        {
            changed |= _links.TryAdd(link.ToString(), link);
        }

        foreach (var task in fact.Tasks)
        {
            changed |= MergeTask(task, fact);
        }

        if (changed)
        {
            Current = ToRun();
        }
        else if (_life.Cycle != Current.Cycle)
        {
            // A repeated end in a later life: nothing anybody sees.
            Current = Current with { Cycle = _life.Cycle };
        }

        return changed;
    }

    private bool MergeTask(TaskFact fact, RunFact around)
    {
        var isNew = !_tasks.TryGetValue(fact.Key, out var task);
        if (isNew)
        {
            if (_tasks.Count >= FactLimits.MostTasks)
            {
                return false;
            }

            _tasks[fact.Key] = task = new TaskRecord(fact.Key);
        }

        var changed = task!.Merge(fact, around.SourceTime, around.ReceivedAt);
        _hasStandIns |= !task.HasId || task.AlsoKnownAs is not null;
        _hasUntoldAttempts |= task.ToldAttempt is null;
        return changed | isNew;
    }

    private PipelineRun ToRun()
    {
        var trace = _trace.IsSet ? _trace.Value : Key.DeriveTraceId();
        var tasks = TasksInOrder(trace);
        var started = _life.StartedAt ?? Earliest(tasks);
        return new PipelineRun
        {
            Key = Key,
            TraceId = trace,
            SpanId = _sentSpan.IsSet ? _sentSpan.Value : RunKey.DeriveSpanId(trace, RunIds.RunKind),
            SpanIsSent = _sentSpan.IsSet,
            Pipeline = _pipeline.Or(""),
            Number = _number.Or(""),
            State = _life.HasState || started is null ? _life.State : RunState.Executing,
            Result = _life.Result,
            ErrorType = _life.ErrorType,
            Message = _life.Message,
            Url = _url.Or(""),
            CreatedAt = _life.CreatedAt,
            StartedAt = started,
            FinalizingAt = _life.FinalizingAt,
            FinishedAt = _life.FinishedAt,
            EndKnownAt = _life.EndKnownAt,
            Cycle = _life.Cycle,
            FirstHeardAt = FirstHeard,
            Vcs = _vcs.ToFacts(),
            Actor = _actor.Or(""),
            Trigger = _trigger.Or(""),
            Environment = _environment.Or(""),
            Parent = _parent,

            // The bound is on what shows, not on what is merged: else the order of arrival would decide which are in.
            Links = [.. _links.Values.Take(FactLimits.MostLinks)],
            Tasks = tasks,
            Attributes = _attributes.ToFacts(),
        };
    }

    private TaskRun[] TasksInOrder(TraceId trace)
    {
        if (!_hasStandIns && !_hasUntoldAttempts)
        {
            var told = new TaskRun[_tasks.Count];
            var at = 0;
            foreach (var task in _tasks.Values)
            {
                told[at++] = task.ToRun(Key, trace, task.ToldAttempt!.Value);
            }

            return InOrder(told);
        }

        var runs = new List<TaskRun>(_tasks.Count);
        var known = _tasks.Values.Where(t => t.HasId && t.AlsoKnownAs is not null).Select(t => t.AlsoKnownAs!).ToHashSet(StringComparer.Ordinal);
        foreach (var group in _tasks.Values.Where(t => t.HasId || !known.Contains(t.Key.Id)).GroupBy(t => t.Name, StringComparer.Ordinal))
        {
            var counted = 0;
            foreach (var task in group.OrderBy(t => Begin(t).Value).ThenBy(t => t.Key.Id, StepOrder.Instance).ThenBy(t => t.Key.Attempt))
            {
                counted++;
                runs.Add(task.ToRun(Key, trace, task.ToldAttempt ?? counted));
            }
        }

        return InOrder([.. runs]);
    }

    private static TaskRun[] InOrder(TaskRun[] runs)
    {
        Array.Sort(runs, static (a, b) =>
        {
            var order = Shown(a).CompareTo(Shown(b));
            order = order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
            order = order != 0 ? order : a.Attempt.CompareTo(b.Attempt);
            order = order != 0 ? order : StepOrder.Instance.Compare(a.Key.Id, b.Key.Id);
            return order != 0 ? order : a.Key.Attempt.CompareTo(b.Key.Attempt);
        });
        return runs;
    }

    private static ulong Shown(TaskRun task) => (task.StartedAt ?? task.CreatedAt ?? new TimestampNs(ulong.MaxValue)).Value;

    private static TimestampNs Begin(TaskRecord task) => task.Life.CreatedAt ?? task.Life.StartedAt ?? default;

    private static TimestampNs? Earliest(TaskRun[] tasks)
    {
        TimestampNs? earliest = null;
        foreach (var task in tasks)
        {
            earliest = task.StartedAt is { } started && (earliest is null || started < earliest) ? started : earliest;
        }

        return earliest;
    }
}
