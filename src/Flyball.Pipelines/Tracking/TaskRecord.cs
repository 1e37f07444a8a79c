using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>One attempt of a task as merged from facts.</summary>
internal sealed class TaskRecord(TaskKey key)
{
    private readonly AttributeRegisters _attributes = new();
    private readonly SortedDictionary<string, StepRecord> _steps = new(StepOrder.Instance);
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
        var changed = Life.Merge(fact.Life, time, receivedAt);
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
        changed |= _attributes.Merge(fact.Attributes, order);
        foreach (var step in fact.Steps)
        {
            if (!_steps.TryGetValue(step.Id, out var record) && _steps.Count < FactLimits.MostSteps)
            {
                _steps[step.Id] = record = new StepRecord();
                changed = true;
            }

            changed |= record?.Merge(step, time, receivedAt) ?? false;
        }

        return changed;
    }

    public TaskRun ToRun(RunKey run, TraceId trace, int attempt) => new()
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
        Worker = _worker.Or(""),
        Url = _url.Or(""),
        LogTail = _logTail.Or(""),
        Attributes = _attributes.ToFacts(),
        Steps = [.. _steps.Select(s => s.Value.ToRun(s.Key, SpanNames.Step(run, trace, Key, s.Key)))],
    };
}

/// <summary>One step of a task as merged from facts.</summary>
internal sealed class StepRecord
{
    private Register<string> _name;
    private Register<SpanId> _sentSpan;

    public LifeRegisters Life { get; } = new();

    public bool Merge(StepFact fact, TimestampNs time, TimestampNs receivedAt)
    {
        var order = FactOrder.Plain(time);
        var changed = Life.Merge(fact.Life, time, receivedAt);
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
