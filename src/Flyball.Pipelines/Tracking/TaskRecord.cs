using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>One attempt of a task as merged from facts.</summary>
internal sealed class TaskRecord(TaskKey key)
{
    // Made when there is something to hold: most tasks have neither.
    private AttributeRegisters? _attributes;
    private SortedDictionary<string, StepRecord>? _steps;
    private Register<string> _name;
    private Register<string> _type;
    private Register<string> _stage;
    private Register<int> _attempt;
    private Register<bool> _softFail;
    private Register<string> _worker;
    private Register<string> _url;
    private Register<string> _logTail;
    private Register<SpanId> _sentSpan;
    private Register<string> _alsoKnownAs;
    private TaskRun? _shown;
    private TraceId _shownIn;

    public TaskKey Key { get; } = key;

    public LifeRegisters Life { get; } = new();

    /// <summary>Whether its id was told; else it is known by name only and gives way to who is also known by that name.</summary>
    public bool HasId { get; private set; }

    public string? AlsoKnownAs => _alsoKnownAs.Value;

    public string Name => _name.Or(Key.Id);

    /// <summary>Attempt as the system told it; null = to be counted.</summary>
    public int? ToldAttempt => _attempt.IsSet ? _attempt.Value : Key.Attempt > 0 ? Key.Attempt + 1 : null;

    public bool Merge(TaskFact fact, TimestampNs factTime, TimestampNs receivedAt)
    {
        var time = fact.SourceTime ?? factTime;
        var order = FactOrder.Plain(time);
        var changed = Life.Merge(fact.Life, time, order, receivedAt);
        changed |= HasId != (HasId | !fact.IsStandIn);
        HasId |= !fact.IsStandIn;
        changed |= _alsoKnownAs.MergeIfSaid(fact.AlsoKnownAs, order);
        changed |= _name.MergeIfSaid(fact.Name, order);
        changed |= _type.MergeIfSaid(fact.Type, order);
        changed |= _stage.MergeIfSaid(fact.Stage, order);
        changed |= _attempt.MergeIfSaid(fact.Attempt, order);
        changed |= _softFail.MergeIfSaid(fact.SoftFail, order);
        changed |= _worker.MergeIfSaid(fact.Worker, order);
        changed |= _url.MergeIfSaid(fact.Url, order);
        changed |= _logTail.MergeIfSaid(fact.LogTail, order);
        changed |= _sentSpan.MergeIfSaid(fact.SentSpanId, order);
        if (fact.Attributes is not null)
        {
            _attributes ??= new AttributeRegisters();
            changed |= _attributes.Merge(fact.Attributes, order);
        }

        foreach (var step in fact.Steps)
        {
            changed |= MergeStep(step, order, time, receivedAt);
        }

        _shown = changed ? null : _shown;
        return changed;
    }

    /// <summary>The task as it is now; the same object until it changes.</summary>
    public TaskRun ToRun(RunKey run, TraceId trace, int attempt)
    {
        if (_shown is null || _shown.Attempt != attempt || _shownIn != trace)
        {
            (_shown, _shownIn) = (Show(run, trace, attempt), trace);
        }

        return _shown;
    }

    private bool MergeStep(StepFact step, FactOrder order, TimestampNs time, TimestampNs receivedAt)
    {
        _steps ??= new SortedDictionary<string, StepRecord>(StepOrder.Instance);
        var changed = false;
        if (!_steps.TryGetValue(step.Id, out var record) && _steps.Count < FactLimits.MostSteps)
        {
            _steps[step.Id] = record = new StepRecord();
            changed = true;
        }

        return changed | (record?.Merge(step, order, time, receivedAt) ?? false);
    }

    private TaskRun Show(RunKey run, TraceId trace, int attempt) => new()
    {
        Key = Key,
        SpanId = _sentSpan.IsSet ? _sentSpan.Value : SpanNames.Task(run, trace, Key),
        SpanIsSent = _sentSpan.IsSet,
        Name = Name,
        Type = _type.Or(""),
        Stage = _stage.Or(""),
        Attempt = attempt,
        State = Life.State,
        Result = Life.Result,
        SoftFail = _softFail.Or(false),
        ErrorType = Life.ErrorType,
        Message = Life.Message,
        ExitCode = Life.ExitCode,
        CreatedAt = Life.CreatedAt,
        StartedAt = Life.StartedAt,
        FinishedAt = Life.FinishedAt,
        EndKnownAt = Life.EndKnownAt,
        Cycle = Life.Cycle,
        Worker = _worker.Or(""),
        Url = _url.Or(""),
        LogTail = _logTail.Or(""),
        Attributes = _attributes?.ToFacts() ?? PipelineRun.EmptyAttributes,
        Steps = _steps is null ? [] : [.. _steps.Select(s => s.Value.ToRun(s.Key, SpanNames.Step(run, trace, Key, s.Key)))],
    };
}

/// <summary>One step of a task as merged from facts.</summary>
internal sealed class StepRecord
{
    private Register<string> _name;
    private Register<SpanId> _sentSpan;

    public LifeRegisters Life { get; } = new();

    public bool Merge(StepFact fact, FactOrder order, TimestampNs time, TimestampNs receivedAt)
    {
        var changed = Life.Merge(fact.Life, time, order, receivedAt);
        changed |= _name.MergeIfSaid(fact.Name, order);
        return changed | _sentSpan.MergeIfSaid(fact.SentSpanId, order);
    }

    public StepRun ToRun(string id, SpanId derived) => new()
    {
        Id = id,
        SpanId = _sentSpan.IsSet ? _sentSpan.Value : derived,
        SpanIsSent = _sentSpan.IsSet,
        Name = _name.Or(id),
        State = Life.State,
        Result = Life.Result,
        ErrorType = Life.ErrorType,
        ExitCode = Life.ExitCode,
        StartedAt = Life.StartedAt,
        FinishedAt = Life.FinishedAt,
    };
}

/// <summary>Ids that are numbers in the order of the numbers, others in byte order.</summary>
internal sealed class StepOrder : IComparer<string>
{
    public static readonly StepOrder Instance = new();

    public int Compare(string? x, string? y) =>
        long.TryParse(x, out var a) && long.TryParse(y, out var b) && a != b ? a.CompareTo(b) : string.CompareOrdinal(x, y);
}
