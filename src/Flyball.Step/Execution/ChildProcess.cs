using System.Runtime.InteropServices;
using System.Text;

namespace Flyball.Step.Execution;

/// <summary>The wrapped command as a process: started without touching what it inherits, waited for without losing its fate.</summary>
internal sealed unsafe class ChildProcess
{
    private const int ByProcessId = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x01000000;
    private const int NoExecutableFormat = 8;    // ENOEXEC
    private const int OpenFiles = 7;             // RLIMIT_NOFILE

    // The C library's types are 336 and 80 bytes on 64-bit Linux; a page of head room costs nothing here.
    private const int OpaqueSize = 512;

    private ChildProcess(int pid) => Pid = pid;

    /// <summary>Its process id.</summary>
    public int Pid { get; }

    /// <summary>Starts a command found like a shell finds it.</summary>
    /// <param name="command">Name or path, then arguments.</param>
    /// <param name="environment">Entries <c>NAME=value</c>.</param>
    /// <param name="descriptors">Which descriptor of ours becomes which of the child's.</param>
    /// <param name="signals">What the runtime changed and the child must not see.</param>
    /// <param name="error">The system's error number when nothing was started.</param>
    /// <returns>Null when it could not be started.</returns>
    public static ChildProcess? Start(
        IReadOnlyList<byte[]> command,
        IReadOnlyList<byte[]> environment,
        IReadOnlyList<(int Ours, int Childs)> descriptors,
        InheritedSignals signals,
        out int error)
    {
        RestoreFileLimit();
        var pid = Spawn(command, environment, descriptors, signals, out error);
        if (pid == 0 && error == NoExecutableFormat)
        {
            // A script without a first line "#!" is run by the shell: execvp does that, posix_spawnp leaves it to us.
            pid = Spawn(ForShell(command), environment, descriptors, signals, out error);
        }

        return pid == 0 ? null : new ChildProcess(pid);
    }

    // On its own, so that the rest of Start is compiled without it.
    private static List<byte[]> ForShell(IReadOnlyList<byte[]> command)
    {
        var words = new List<byte[]> { "/bin/sh"u8.ToArray(), CommandLookup.Find(command[0]) };
        for (var i = 1; i < command.Count; i++)
        {
            words.Add(command[i]);
        }

        return words;
    }

    /// <summary>Waits until it has ended, leaving it a zombie so that its id stays its own.</summary>
    public ChildEnd WaitWithoutReaping() => Wait(Exited | LeaveWaitable);

    /// <summary>Takes the zombie away; signals must not be sent from here on.</summary>
    public void Reap() => Wait(Exited);

    // The runtime raises the soft limit to the hard one at start and children would inherit that; programs that use select()
    // or close every possible descriptor notice. The limit before is that of the parent, unless it was changed in between:
    // then the hard limits differ and nothing is touched.
    private static void RestoreFileLimit()
    {
        var ours = stackalloc ulong[2];
        var parents = stackalloc ulong[2];
        if (Native.GetLimit(OpenFiles, ours) == 0
            && Native.LimitOf(Native.GetParentPid(), OpenFiles, null, parents) == 0
            && ours[1] == parents[1] && parents[0] < ours[0])
        {
            ours[0] = parents[0];
            _ = Native.SetLimit(OpenFiles, ours);
        }
    }

    private static int Spawn(
        IReadOnlyList<byte[]> command,
        IReadOnlyList<byte[]> environment,
        IReadOnlyList<(int Ours, int Childs)> descriptors,
        InheritedSignals signals,
        out int error)
    {
        var actions = stackalloc byte[OpaqueSize];
        var attributes = stackalloc byte[OpaqueSize];
        _ = Native.InitFileActions(actions);
        _ = Native.InitAttributes(attributes);
        foreach (var (ours, childs) in descriptors)
        {
            _ = Native.AddDuplicate(actions, ours, childs);
        }

        var defaults = stackalloc byte[128];
        _ = Native.EmptySet(defaults);
        foreach (var signal in signals.ChangedHere)
        {
            _ = Native.AddToSet(defaults, signal);
        }

        _ = Native.SetSignalDefaults(attributes, defaults);
        _ = Native.SetFlags(attributes, Native.SpawnSetSignalDefaults);

        using var arguments = new NativeStrings(command);
        using var variables = new NativeStrings(environment);
        int pid;
        error = Native.SpawnFromPath(
            &pid, arguments.Pointers[0], actions, attributes, arguments.Pointers, variables.Pointers);
        _ = Native.DestroyFileActions(actions);
        _ = Native.DestroyAttributes(attributes);
        return error == 0 ? pid : 0;
    }

    private ChildEnd Wait(int options)
    {
        // siginfo_t: si_code at 8, si_status at 24 on every 64-bit Linux.
        var info = stackalloc byte[128];
        while (Native.WaitForExit(ByProcessId, Pid, info, options) != 0)
        {
            if (Marshal.GetLastPInvokeError() != Native.Interrupted)
            {
                return new ChildEnd(ChildEnd.UnknownExit, 0);
            }
        }

        var code = *(int*)(info + 8);
        var status = *(int*)(info + 24);
        return code == 1 ? new ChildEnd(status, 0) : new ChildEnd(128 + status, status);
    }
}

/// <summary>How a process ended.</summary>
/// <param name="ExitCode">As a shell shows it: 128 + signal when one ended it.</param>
/// <param name="Signal">The signal that ended it; 0 if it ended by itself.</param>
internal readonly record struct ChildEnd(int ExitCode, int Signal)
{
    /// <summary>The exit code where the system would not tell.</summary>
    public const int UnknownExit = 255;
}

/// <summary>Finds a command in PATH.</summary>
internal static class CommandLookup
{
    /// <summary>The path of a command; the name itself where PATH does not have it.</summary>
    public static byte[] Find(byte[] command)
    {
        if (command.AsSpan().Contains((byte)'/'))
        {
            return command;
        }

        var name = Encoding.UTF8.GetString(command);
        foreach (var folder in (Environment.GetEnvironmentVariable("PATH") ?? "/bin:/usr/bin").Split(':'))
        {
            var path = Path.Combine(folder.Length == 0 ? "." : folder, name);
            if (File.Exists(path))
            {
                return Encoding.UTF8.GetBytes(path);
            }
        }

        return command;
    }
}
