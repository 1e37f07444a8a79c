using System.Runtime.InteropServices;
using Flyball.Step.Tail;

namespace Flyball.Step.Execution;

/// <summary>Copies what comes out of a tap to our own standard error, keeping the last of it. Runs on a thread of its own.</summary>
internal sealed unsafe class OutputCopy : IDisposable
{
    private const int Target = 2;
    private const int ChunkSize = 1 << 16;

    private readonly OutputTap _tap;
    private readonly TailBuffer _tail;
    private readonly Thread _thread;
    private readonly int _wakeReader;
    private readonly int _wakeWriter;
    private bool _reachedEnd;

    private OutputCopy(OutputTap tap, TailBuffer tail, int wakeReader, int wakeWriter)
    {
        _tap = tap;
        _tail = tail;
        _wakeReader = wakeReader;
        _wakeWriter = wakeWriter;
        _thread = new Thread(Run, ChunkSize + (1 << 18)) { IsBackground = true, Name = "output" };
    }

    /// <summary>Starts to copy.</summary>
    /// <returns>Null when the system has no pipe left.</returns>
    public static OutputCopy? Start(OutputTap tap, TailBuffer tail)
    {
        var ends = stackalloc int[2];
        if (Native.MakePipe(ends, Native.CloseOnExec) != 0)
        {
            return null;
        }

        var copy = new OutputCopy(tap, tail, ends[0], ends[1]);
        copy._thread.Start();
        return copy;
    }

    /// <summary>Copies what the child left in the tap, then stops.</summary>
    /// <returns>Whether the end was reached; if not, a process the child left behind still holds the other side.</returns>
    public bool Finish()
    {
        byte wake = 1;
        _ = Native.Write(_wakeWriter, &wake, 1);
        _thread.Join();
        return _reachedEnd;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _ = Native.Close(_wakeReader);
        _ = Native.Close(_wakeWriter);
    }

    private void Run()
    {
        var chunk = stackalloc byte[ChunkSize];
        var entries = stackalloc Native.PollEntry[2];
        entries[0] = new Native.PollEntry { Descriptor = _tap.Source, Wanted = Native.PollIn };
        entries[1] = new Native.PollEntry { Descriptor = _wakeReader, Wanted = Native.PollIn };
        var childIsGone = false;
        long leftOver = 0;
        while (true)
        {
            entries[0].Seen = 0;
            entries[1].Seen = 0;
            var ready = Native.Poll(entries, childIsGone ? 1u : 2u, childIsGone ? 0 : -1);
            if (ready < 0 && Marshal.GetLastPInvokeError() == Native.Interrupted)
            {
                continue;
            }

            if (entries[0].Seen != 0)
            {
                if (!CopyChunk(chunk, ref leftOver))
                {
                    _reachedEnd = true;
                    return;
                }
            }
            else if (childIsGone)
            {
                return;
            }

            childIsGone |= entries[1].Seen != 0;

            // Somebody the child left behind may write without end; what the child itself wrote is in the first megabyte.
            if (childIsGone && leftOver > 1 << 20)
            {
                return;
            }

            if (!childIsGone)
            {
                leftOver = 0;
            }
        }
    }

    private bool CopyChunk(byte* chunk, ref long copied)
    {
        var count = Native.Read(_tap.Source, chunk, ChunkSize);
        if (count < 0)
        {
            return Marshal.GetLastPInvokeError() is Native.Interrupted or Native.Again;
        }

        if (count == 0)
        {
            return false;
        }

        copied += count;
        _tail.Append(new ReadOnlySpan<byte>(chunk, (int)count));
        _tap.FollowWindowSize();

        if (WriteFully(Target, chunk, count))
        {
            return true;
        }

        // Nobody reads any more: closing our side gives the child the SIGPIPE it would have got without us.
        _tap.CloseSource();
        return false;
    }

    private static bool WriteFully(int descriptor, byte* bytes, nint count)
    {
        while (count > 0)
        {
            var written = Native.Write(descriptor, bytes, (nuint)count);
            if (written >= 0)
            {
                bytes += written;
                count -= written;
                continue;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error == Native.Again)
            {
                var entry = new Native.PollEntry { Descriptor = descriptor, Wanted = Native.PollOut };
                _ = Native.Poll(&entry, 1, -1);
            }
            else if (error != Native.Interrupted)
            {
                return false;
            }
        }

        return true;
    }
}
