using Flyball.Model.Runs;
using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Detection;
using Flyball.Step.Sending;

namespace Flyball.Step.Recording;

/// <summary>Where a step or a recording command finds itself: the environment, the run it belongs to, the span it is inside of.</summary>
internal sealed class Surroundings
{
    private readonly StepOptions _options;

    public Surroundings(StepOptions options, IReadOnlyDictionary<string, string> variables)
    {
        _options = options;
        Variables = new Variables(variables);
        var file = options.ContextFile ?? Variables["FLYBALL_CONTEXT"];
        ContextFile = file.Length > 0 ? new ContextFile(file) : null;
        FromFile = ContextFile?.Read();
        Run = FindRun();
        Outer = SpanContext.Parse(Variables["TRACEPARENT"], Variables["TRACESTATE"]) ?? (IsOfAnotherTask(FromFile) ? null : FromFile);
    }

    /// <summary>The environment.</summary>
    public Variables Variables { get; }

    /// <summary>The file by which steps hand on the trace; null if none is named.</summary>
    public ContextFile? ContextFile { get; }

    /// <summary>What stood in it; null if nothing valid.</summary>
    public SpanContext? FromFile { get; }

    /// <summary>The context things here happen in, as told from outside; null if none was.</summary>
    public SpanContext? Outer { get; }

    /// <summary>The run, as the CI system's variables or our own tell it; its id is empty where there is none.</summary>
    public CiFacts Run { get; }

    /// <summary>The span to attach to: the one told from outside, else the CI job's or the run's; null where there is no run.</summary>
    public SpanContext? Around
    {
        get
        {
            if (Outer is not null || Run.RunId.Length == 0)
            {
                return Outer;
            }

            var trace = DerivedTrace;
            var span = Run.TaskId.Length > 0 ? RunIds.SpanId(trace, RunIds.TaskKind, Run.TaskParts()) : RunIds.SpanId(trace, RunIds.RunKind);
            return new SpanContext(trace, span, SpanContext.Sampled, "");
        }
    }

    /// <summary>Name of the task all this is in; "" if there is none.</summary>
    public string TaskName => Variables.First(StepIdentity.TaskNameVariable) is { Length: > 0 } outer ? outer : Run.TaskName;

    /// <summary>Opens the way to the server; null where nothing is to be sent.</summary>
    public Delivery? NewDelivery()
    {
        if (Variables.Is("OTEL_SDK_DISABLED", "true"))
        {
            return null;
        }

        var folder = _options.Spool ?? Spool.DefaultFolder(Variables);
        return new Delivery(Endpoints.Of(_options.Server, Variables), folder, _options.Verbose ? StandardError.Say : static _ => { });
    }

    private string DerivedTrace => RunIds.TraceId(Run.System, Run.Instance, Run.RunId, Run.RunAttempt);

    // A workspace hands on the context from task to task. A CI job of the same trace knows its own place in it.
    private bool IsOfAnotherTask(SpanContext? context) =>
        context is not null && Run.TaskId.Length > 0 && context.TraceId == DerivedTrace;

    // A run id given by hand or by a surrounding flyball-step is a run of our own, wherever it runs: the demo's pipeline is not
    // the CI job that tests it.
    private CiFacts FindRun()
    {
        if (_options.RunId is { } id)
        {
            return CiDetection.Own(Variables) with { RunId = id };
        }

        var own = Variables["FLYBALL_RUN_ID"].Length > 0 ? CiDetection.Own(Variables) : null;
        return own ?? CiDetection.Detect(Variables) ?? CiDetection.Own(Variables);
    }
}
