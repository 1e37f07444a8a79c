using System.Globalization;
using System.Runtime.InteropServices;

namespace Flyball.Bench.Peers.Processes;

/// <summary>What the kernel says about a process. Pages: proc(5), clock_getcpuclockid(3).</summary>
internal static partial class ProcFigures
{
    // A process' own clock: its number, complemented, and CPUCLOCK_SCHED. It is utime + stime of /proc/PID/stat, finished threads
    // included, in nanoseconds instead of ticks of 10 ms: a query is often shorter than a tick.
    private static int ClockOf(int process) => (~process << 3) | 2;

    /// <summary>Processor time of all threads so far, user and system.</summary>
    public static TimeSpan Cpu(int process)
    {
        if (ReadClock(ClockOf(process), out var time) != 0)
        {
            throw new InvalidOperationException($"process {process} has no clock: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    /// <summary>Memory now and at its peak.</summary>
    public static MemoryFigures Memory(int process)
    {
        var status = Fields($"/proc/{process}/status");
        var rollup = Fields($"/proc/{process}/smaps_rollup");
        return new MemoryFigures(status["VmRSS"], rollup["Pss"], rollup.GetValueOrDefault("Anonymous"), status["VmHWM"]);
    }

    // "Name:   123 kB" → bytes.
    private static Dictionary<string, long> Fields(string path) => File.ReadLines(path)
        .Select(line => line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words is [.., "kB"])
        .ToDictionary(words => words[0], words => long.Parse(words[^2], CultureInfo.InvariantCulture) * 1024);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ReadClock(int clock, out KernelTime time);

    private struct KernelTime
    {
        public long Seconds;
        public long Nanoseconds;
    }
}

/// <summary>Memory of a process in bytes.</summary>
/// <param name="Resident">Pages in memory, shared and mapped files included.</param>
/// <param name="Proportional">The same, pages shared with others divided among them.</param>
/// <param name="Anonymous">Without mapped files.</param>
/// <param name="Peak">The most that was ever resident.</param>
internal sealed record MemoryFigures(long Resident, long Proportional, long Anonymous, long Peak);
