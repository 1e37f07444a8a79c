using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Model.Runs;

/// <summary>Everything known about one run of a pipeline at one moment. Immutable.</summary>
/// <remarks>A run is a trace: its <see cref="SpanId"/> is the root span, tasks are children, steps grandchildren.</remarks>
public sealed record PipelineRun
{
    /// <summary>Its name in its own system.</summary>
    public required RunKey Key { get; init; }

    /// <summary>The trace it is; also its id in the HTTP API.</summary>
    public required TraceId TraceId { get; init; }

    /// <summary>The root span.</summary>
    public required SpanId SpanId { get; init; }

    /// <summary>Whether somebody else sends the root span, so that none is made from this run.</summary>
    public bool SpanIsSent { get; init; }

    /// <summary>Name of the pipeline; "" while no event has told it.</summary>
    public string Pipeline { get; init; } = "";

    /// <summary>The number people use for it, e.g. a build number; may be empty.</summary>
    public string Number { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public RunState State { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public RunResult? Result { get; init; }

    /// <summary>The system's own reason for a bad end; low cardinality, "" when there is none.</summary>
    public string ErrorType { get; init; } = "";

    /// <summary>What a person reads about the end; may be empty.</summary>
    public string Message { get; init; } = "";

    /// <summary>Its page in the CI system; may be empty.</summary>
    public string Url { get; init; } = "";

    /// <summary>When it was triggered.</summary>
    public TimestampNs? CreatedAt { get; init; }

    /// <summary>When it began to execute.</summary>
    public TimestampNs? StartedAt { get; init; }

    /// <summary>When it began to clean up, where the system says so.</summary>
    public TimestampNs? FinalizingAt { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public TimestampNs? FinishedAt { get; init; }

    /// <summary>When its end became known here; null while it goes on.</summary>
    public TimestampNs? EndKnownAt { get; init; }

    /// <summary>Which life this is, in systems that can reopen a run; 0 where an end is for ever.</summary>
    public TimestampNs Cycle { get; init; }

    /// <summary>When the first event about it arrived here.</summary>
    public TimestampNs FirstHeardAt { get; init; }

    /// <summary>The code it is about.</summary>
    public VcsFacts Vcs { get; init; } = VcsFacts.None;

    /// <summary>Who set it off; may be empty.</summary>
    public string Actor { get; init; } = "";

    /// <summary>What set it off: push, schedule, …; may be empty.</summary>
    public string Trigger { get; init; } = "";

    /// <summary>Where it deploys to, if it does; may be empty.</summary>
    public string Environment { get; init; } = "";

    /// <summary>The run that started this one; null if none.</summary>
    public RunKey? Parent { get; init; }

    /// <summary>Other runs it belongs with: those it started, the one it repeats; bounded in number.</summary>
    public IReadOnlyList<RunKey> Links { get; init; } = [];

    /// <summary>Its task attempts, in order of start, every attempt kept.</summary>
    public IReadOnlyList<TaskRun> Tasks { get; init; } = [];

    /// <summary>Further facts under their own keys, e.g. <c>k8s.namespace.name</c>; bounded in number.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = EmptyAttributes;

    /// <summary>No further facts.</summary>
    public static IReadOnlyDictionary<string, string> EmptyAttributes { get; } = new Dictionary<string, string>();
}

/// <summary>One attempt of one task (job) of a run. Immutable.</summary>
public sealed record TaskRun
{
    /// <summary>Its name inside the run.</summary>
    public required TaskKey Key { get; init; }

    /// <summary>Its span.</summary>
    public required SpanId SpanId { get; init; }

    /// <summary>Whether somebody else sends that span, so that none is made from here.</summary>
    public bool SpanIsSent { get; init; }

    /// <summary>Name of the task; the same for all its attempts and, mostly, in all runs.</summary>
    public string Name { get; init; } = "";

    /// <summary><c>build</c>, <c>test</c> or <c>deploy</c>; may be empty.</summary>
    public string Type { get; init; } = "";

    /// <summary>Group of tasks it belongs to; may be empty.</summary>
    public string Stage { get; init; } = "";

    /// <summary>Attempt as people count: 1 for the first of its name in this run.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Where it stands.</summary>
    public RunState State { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public RunResult? Result { get; init; }

    /// <summary>Whether its failure leaves the run successful.</summary>
    public bool SoftFail { get; init; }

    /// <summary>The system's own reason for a bad end; "" when there is none.</summary>
    public string ErrorType { get; init; } = "";

    /// <summary>What a person reads about the end; may be empty.</summary>
    public string Message { get; init; } = "";

    /// <summary>Exit code of its command, if one is known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it was ready to run.</summary>
    public TimestampNs? CreatedAt { get; init; }

    /// <summary>When it began.</summary>
    public TimestampNs? StartedAt { get; init; }

    /// <summary>When it ended; null while it goes on.</summary>
    public TimestampNs? FinishedAt { get; init; }

    /// <summary>When its end became known here; null while it goes on.</summary>
    public TimestampNs? EndKnownAt { get; init; }

    /// <summary>Which life this is, in systems where a task that was passed over can still be played; 0 where an end is for ever.</summary>
    public TimestampNs Cycle { get; init; }

    /// <summary>Agent, runner, node or pod that did it; may be empty.</summary>
    public string Worker { get; init; } = "";

    /// <summary>Its page in the CI system; may be empty.</summary>
    public string Url { get; init; } = "";

    /// <summary>Last lines it wrote; may be empty.</summary>
    public string LogTail { get; init; } = "";

    /// <summary>Its steps in order.</summary>
    public IReadOnlyList<StepRun> Steps { get; init; } = [];

    /// <summary>Further facts under their own keys; bounded in number.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; init; } = PipelineRun.EmptyAttributes;
}

/// <summary>One step of a task attempt. Immutable.</summary>
public sealed record StepRun
{
    /// <summary>Its id inside the task: mostly an index.</summary>
    public required string Id { get; init; }

    /// <summary>Its span.</summary>
    public required SpanId SpanId { get; init; }

    /// <summary>Whether somebody else sends that span, so that none is made from here.</summary>
    public bool SpanIsSent { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where it stands.</summary>
    public RunState State { get; init; }

    /// <summary>How it ended; null while it goes on.</summary>
    public RunResult? Result { get; init; }

    /// <summary>The system's own reason for a bad end; "" when there is none.</summary>
    public string ErrorType { get; init; } = "";

    /// <summary>Exit code, if known.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it began.</summary>
    public TimestampNs? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public TimestampNs? FinishedAt { get; init; }
}
