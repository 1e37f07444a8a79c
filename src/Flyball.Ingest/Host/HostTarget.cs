using System.Buffers;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Scraping;
using Flyball.Model.Time;

namespace Flyball.Ingest.Host;

/// <summary>The machine itself as a target, so that a first start has something to show: processors, memory, disks, file
/// systems, network, load, with the names node_exporter gives them.</summary>
public static class HostTarget
{
    /// <summary>Makes the target; it reads <c>/proc</c> at each scrape.</summary>
    /// <param name="instance">Label <c>instance</c>; null: the machine's name.</param>
    /// <param name="procRoot">Where the kernel's files are; other than <c>/proc</c> only in tests and containers.</param>
    /// <returns>A target of job <c>host</c>.</returns>
    public static InProcessTarget Create(DurationMs interval, TimeProvider time, string? instance = null, string procRoot = "/proc") =>
        new("host", instance ?? Environment.MachineName, interval, output => WritePage(output, time, procRoot));

    // Each part stands alone: what a container or another kernel hides is left out, the rest is still there.
    private static void WritePage(IBufferWriter<byte> output, TimeProvider time, string procRoot)
    {
        var writer = new ExpositionTextWriter(output);
        var proc = new ProcFiles(procRoot);
        ProcessorFacts.Write(writer, proc, time);
        LoadFacts.Write(writer, proc);
        MemoryFacts.Write(writer, proc);
        PressureFacts.Write(writer, proc);
        DiskFacts.Write(writer, proc);
        FileSystemFacts.Write(writer, proc);
        NetworkFacts.Write(writer, proc);
        SystemFacts.Write(writer, proc);
    }
}
