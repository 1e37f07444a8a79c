using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Detection;
using Flyball.Step.Execution;
using Flyball.Step.Recording;
using Flyball.Step.Tail;

namespace Flyball.Step.Sending;

/// <summary>How the wrapped command went.</summary>
/// <param name="Start">Nanoseconds since the Unix epoch.</param>
/// <param name="End">Nanoseconds since the Unix epoch; not before the start.</param>
/// <param name="ExitCode">As a shell shows it.</param>
/// <param name="Signal">The signal that ended it; 0 if none.</param>
/// <param name="EndingSignal">The last signal by which this step was asked to end; 0 if none.</param>
/// <param name="StartError">The system's error number if it could not be started; 0 if it ran.</param>
/// <param name="Tail">Its last lines, masked.</param>
/// <param name="Pid">Its process id; 0 if it did not run.</param>
internal sealed record StepOutcome(
    long Start, long End, int ExitCode, int Signal, int EndingSignal, int StartError, string Tail, int Pid)
{
    /// <summary>Result by the names of OpenTelemetry's <c>cicd.pipeline.task.run.result</c>.</summary>
    public string Result => this switch
    {
        { StartError: not 0 } => "error",
        { ExitCode: 0 } => "success",
        { EndingSignal: not 0 } => "cancellation",
        { Signal: Native.SignalInterrupt or Native.SignalTerminate or Native.SignalHangup or Native.SignalQuit } => "cancellation",
        { Signal: not 0 } => "error",   // killed from outside, out of memory, or crashed
        _ => "failure",
    };

    /// <summary>Low-cardinality reason of a failure; "" for success.</summary>
    public string ErrorType => this switch
    {
        { StartError: not 0, ExitCode: 127 } => "command_not_found",
        { StartError: not 0 } => "command_not_executable",
        { ExitCode: 0 } => "",
        { Signal: not 0 } => "signal_" + SignalNames.Of(Signal),
        _ => $"exit_{ExitCode}",
    };
}

/// <summary>Turns a step into what is sent: the span in OTLP/JSON, and the announcement that it has started.</summary>
internal static class StepReport
{
    private const int Internal = 1;
    private const int Server = 2;
    private const int Error = 2;
    private const string Environment = "deployment.environment.name";

    /// <summary>The span (two for a command that is a run by itself) as an OTLP trace request in JSON.</summary>
    /// <param name="notes">What the command's own script noted down for the span; null = nothing.</param>
    public static byte[] Spans(StepIdentity who, StepOptions options, StepOutcome outcome, RunFacts facts, SecretMask mask, Notes? notes = null)
    {
        var spans = new List<string> { Span(who, options, outcome, facts, mask, notes) };
        spans.AddRange(notes?.Spans ?? []);
        if (who.Role is StepRole.Alone)
        {
            var run = who with
            {
                Role = StepRole.Run,
                SpanName = "RUN " + who.Pipeline,
                Context = who.Context.WithSpan(who.RunSpanId),
                ParentSpanId = "",
            };
            spans.Add(Span(run, options with { Attributes = [] }, outcome with { Tail = "" }, facts, mask));
        }

        return Otlp.Spans(who.Pipeline, spans);
    }

    /// <summary>One span by itself, for the step around it to send.</summary>
    public static string Span(StepIdentity who, StepOptions options, StepOutcome outcome, RunFacts facts, SecretMask mask, Notes? notes = null)
    {
        var json = new JsonText();
        WriteSpan(json, who, options, outcome, facts, mask, notes);
        return json.ToString();
    }

    /// <summary>The announcement that a run or task has started.</summary>
    public static byte[] Started(StepIdentity who, RunFacts facts, long at)
    {
        var json = new JsonText().Open()
            .Member("event", "started")
            .Member("system", who.Run.System)
            .Member("instance", who.Run.Instance)
            .Member("runId", who.Run.RunId)
            .Member("attempt", who.Run.RunAttempt)
            .Member("number", who.Run.RunNumber)
            .Member("pipeline", who.Pipeline);
        if (who.Role is not StepRole.Run)
        {
            json.Member("task", who.TaskName).Member("taskId", who.TaskId).Member("taskAttempt", who.TaskAttempt);
        }

        if (who.Role is StepRole.Step)
        {
            json.Member("step", who.SpanName);
        }

        return json
            .Member("traceId", who.Context.TraceId)
            .Member("spanId", who.Context.SpanId)
            .Member("parentSpanId", who.ParentSpanId)
            .Member("at", Rfc3339(at))
            .Member("commit", facts.Commit)
            .Member("branch", facts.Ref)
            .Member("repository", facts.Repository.Url)
            .Member("actor", who.Run.Actor)
            .Member("trigger", who.Run.Trigger)
            .Member("worker", who.Run.Worker)
            .Member("url", who.Role is StepRole.Run or StepRole.Alone ? who.Run.RunUrl : who.Run.TaskUrl)
            .Close()
            .ToUtf8();
    }

    private static void WriteSpan(
        JsonText json, StepIdentity who, StepOptions options, StepOutcome outcome, RunFacts facts, SecretMask mask, Notes? notes)
    {
        json.Open()
            .Member("traceId", who.Context.TraceId)
            .Member("spanId", who.Context.SpanId)
            .Member("traceState", who.Context.TraceState)
            .Member("parentSpanId", who.ParentSpanId)
            .Member("flags", who.Context.Flags)
            .Member("name", who.SpanName)
            .Member("kind", who.Role is StepRole.Run ? Server : Internal)
            .Member("startTimeUnixNano", $"{outcome.Start}")
            .Member("endTimeUnixNano", $"{outcome.End}");
        json.Name("attributes").OpenList();
        WriteRun(json, notes?.Attributes.ContainsKey(Environment) == true ? who with { Run = who.Run with { Environment = "" } } : who, facts);
        WriteTask(json, who, options, outcome);
        WriteProcess(json, facts, outcome);
        foreach (var (key, value) in options.Attributes)
        {
            if (notes?.Attributes.ContainsKey(key) != true)
            {
                Attribute(json, key, mask.Apply(value));
            }
        }

        WriteNotes(json, notes);
        if (who.DerivedElsewhere is { } link)
        {
            json.Name("links").OpenList().Open()
                .Member("traceId", link.TraceId).Member("spanId", link.SpanId)
                .Close().CloseList();
        }

        if (outcome.Result is "failure" or "error")
        {
            json.Name("status").Open().Member("code", Error).Member("message", Message(outcome)).Close();
        }

        json.Close();
    }

    // Closes the list of attributes that is open.
    private static void WriteNotes(JsonText json, Notes? notes)
    {
        foreach (var attribute in notes?.Attributes.Values ?? [])
        {
            json.Raw(attribute);
        }

        if (notes?.Dropped > 0)
        {
            Attribute(json, "flyball.notes.dropped", notes.Dropped);
        }

        json.CloseList();
        if (notes?.Events.Count > 0)
        {
            json.Name("events").OpenList();
            foreach (var noted in notes.Events)
            {
                json.Raw(noted);
            }

            json.CloseList();
        }
    }

    private static void WriteRun(JsonText json, StepIdentity who, RunFacts facts)
    {
        var run = who.Run;
        Attribute(json, "cicd.pipeline.name", who.Pipeline);
        Attribute(json, "cicd.pipeline.run.id", run.RunId);
        Attribute(json, "cicd.pipeline.run.url.full", run.RunUrl);
        Attribute(json, "cicd.worker.id", run.WorkerId);
        Attribute(json, "cicd.worker.name", run.Worker);
        Attribute(json, "flyball.system", run.System);
        Attribute(json, "flyball.instance", run.Instance);
        Attribute(json, "flyball.attempt", run.RunAttempt);
        Attribute(json, "flyball.run.number", run.RunNumber);
        Attribute(json, "flyball.run.parent.id", run.ParentRun);
        Attribute(json, "flyball.actor", run.Actor);
        Attribute(json, "flyball.trigger", run.Trigger);
        Attribute(json, Environment, run.Environment);
        Attribute(json, "vcs.repository.url.full", facts.Repository.Url);
        Attribute(json, "vcs.repository.name", facts.Repository.Name);
        Attribute(json, "vcs.owner.name", facts.Repository.Owner);
        Attribute(json, "vcs.provider.name", facts.Repository.Provider);
        Attribute(json, "vcs.ref.head.name", facts.Ref);
        Attribute(json, "vcs.ref.head.revision", facts.Commit);
        Attribute(json, "vcs.ref.head.type", facts.Ref.Length > 0 ? facts.RefType : "");
        Attribute(json, "vcs.ref.base.name", run.BaseRef);
        Attribute(json, "vcs.change.id", run.ChangeId);
        Attribute(json, "vcs.change.title", run.ChangeTitle);
    }

    private static void WriteTask(JsonText json, StepIdentity who, StepOptions options, StepOutcome outcome)
    {
        if (who.Role is StepRole.Run)
        {
            Attribute(json, "cicd.pipeline.action.name", "RUN");
            Attribute(json, "cicd.pipeline.result", outcome.Result);
        }
        else
        {
            Attribute(json, "cicd.pipeline.task.name", who.TaskName);
            Attribute(json, "cicd.pipeline.task.type", options.Type ?? "");
            Attribute(json, "cicd.pipeline.task.run.id", who.TaskId);
            Attribute(json, "cicd.pipeline.task.run.url.full", who.Run.TaskUrl);
            Attribute(json, "cicd.pipeline.task.run.result", outcome.Result);
            Attribute(json, "flyball.task.attempt", who.TaskAttempt);
            Attribute(json, "flyball.step.name", who.Role is StepRole.Step ? who.SpanName : "");
            Attribute(json, "flyball.log.tail", outcome.Tail);
        }

        Attribute(json, "error.type", outcome.Result is "failure" or "error" ? outcome.ErrorType : "");
    }

    private static void WriteProcess(JsonText json, RunFacts facts, StepOutcome outcome)
    {
        Attribute(json, "process.exit.code", outcome.ExitCode);
        Attribute(json, "process.executable.name", facts.Executable);
        if (outcome.Pid != 0)
        {
            Attribute(json, "process.pid", outcome.Pid);
        }

        Attribute(json, "flyball.exit.signal", outcome.Signal == 0 ? "" : SignalNames.Of(outcome.Signal));
    }

    private static string Message(StepOutcome outcome) => outcome switch
    {
        { StartError: not 0, ExitCode: 127 } => "command not found",
        { StartError: not 0 } => "command cannot be executed",
        { Signal: not 0 } => $"ended by {SignalNames.Of(outcome.Signal)}",
        _ => $"exit code {outcome.ExitCode}",
    };

    private static void Attribute(JsonText json, string key, string value)
    {
        if (value.Length > 0)
        {
            Otlp.Attribute(json, key, value);
        }
    }

    private static void Attribute(JsonText json, string key, long value) => Otlp.Attribute(json, key, value);

    private static string Rfc3339(long nanoseconds) =>
        DateTime.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", null);
}

/// <summary>Facts about the run that are looked up while the child runs.</summary>
internal sealed record RunFacts(string Commit, string Ref, string RefType, RepositoryAddress Repository, string Executable)
{
    /// <summary>Takes what the CI system told, and asks the working copy for the rest of a run of our own.</summary>
    public static RunFacts Complete(CiFacts told, string folder, string executable)
    {
        var (commit, reference, type, repository) = (told.Commit, told.Ref, told.RefType, told.Repository);
        if (commit.Length == 0 && GitFolder.Find(folder) is { } git)
        {
            commit = git.Commit;
            (reference, type) = reference.Length > 0 ? (reference, type) : (git.Branch, "branch");
            repository = repository.Length > 0 ? repository : git.Origin;
        }

        return new RunFacts(commit, reference, type, RepositoryAddress.Parse(repository), executable);
    }
}

/// <summary>Names of signals.</summary>
internal static class SignalNames
{
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The name with its prefix, as <c>kill -l</c> writes it.</summary>
    public static string Of(int signal) => signal > 0 && signal < Names.Length ? "SIG" + Names[signal] : $"SIG{signal}";
}
