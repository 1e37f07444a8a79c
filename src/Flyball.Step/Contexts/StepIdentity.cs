using Flyball.Model.Runs;
using Flyball.Step.CommandLine;
using Flyball.Step.Detection;

namespace Flyball.Step.Contexts;

/// <summary>What part of a run the wrapped command is.</summary>
internal enum StepRole
{
    /// <summary>The whole run: its span is the root.</summary>
    Run,

    /// <summary>A task of the run.</summary>
    Task,

    /// <summary>A step inside a task: of a CI job that has its own id, or of a task that flyball-step wraps already.</summary>
    Step,

    /// <summary>A single command that no run surrounds: it is a run with one task.</summary>
    Alone,
}

/// <summary>Who this step is: its run, its place in the trace, its names.</summary>
internal sealed record StepIdentity
{
    /// <summary>Set for children so that they know the task they are inside of.</summary>
    public const string TaskVariable = "FLYBALL_TASK_ID";

    /// <summary>Set for children beside it: the task's name.</summary>
    public const string TaskNameVariable = "FLYBALL_TASK";

    private const string TaskAttemptVariable = "FLYBALL_TASK_ATTEMPT";

    /// <summary>What part of the run it is.</summary>
    public required StepRole Role { get; init; }

    /// <summary>What is known about the run.</summary>
    public required CiFacts Run { get; init; }

    /// <summary>Name of the pipeline; never empty.</summary>
    public required string Pipeline { get; init; }

    /// <summary>Name of the task this is or is in; "" for a run.</summary>
    public string TaskName { get; init; } = "";

    /// <summary>Id of the task this is or is in.</summary>
    public string TaskId { get; init; } = "";

    /// <summary>Attempt of that task, from 1.</summary>
    public int TaskAttempt { get; init; } = 1;

    /// <summary>Name of the span.</summary>
    public required string SpanName { get; init; }

    /// <summary>The span.</summary>
    public required SpanContext Context { get; init; }

    /// <summary>Its parent; "" for a root.</summary>
    public string ParentSpanId { get; init; } = "";

    /// <summary>Where the run's ids would have put it, if a context from outside put it elsewhere.</summary>
    public SpanContext? DerivedElsewhere { get; init; }

    /// <summary>Span of the run this belongs to or is, by its derived id.</summary>
    public string RunSpanId { get; init; } = "";

    /// <summary>Decides who a step is.</summary>
    /// <param name="facts">Of the CI system, or our own variables.</param>
    /// <param name="variables">The environment.</param>
    /// <param name="outer">The context the step was started in; null if none.</param>
    /// <param name="command">First word of the command.</param>
    /// <param name="random">Source of new ids.</param>
    public static StepIdentity Decide(
        StepOptions options, CiFacts facts, Variables variables, SpanContext? outer, string command, Func<ulong> random)
    {
        var isAlone = facts.RunId.Length == 0 && outer is null && !options.IsRun;
        var run = facts with
        {
            RunId = facts.RunId.Length > 0 ? facts.RunId : outer?.TraceId ?? $"{random():x16}",
            RunAttempt = options.IsRun && options.Attempt is { } attempt ? attempt : facts.RunAttempt,
        };
        var trace = RunIds.TraceId(run.System, run.Instance, run.RunId, run.RunAttempt);
        var pipeline = First(options.Pipeline, run.Pipeline, options.IsRun ? options.Name : null, PipelineOf(variables, run));
        var who = new StepIdentity
        {
            Role = StepRole.Run,
            Run = run,
            Pipeline = pipeline,
            SpanName = "RUN " + pipeline,
            Context = new SpanContext(outer?.TraceId ?? trace, "", outer?.Flags ?? SpanContext.Sampled, outer?.TraceState ?? ""),
        };
        who = who with { RunSpanId = RunIds.SpanId(who.Context.TraceId, RunIds.RunKind) };
        return options.IsRun
            ? who with { Context = who.Context.WithSpan(who.RunSpanId), ParentSpanId = outer?.SpanId ?? "", DerivedElsewhere = Elsewhere(who, outer, trace, null) }
            : who.AsTask(options, variables, outer, trace, First(options.Name, run.TaskName, FileName(command)), isAlone, random);
    }

    /// <summary>Variables by which the child, and steps it starts, know where they are.</summary>
    public Dictionary<string, string> VariablesForChild(StepOptions options)
    {
        var result = new Dictionary<string, string> { ["TRACEPARENT"] = Context.ToTraceParent() };
        if (Context.TraceState.Length > 0)
        {
            result["TRACESTATE"] = Context.TraceState;
        }

        if (Run.System is "step")
        {
            result["FLYBALL_RUN_ID"] = Run.RunId;
            result["FLYBALL_RUN_ATTEMPT"] = $"{Run.RunAttempt}";
        }

        result["FLYBALL_PIPELINE"] = Pipeline;
        if (Role is not StepRole.Run)
        {
            result[TaskVariable] = TaskId;
            result[TaskNameVariable] = TaskName;
            result[TaskAttemptVariable] = $"{TaskAttempt}";
        }

        AddOption(result, "FLYBALL_SERVER", options.Server);
        AddOption(result, "FLYBALL_SPOOL", options.Spool is null ? null : Path.GetFullPath(options.Spool));
        AddOption(result, "FLYBALL_CONTEXT", options.ContextFile is null ? null : Path.GetFullPath(options.ContextFile));
        return result;
    }

    private StepIdentity AsTask(
        StepOptions options, Variables variables, SpanContext? outer, string derivedTrace, string name, bool isAlone, Func<ulong> random)
    {
        // Inside a task that another flyball-step wraps.
        if (variables[TaskVariable] is { Length: > 0 } outerTask && outer is not null)
        {
            return this with
            {
                Role = StepRole.Step,
                TaskId = outerTask,
                TaskName = variables[TaskNameVariable],
                TaskAttempt = variables.Number(TaskAttemptVariable, 1),
                SpanName = name,
                Context = Context.WithSpan(NewSpanId(random)),
                ParentSpanId = outer.SpanId,
            };
        }

        // Inside a job whose span the job's own events make. A job may wrap several commands: each is a child of it.
        if (Run.TaskId.Length > 0)
        {
            var job = RunIds.SpanId(derivedTrace, RunIds.TaskKind, Run.TaskParts());
            return this with
            {
                Role = StepRole.Step,
                TaskId = Run.TaskId,
                TaskName = Run.TaskName.Length > 0 ? Run.TaskName : name,
                TaskAttempt = Run.TaskAttempt,
                SpanName = name,
                Context = Context.WithSpan(NewSpanId(random)),
                ParentSpanId = outer?.SpanId ?? job,
                DerivedElsewhere = Elsewhere(this, outer, derivedTrace, job),
            };
        }

        var taskAttempt = options.Attempt ?? Run.TaskAttempt;
        var id = First(options.TaskId, name);
        return this with
        {
            Role = isAlone ? StepRole.Alone : StepRole.Task,
            TaskId = id,
            TaskName = name,
            TaskAttempt = taskAttempt,
            SpanName = name,
            Context = Context.WithSpan(RunIds.SpanId(Context.TraceId, RunIds.TaskKind, id, $"{taskAttempt}")),
            ParentSpanId = outer?.SpanId ?? RunSpanId,
            DerivedElsewhere = Elsewhere(this, outer, derivedTrace, null),
        };
    }

    // A context from outside wins as the parent; the trace that the CI system's own events open is then a link away.
    private static SpanContext? Elsewhere(StepIdentity who, SpanContext? outer, string derivedTrace, string? derivedParent) =>
        outer is null || outer.TraceId == derivedTrace || who.Run.System is "step"
            ? null
            : new SpanContext(derivedTrace, derivedParent ?? RunIds.SpanId(derivedTrace, RunIds.RunKind), SpanContext.Sampled, "");

    private static string NewSpanId(Func<ulong> random) => $"{random() | 1:x16}";

    /// <summary>The pipeline's name where nobody says one: the surrounding step's, the CI system's, the folder's.</summary>
    public static string PipelineOf(Variables variables, CiFacts run) =>
        First(variables["FLYBALL_PIPELINE"], run.Pipeline, Path.GetFileName(variables["PWD"].TrimEnd('/')), "pipeline");

    private static string FileName(string command) => command[(command.LastIndexOf('/') + 1)..];

    private static string First(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (!string.IsNullOrEmpty(text))
            {
                return text;
            }
        }

        return "";
    }

    private static void AddOption(Dictionary<string, string> variables, string name, string? value)
    {
        if (value is not null)
        {
            variables[name] = value;
        }
    }
}
