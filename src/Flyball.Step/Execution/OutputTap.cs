using System.Runtime.InteropServices;

namespace Flyball.Step.Execution;

/// <summary>Where the child writes so that we can keep the last lines: a pipe, or a terminal if ours is one.</summary>
/// <remarks>
/// Two rules (docs/decisions/0700-step-output.md): a program that sees a terminal keeps seeing one, and output that goes to one
/// place keeps its order. So standard output is left alone unless it is the same file as standard error; then both go through
/// the same tap, because a line of the one must not overtake a line of the other in the log people read.
/// </remarks>
internal sealed unsafe class OutputTap : IDisposable
{
    private const int Output = 1;
    private const int Error = 2;
    private const int PathSize = 128;
    private const int PipeSize = 1 << 18;

    private readonly bool _isTerminal;
    private int _source;
    private int _childSide;
    private long _windowSize;

    private OutputTap(int source, int childSide, bool isTerminal, bool coversOutput)
    {
        _source = source;
        _childSide = childSide;
        _isTerminal = isTerminal;
        CoversOutput = coversOutput;
    }

    /// <summary>The descriptor to read what the child writes.</summary>
    public int Source => _source;

    /// <summary>Whether standard output goes through it, too.</summary>
    public bool CoversOutput { get; }

    /// <summary>Which descriptors the child gets from it.</summary>
    public IReadOnlyList<(int Ours, int Childs)> Descriptors =>
        CoversOutput ? [(_childSide, Output), (_childSide, Error)] : [(_childSide, Error)];

    /// <summary>Opens a tap on standard error.</summary>
    /// <returns>Null if there is no standard error, or the system has no pipe left: then the child just inherits it.</returns>
    public static OutputTap? Open()
    {
        if (Native.Control(Error, Native.GetDescriptorFlags, 0) < 0)
        {
            return null;
        }

        var target = FileBehind(Error);
        var coversOutput = target.Length > 0 && target == FileBehind(Output);
        return Native.IsTerminal(Error) == 1 ? OpenTerminal(coversOutput) : OpenPipe(coversOutput);
    }

    /// <summary>Closes our copy of the child's side, once the child has its own: else the end would never be seen.</summary>
    public void CloseChildSide()
    {
        if (_childSide >= 0)
        {
            _ = Native.Close(_childSide);
            _childSide = -1;
        }
    }

    /// <summary>Closes our side: the child's next write fails.</summary>
    public void CloseSource()
    {
        if (_source >= 0)
        {
            _ = Native.Close(_source);
            _source = -1;
        }
    }

    /// <summary>Carries a changed window size of the real terminal over to the child's.</summary>
    public void FollowWindowSize()
    {
        long size = 0;
        if (_isTerminal && Native.DeviceControl(Error, Native.GetWindowSize, &size) == 0 && size != _windowSize)
        {
            _windowSize = size;
            _ = Native.DeviceControl(Source, Native.SetWindowSize, &size);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        CloseChildSide();
        CloseSource();
    }

    private static OutputTap? OpenPipe(bool coversOutput)
    {
        var ends = stackalloc int[2];
        if (Native.MakePipe(ends, Native.CloseOnExec) != 0)
        {
            return null;
        }

        // Best effort: fewer changes of context for chatty tools. Unprivileged users may have a lower limit.
        _ = Native.Control(ends[0], Native.SetPipeSize, PipeSize);
        return new OutputTap(ends[0], ends[1], isTerminal: false, coversOutput);
    }

    private static OutputTap? OpenTerminal(bool coversOutput)
    {
        var master = Native.OpenTerminalMaster(Native.ReadWrite | Native.NoControllingTerminal | Native.CloseOnExec);
        if (master < 0)
        {
            return null;
        }

        var path = stackalloc byte[PathSize];
        var slave = -1;
        if (Native.GrantTerminal(master) == 0 && Native.UnlockTerminal(master) == 0
            && Native.TerminalPath(master, path, PathSize) == 0)
        {
            slave = Native.Open(path, Native.ReadWrite | Native.NoControllingTerminal | Native.CloseOnExec, 0);
        }

        if (slave < 0)
        {
            _ = Native.Close(master);
            return null;
        }

        // The real terminal does the output processing (newline to carriage return, newline); twice would double it.
        var modes = stackalloc byte[PathSize];
        if (Native.GetTerminalModes(slave, modes) == 0)
        {
            Native.MakeRaw(modes);
            _ = Native.SetTerminalModes(slave, 0, modes);
        }

        var tap = new OutputTap(master, slave, isTerminal: true, coversOutput);
        tap.FollowWindowSize();
        return tap;
    }

    // "/dev/pts/3", "pipe:[4711]", "/var/log/job": two descriptors with one name write to one place.
    private static string FileBehind(int descriptor)
    {
        var buffer = stackalloc byte[4096];
        var link = "/proc/self/fd/0\0"u8.ToArray();
        link[^2] = (byte)('0' + descriptor);
        fixed (byte* path = link)
        {
            var length = Native.ReadLink(path, buffer, 4096);
            return length <= 0 ? "" : Marshal.PtrToStringUTF8((nint)buffer, (int)length);
        }
    }
}
