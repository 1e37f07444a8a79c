using System.Text;
using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Execution;
using Flyball.Step.Recording;
using Flyball.Step.Sending;
using Flyball.Step.Tail;

namespace Flyball.Step;

/// <summary>Wraps one command.</summary>
/// <remarks>
/// <list type="number">
/// <item>Read options and environment; decide who this step is.</item>
/// <item>Start the child, with the trace context in its environment.</item>
/// <item>While it runs: copy its standard error, forward signals, announce the start.</item>
/// <item>When it has ended: send the span, or keep it for the next step.</item>
/// <item>End as it ended.</item>
/// </list>
/// </remarks>
internal sealed class Wrapper
{
    private const int WrongUsage = 125;
    private const int NotExecutable = 126;
    private const int CommandNotFound = 127;

    private readonly StepOptions _options;
    private readonly byte[][] _command;
    private readonly ProcessImage _image;
    private readonly InheritedSignals _signals;
    private readonly TimeProvider _time;
    private readonly StepIdentity _who;
    private readonly ContextFile? _contextFile;
    private readonly SpanContext? _contextBefore;
    private readonly Delivery? _delivery;
    private readonly string _notesPath;

    private Wrapper(StepOptions options, byte[][] command, ProcessImage image, InheritedSignals signals, TimeProvider time)
    {
        _options = options;
        _command = command;
        _image = image;
        _signals = signals;
        _time = time;
        var around = new Surroundings(options, image.Variables);
        _contextFile = around.ContextFile;
        _contextBefore = around.FromFile;
        _who = StepIdentity.Decide(options, around.Run, around.Variables, around.Outer, Encoding.UTF8.GetString(command[0]), RandomIds.Next);
        _delivery = around.NewDelivery();
        _notesPath = NotesFile.NewPath(around.Variables, RandomIds.Next);
    }

    /// <summary>Runs the program.</summary>
    /// <returns>The exit code; a run that wrapped a command ends the process itself.</returns>
    public static int Run(string[] arguments)
    {
        var signals = InheritedSignals.Read();
        var options = StepOptionsReader.Read(arguments, out var error);
        if (options.Print is { } text)
        {
            StandardError.Write(text, toOutput: true);
            return 0;
        }

        if (error is not null)
        {
            StandardError.Say(error);
            return WrongUsage;
        }

        var command = ProcessImage.LastArguments(options.CommandLength, arguments);
        var end = new Wrapper(options, command, ProcessImage.Load(), signals, TimeProvider.System).Wrap();
        EndLike(end);
        return end.ExitCode;
    }

    private ChildEnd Wrap()
    {
        _signals.Prepare();
        using var forwarding = new SignalForwarding(_signals);
        var tail = new TailBuffer(_options.NoTail ? 0 : TailText.RawBytes);
        using var tap = _options.NoTail ? null : OutputTap.Open();
        _contextFile?.TryWrite(_who.Context);

        // 2. Start the child.
        var (started, clock) = (Now(), _time.GetTimestamp());
        var child = ChildProcess.Start(
            _command, _image.WithVariables(VariablesForChild()), tap?.Descriptors ?? [], _signals, out var startError);
        forwarding.LeaveGroup();
        tap?.CloseChildSide();
        if (child is null)
        {
            return ReportNotStarted(startError, started);
        }

        forwarding.Attach(child.Pid);

        // 3. While it runs.
        using var copy = tap is null ? null : OutputCopy.Start(tap, tail);
        var runStarted = Math.Min(started, _options.StartedAt ?? started);
        var facts = LookUpAndAnnounce(runStarted);
        var end = child.WaitWithoutReaping();
        forwarding.Detach();
        var finished = started + (long)_time.GetElapsedTime(clock).TotalNanoseconds;
        child.Reap();
        if (copy?.Finish() == false)
        {
            LeftoverRelay.Start(tap!.Source, _signals, _image);
        }

        // 4. Tell how it went.
        HandContextBack();
        var mask = new SecretMask(_image.Variables);
        var outcome = new StepOutcome(
            runStarted, finished, end.ExitCode, end.Signal, forwarding.LastEnding, 0, TailText.Render(tail, mask), child.Pid);
        Send(outcome, facts.Value, mask);
        SendReports(facts.Value, started);
        return end;
    }

    private ChildEnd ReportNotStarted(int error, long started)
    {
        var isMissing = error is Native.NotFound;
        var name = Encoding.UTF8.GetString(_command[0]);
        StandardError.Say(isMissing ? $"{name}: command not found" : $"{name}: cannot be executed ({ErrorText.Of(error)})");
        HandContextBack();
        var end = new ChildEnd(isMissing ? CommandNotFound : NotExecutable, 0);
        var outcome = new StepOutcome(started, Math.Max(started, Now()), end.ExitCode, 0, 0, error, "", 0);
        Send(outcome, LookUp(), new SecretMask(_image.Variables));
        return end;
    }

    // The look-up reads files and the announcement talks to a server: neither may hold up the moment the child's end is seen.
    private Lazy<RunFacts> LookUpAndAnnounce(long started)
    {
        var facts = new Lazy<RunFacts>(LookUp);
        if (_delivery is not null)
        {
            var thread = new Thread(() => _delivery.Announce(StepReport.Started(_who, facts.Value, started)), 1 << 18)
            {
                IsBackground = true,
                Name = "announcement",
            };
            thread.Start();
        }

        return facts;
    }

    private RunFacts LookUp()
    {
        var command = Encoding.UTF8.GetString(_command[0]);
        return RunFacts.Complete(_who.Run, Environment.CurrentDirectory, command[(command.LastIndexOf('/') + 1)..]);
    }

    private Dictionary<string, string> VariablesForChild()
    {
        var variables = _who.VariablesForChild(_options);
        variables[NotesFile.Variable] = _notesPath;
        return variables;
    }

    private void Send(StepOutcome outcome, RunFacts facts, SecretMask mask)
    {
        var notes = new NotesFile(_notesPath).Take();
        _delivery?.Send(StepReport.Spans(_who, _options, outcome, facts, mask, notes), Now());
        if (notes?.Metrics.Count > 0)
        {
            _delivery?.SendMetrics(Otlp.Metrics(_who.Pipeline, notes.Metrics), Now());
        }
    }

    private void SendReports(RunFacts facts, long started)
    {
        if (_delivery is not null && _options.TestReports.Count > 0)
        {
            var since = DateTimeOffset.UnixEpoch.AddTicks(started / 100);
            _delivery.SendReports(_options.TestReports.SelectMany(p => TestReports.Find(p, since)), TestReports.Address(_who, facts));
        }
    }

    // A later step is a sibling of this one, not its child.
    private void HandContextBack()
    {
        if (_contextFile is not null)
        {
            var parent = _who.Role is StepRole.Run ? _who.Context
                : _contextBefore ?? _who.Context.WithSpan(_who.ParentSpanId);
            _contextFile.TryWrite(parent);
        }
    }

    private long Now() => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    // A shell tells an interrupted script from one that handled Ctrl-C by how its child ended: only death by SIGINT stops the
    // script. Elsewhere 128+n is what callers look for.
    private static void EndLike(ChildEnd end)
    {
        if (end.Signal == Native.SignalInterrupt && HasTerminal())
        {
            _ = Native.SetDisposition(Native.SignalInterrupt, 0);
            _ = Native.Kill(Native.GetPid(), Native.SignalInterrupt);
        }

        Native.ExitNow(end.ExitCode);
    }

    private static bool HasTerminal() =>
        Native.ForegroundGroup(0) >= 0 || Native.ForegroundGroup(1) >= 0 || Native.ForegroundGroup(2) >= 0;
}
