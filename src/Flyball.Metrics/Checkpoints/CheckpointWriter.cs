using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Head;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Checkpoints;

/// <summary>Writes all heads to a file, so that a start need not read the log they came from.</summary>
/// <remarks>
/// 1. Under the gate: note the end of the log and what the heads are. 2. Copy series in groups, each under the gate for the moment
/// that takes, with the place in the log up to which the group is complete. 3. Write labels and pages, which do not change once they
/// are written. 4. Sync the log, so that the file is never ahead of it, then publish the file.
/// The heads go on taking samples meanwhile: what comes after a group was copied is read from the log.
/// Called by maintenance, so no head is retired or sealed meanwhile.
/// </remarks>
internal sealed class CheckpointWriter(
    IFileSystem files, string path, Lock gate, HeadSet heads, WriteAheadLog log, MetadataTable metadata, ExemplarRing exemplars)
{
    private readonly ByteWriter _payload = new(1 << 16);

    /// <summary>Writes and publishes a checkpoint.</summary>
    /// <returns>Its length, 0 = there are no heads and no checkpoint, and where in the log a start goes on.</returns>
    /// <exception cref="IOException">The disk is full, read-only or broken; the checkpoint before is still there.</exception>
    public async Task<(long Length, LogPosition Position)> WriteAsync(CancellationToken cancellationToken)
    {
        LogPosition start;
        List<(HeadPart Head, HeadFacts Facts)> copied;
        lock (gate)
        {
            start = log.End;
            copied = [.. heads.Readable.Where(h => h.SampleCount > 0).Select(h => (h, HeadFacts.Of(h)))];
        }

        if (copied.Count == 0)
        {
            // Without heads the log may end altogether and its numbers begin anew.
            Drop();
            return (0, start);
        }

        using var file = new CheckpointFile(files, path);
        WriteBegin(file, start);
        foreach (var (head, facts) in copied)
        {
            WriteHead(file, head, facts, cancellationToken);
        }

        WriteSections(file);
        await log.SyncAsync(cancellationToken);
        file.Finish();
        file.Publish();
        return (file.Length, start);
    }

    /// <summary>Takes the checkpoint away, for good.</summary>
    public void Drop()
    {
        files.Delete(path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private void WriteBegin(CheckpointFile file, LogPosition start)
    {
        _payload.Clear();
        _payload.WriteI64(start.Segment);
        _payload.WriteI64(start.Offset);
        file.Write(CheckpointFormat.Begin, _payload.Written);
    }

    private void WriteHead(CheckpointFile file, HeadPart head, HeadFacts facts, CancellationToken cancellationToken)
    {
        _payload.Clear();
        facts.Write(_payload);
        file.Write(CheckpointFormat.Head, _payload.Written);
        for (var first = 0; first < facts.SeriesCount; first += CheckpointFormat.SeriesPerGroup)
        {
            cancellationToken.ThrowIfCancellationRequested();
            CopyGroup(head, first, Math.Min(CheckpointFormat.SeriesPerGroup, facts.SeriesCount - first));
            file.Write(CheckpointFormat.Series, _payload.Written);
        }

        // Behind the series: every label and page a series refers to is there by now.
        ArenaExtent labels;
        ArenaExtent pages;
        lock (gate)
        {
            (labels, pages) = (head.Series.LabelBytes.Extent, head.Pages.Extent);
        }

        WriteArena(file, CheckpointFormat.Labels, labels, cancellationToken);
        WriteArena(file, CheckpointFormat.Pages, pages, cancellationToken);
    }

    private void CopyGroup(HeadPart head, int first, int count)
    {
        _payload.Clear();
        lock (gate)
        {
            var until = log.End;
            _payload.WriteU32((uint)first);
            _payload.WriteU32((uint)count);
            _payload.WriteI64(until.Segment);
            _payload.WriteI64(until.Offset);
            for (var series = first; series < first + count; series++)
            {
                SeriesRecord.Write(head, series, _payload);
            }
        }
    }

    private void WriteArena(CheckpointFile file, byte kind, ArenaExtent extent, CancellationToken cancellationToken)
    {
        for (var chunk = 0; chunk < extent.Chunks.Length; chunk++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = extent.Chunks.Span[chunk];
            _payload.Clear();
            _payload.WriteU32((uint)chunk);
            _payload.WriteU32((uint)bytes.Length);
            file.Write(kind, _payload.Written, chunk == extent.Chunks.Length - 1 ? bytes.AsSpan(0, extent.UsedOfLast) : bytes);
        }
    }

    private void WriteSections(CheckpointFile file)
    {
        _payload.Clear();
        metadata.WriteAll(_payload);
        exemplars.WriteAll(_payload);
        file.Write(CheckpointFormat.Sections, _payload.Written);
    }
}
