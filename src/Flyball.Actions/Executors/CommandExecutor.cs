using Microsoft.Win32.SafeHandles;

namespace Flyball.Actions.Executors;

/// <summary>Runs a program: its own process group, its own small environment, a bounded tail of its output.</summary>
/// <remarks>
/// 1. Start it in its folder, with nothing to read. 2. Keep the end of what it writes. 3. At the time limit (or when the server stops)
/// ask its whole group to end, and end it a moment later. 4. Its exit code is its word.
/// </remarks>
internal sealed class CommandExecutor(TimeProvider time) : IExecutor
{
    private const int TailBytes = 8 << 10;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(1);

    // What programs need to find their way; everything else of the server's environment, tokens included, is not theirs.
    private static readonly string[] Inherited = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    public async Task<ActionOutcome> RunAsync(PreparedAction action, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (OperatingSystem.IsWindows())
        {
            return new ActionOutcome(false, "command actions need Linux; use an http action here", "", null);
        }

        // 1. Start it.
        var (readEnd, writeEnd) = ProcessCalls.Pipe();
        var pipe = new SafeFileHandle(readEnd, ownsHandle: true);
        int pid;
        int error;
        using (new SafeFileHandle(writeEnd, ownsHandle: true))
        {
            pid = ProcessCalls.Spawn(action.Argv, EnvironmentOf(action), action.WorkingDirectory, writeEnd, out error);
        }

        if (pid == 0)
        {
            pipe.Dispose();
            return new ActionOutcome(
                false, $"{action.Argv[0]} could not be started in {action.WorkingDirectory ?? "."}: {ProcessCalls.Describe(error)}", "", null);
        }

        // 2. and 3.
        var tail = new OutputTail(TailBytes);
        var reading = OnThread(() => Drain(pipe, tail));
        var exit = OnThread(() => ProcessCalls.WaitWithoutReaping(pid));
        var (code, ending) = await WaitAsync(pid, exit, action.Timeout, cancellationToken);

        // Something it left running may hold the pipe open for ever; what the program itself wrote is in by now.
        await Task.WhenAny(reading, Task.Delay(DrainLimit, time, CancellationToken.None));
        var output = new SecretMask(action.Environment).Apply(Snapshot(tail));
        ProcessCalls.Reap(pid);
        _ = reading.ContinueWith(_ => pipe.Dispose(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        cancellationToken.ThrowIfCancellationRequested();

        // 4.
        return ending.Length > 0
            ? new ActionOutcome(false, ending, output, code)
            : new ActionOutcome(code == 0, code == 0 ? "" : $"exit code {code}", output, code);
    }

    private async Task<(int Code, string Ending)> WaitAsync(int pid, Task<int> exit, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (await Task.WhenAny(exit, Task.Delay(timeout, time, limit.Token)) == exit)
        {
            await limit.CancelAsync();
            return (await exit, "");
        }

        ProcessCalls.SignalGroup(pid, ProcessCalls.SignalTerminate);
        using var grace = new CancellationTokenSource();
        await Task.WhenAny(exit, Task.Delay(Grace, time, grace.Token));
        await grace.CancelAsync();

        // The leader is a zombie at most, so the group's number is still its own; others of the group may have ignored the request.
        ProcessCalls.SignalGroup(pid, ProcessCalls.SignalKill);
        return (await exit, $"not done after {timeout.TotalSeconds:0.###} s; it and everything it started were ended");
    }

    private static List<string> EnvironmentOf(PreparedAction action)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                variables[name] = value;
            }
        }

        variables["FLYBALL_EXECUTION"] = action.Id;
        variables["FLYBALL_POLICY"] = action.Policy;
        variables["FLYBALL_ACTION"] = action.Action;
        foreach (var (name, value) in action.Environment)
        {
            variables[name] = value;
        }

        return [.. variables.Select(v => $"{v.Key}={v.Value}")];
    }

    private static void Drain(SafeFileHandle pipe, OutputTail tail)
    {
        using var stream = new FileStream(pipe, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[4096];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            lock (tail)
            {
                tail.Add(buffer.AsSpan(0, read));
            }
        }
    }

    private static string Snapshot(OutputTail tail)
    {
        lock (tail)
        {
            return tail.ToString();
        }
    }

    // Both block until the program ends, which may be minutes: pool threads are for work.
    private static Task<T> OnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Task OnThread(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
