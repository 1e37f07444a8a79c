namespace Flyball.Step.Execution;

/// <summary>Which signals this process found ignored at its start, so that the child finds them the same way.</summary>
/// <param name="Ignored">Bit n-1 is set if signal n was ignored.</param>
internal readonly record struct InheritedSignals(ulong Ignored)
{
    private const nint Ignore = 1;
    private const nint Default = 0;

    /// <summary>Signals whose disposition the runtime or this program changed, which the child gets back as the default.</summary>
    /// <remarks>
    /// The runtime ignores SIGPIPE before any code of ours runs, so whether our parent ignored it cannot be known. The default
    /// is what nearly every parent has, and what a tool in a shell pipeline relies on.
    /// </remarks>
    public IReadOnlyList<int> ChangedHere =>
        WasIgnored(Native.SignalTerminalOutput)
            ? [Native.SignalPipe]
            : [Native.SignalPipe, Native.SignalTerminalOutput];

    /// <summary>Reads the dispositions. Must run before any signal is registered.</summary>
    public static InheritedSignals Read()
    {
        foreach (var line in ReadStatus())
        {
            if (line.StartsWith("SigIgn:", StringComparison.Ordinal)
                && ulong.TryParse(line.AsSpan(7).Trim(), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var mask))
            {
                return new InheritedSignals(mask);
            }
        }

        return default;
    }

    /// <summary>Whether a signal was ignored (as by nohup, or SIGINT of a shell's background job).</summary>
    public bool WasIgnored(int signal) => (Ignored >> (signal - 1) & 1) != 0;

    /// <summary>Makes this process fit for waiting and for writing to a terminal it is not in front of.</summary>
    public void Prepare()
    {
        // Ignored SIGCHLD means the kernel reaps children itself and their exit codes are gone.
        if (WasIgnored(Native.SignalChild))
        {
            _ = Native.SetDisposition(Native.SignalChild, Default);
        }

        // We may write the child's output to a terminal from a background group; "stty tostop" must not stop us for that.
        _ = Native.SetDisposition(Native.SignalTerminalOutput, Ignore);
    }

    private static string[] ReadStatus()
    {
        try
        {
            return File.ReadAllLines("/proc/self/status");
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
