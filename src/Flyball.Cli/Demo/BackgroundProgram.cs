using System.Diagnostics;

namespace Flyball.Cli.Demo;

/// <summary>A program the demo started: in a session of its own, writing to a log, ended together with all it started.</summary>
/// <remarks>A session of its own because Ctrl-C goes to everything in the terminal's: the demo wants to end things in its own order.</remarks>
internal sealed class BackgroundProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StreamWriter _log;
    private readonly TimeProvider _time;
    private readonly TimeSpan _grace;

    private BackgroundProgram(Process process, StreamWriter log, TimeProvider time, TimeSpan grace)
    {
        _process = process;
        _log = log;
        _time = time;
        _grace = grace;
        process.OutputDataReceived += (_, line) => Write(line.Data);
        process.ErrorDataReceived += (_, line) => Write(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Starts a program.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="folder">Folder it starts in.</param>
    /// <param name="logFile">Where its output goes.</param>
    /// <param name="grace">How long it may take to end when asked to.</param>
    public static BackgroundProgram Start(IReadOnlyList<string> command, string folder, string logFile, TimeProvider time, TimeSpan grace)
    {
        var start = new ProcessStartInfo("setsid")
        {
            UseShellExecute = false,
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var word in command)
        {
            start.ArgumentList.Add(word);
        }

        var log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        var process = Process.Start(start) ?? throw new Commands.CommandException($"{command[0]} could not be started");
        process.StandardInput.Close();
        return new BackgroundProgram(process, log, time, grace);
    }

    /// <summary>Waits until it ends by itself.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Asks it to end, and ends what is left of its session after the grace.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await SignalAsync("TERM", $"{_process.Id}");
            using var patience = new CancellationTokenSource(_grace, _time);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                // the next line is for those
            }
        }

        // The session's leader may be gone while something it started is not.
        await SignalAsync("KILL", $"-{_process.Id}");
        _process.Dispose();
        await _log.DisposeAsync();
    }

    // The framework can only kill. kill(1) is where every shell script has it.
    private static async Task SignalAsync(string signal, string target)
    {
        var start = new ProcessStartInfo("kill")
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            ArgumentList = { "-s", signal, "--", target },
        };
        using var kill = Process.Start(start);
        if (kill is not null)
        {
            await kill.WaitForExitAsync(CancellationToken.None);
        }
    }

    private void Write(string? line)
    {
        if (line is not null)
        {
            lock (_log)
            {
                _log.WriteLine(line);
            }
        }
    }
}
