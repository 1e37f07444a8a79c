using Flyball.Bench.Peers.Processes;

namespace Flyball.Bench.Peers.Writing;

/// <summary>What writing a history into one program showed.</summary>
/// <param name="Whole">From the first request to rest, so that work put off counts too.</param>
/// <param name="SecondHalf">Without creation of the long-lived series.</param>
/// <param name="Settled">Memory at rest after the history.</param>
/// <param name="AfterStart">Memory when ready again after the kill.</param>
/// <param name="Ready">From the start after kill -9 to a complete answer.</param>
/// <param name="Lost">Samples that were acknowledged and are not there.</param>
/// <param name="Stored">Samples that are.</param>
/// <param name="DiskBytes">After compaction.</param>
/// <param name="Compacting">Processor time of the compaction that was asked for.</param>
internal sealed record WriteFigures(
    string Name, FeedFigures Whole, FeedFigures SecondHalf, MemoryFigures Settled, MemoryFigures AfterStart, ScanFigures Scan, TimeSpan Ready, long Lost,
    long Stored, long DiskBytes, TimeSpan Compacting)
{
    public double BytesPerSample => DiskBytes / (double)Stored;
}

/// <summary>Reading one metric whole.</summary>
internal sealed record ScanFigures(double Samples, double WallMs, double CpuMs)
{
    public double SamplesPerSecond => Samples / WallMs * 1000;
}
