using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Model.Runs;

/// <summary>What one event says about a run: a partial update. Null means "says nothing", never "there is none".</summary>
/// <remarks>Facts may arrive late, twice and in any order; applying them gives the same run (rules: docs/runs.md).</remarks>
public sealed record RunFact
{
    /// <summary>The run it is about.</summary>
    public required RunKey Run { get; init; }

    /// <summary>When the source saw things this way, by its own clock: of two facts about a field the later one counts.</summary>
    public required TimestampNs SourceTime { get; init; }

    /// <summary>When it arrived here.</summary>
    public required TimestampNs ReceivedAt { get; init; }

    /// <summary>A trace id the run has been given elsewhere; null = the derived one.</summary>
    public TraceId? TraceId { get; init; }

    /// <summary>The root span a sender has made or will make itself; null = it is derived and sent from here.</summary>
    public SpanId? SentSpanId { get; init; }

    /// <summary>State, result and times of the run; null if it speaks of tasks only.</summary>
    public LifeFact? Life { get; init; }

    /// <summary>Name of the pipeline.</summary>
    public string? Pipeline { get; init; }

    /// <summary>The number people use for the run.</summary>
    public string? Number { get; init; }

    /// <summary>Its page in the CI system.</summary>
    public string? Url { get; init; }

    /// <summary>The code it is about.</summary>
    public VcsFacts? Vcs { get; init; }

    /// <summary>Who set it off.</summary>
    public string? Actor { get; init; }

    /// <summary>What set it off.</summary>
    public string? Trigger { get; init; }

    /// <summary>Where it deploys to.</summary>
    public string? Environment { get; init; }

    /// <summary>The run that started this one.</summary>
    public RunKey? Parent { get; init; }

    /// <summary>Other runs it belongs with: those it started, the one it repeats; null says nothing.</summary>
    public IReadOnlyList<RunKey>? Links { get; init; }

    /// <summary>Further facts under their own keys.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>What it says about tasks.</summary>
    public IReadOnlyList<TaskFact> Tasks { get; init; } = [];
}

/// <summary>How far something has come: the fields that move together along its life.</summary>
public sealed record LifeFact
{
    /// <summary>Where it stands; null when the event tells only times.</summary>
    public RunState? State { get; init; }

    /// <summary>How it ended; only with <see cref="RunState.Finished"/>.</summary>
    public RunResult? Result { get; init; }

    /// <summary>The system's own reason for a bad end.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What a person reads about it.</summary>
    public string? Message { get; init; }

    /// <summary>Exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>When it was triggered or became ready to run.</summary>
    public TimestampNs? CreatedAt { get; init; }

    /// <summary>When it began.</summary>
    public TimestampNs? StartedAt { get; init; }

    /// <summary>When it began to clean up.</summary>
    public TimestampNs? FinalizingAt { get; init; }

    /// <summary>When it ended.</summary>
    public TimestampNs? FinishedAt { get; init; }

    /// <summary>Which life, for systems that can reopen what has ended: a later cycle overrules an end in an earlier one.
    /// 0 where an end is for ever.</summary>
    public TimestampNs Cycle { get; init; }
}

/// <summary>What an event says about one attempt of a task.</summary>
public sealed record TaskFact
{
    /// <summary>The attempt it is about.</summary>
    public required TaskKey Key { get; init; }

    /// <summary>Whether the key is only a name, because the event did not tell the id: it gives way to the task that is
    /// <see cref="AlsoKnownAs"/> it.</summary>
    public bool IsStandIn { get; init; }

    /// <summary>Another name of the task; a stand-in of this name is the same task.</summary>
    public string? AlsoKnownAs { get; init; }

    /// <summary>Overrides the fact's time, where one event carries states of several times; null = the fact's.</summary>
    public TimestampNs? SourceTime { get; init; }

    /// <summary>The span a sender has made or will make itself; null = it is derived and sent from here.</summary>
    public SpanId? SentSpanId { get; init; }

    /// <summary>State, result and times.</summary>
    public LifeFact? Life { get; init; }

    /// <summary>Name of the task.</summary>
    public string? Name { get; init; }

    /// <summary><c>build</c>, <c>test</c>, <c>deploy</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Group it belongs to.</summary>
    public string? Stage { get; init; }

    /// <summary>Attempt as people count, where the system tells it; null = counted here by name and start.</summary>
    public int? Attempt { get; init; }

    /// <summary>Whether its failure leaves the run successful.</summary>
    public bool? SoftFail { get; init; }

    /// <summary>What did it.</summary>
    public string? Worker { get; init; }

    /// <summary>Its page in the CI system.</summary>
    public string? Url { get; init; }

    /// <summary>Last lines it wrote.</summary>
    public string? LogTail { get; init; }

    /// <summary>Further facts under their own keys.</summary>
    public IReadOnlyDictionary<string, string>? Attributes { get; init; }

    /// <summary>What it says about steps.</summary>
    public IReadOnlyList<StepFact> Steps { get; init; } = [];
}

/// <summary>What an event says about one step.</summary>
public sealed record StepFact
{
    /// <summary>Its id inside the task.</summary>
    public required string Id { get; init; }

    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary>State, result and times.</summary>
    public LifeFact? Life { get; init; }

    /// <summary>The span a sender has made itself; null = it is derived and sent from here.</summary>
    public SpanId? SentSpanId { get; init; }
}
