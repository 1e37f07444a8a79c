using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Head;
using Flyball.Metrics.Metadata;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics.Compaction;

/// <summary>What a store does beside serving: sealing heads, merging blocks, deleting what is old. One round at a time.</summary>
/// <remarks>
/// Sealing: 1. Under the gate the head stops taking samples; it stays readable. 2. Write and publish its block, without the gate.
/// 3. Under the gate the block takes the head's place. 4. Save the metadata, delete the log before the oldest head left.
/// A crash after 2 is told by the block's list of heads: the replay skips them.
/// </remarks>
internal sealed class Maintenance(
    MetricStoreOptions options, IFileSystem files, TimeProvider time, ILogger logger, StoreMeter meter, Lock gate,
    HeadSet heads, BlockSet blocks, WriteAheadLog log, MetadataTable metadata)
    : IDisposable
{
    private const int MostHeads = 4;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>Whether a round would find a head to seal; under the gate.</summary>
    /// <remarks>A head whose sealing failed is left to the timer: trying at every batch would wear out a disk that is full.</remarks>
    public bool IsDue => heads.All.Length > MostHeads || Array.Exists(heads.All, IsOver);

    /// <summary>One round of everything.</summary>
    /// <param name="sealAll">Seal every head, whether its time is over or not.</param>
    public Task RunAsync(bool sealAll, CancellationToken cancellationToken) =>
        AloneAsync(() => Run(sealAll, cancellationToken), cancellationToken);

    /// <summary>Deletes samples for good: heads become blocks first, then every block that holds some is written again.</summary>
    public Task DeleteAsync(IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken) =>
        AloneAsync(() => Delete(selectors, range, cancellationToken), cancellationToken);

    /// <summary>Copies every block to a folder; with the heads unless they are to be left out.</summary>
    public Task SnapshotAsync(string path, bool skipHeads, CancellationToken cancellationToken) =>
        AloneAsync(() => Snapshot(path, skipHeads, cancellationToken), cancellationToken);

    public void Dispose() => _oneAtATime.Dispose();

    private async Task AloneAsync(Action work, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            await Task.Run(work, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private void Delete(IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken)
    {
        SealHeads(sealAll: true, cancellationToken);
        foreach (var block in blocks.All)
        {
            if (BlockRewriter.Touches(block, selectors, range, cancellationToken))
            {
                var number = BlockRewriter.Rewrite(block, selectors, range, blocks, files, cancellationToken);
                blocks.Replace([block], number is null ? null : blocks.OpenPublished(number.Value), "samples in it were deleted");
            }
        }

        // A block of which nothing is left has no successor to betray it: without this a power cut brings it back.
        files.SyncDirectory(blocks.Directory);
    }

    private void Snapshot(string path, bool skipHeads, CancellationToken cancellationToken)
    {
        if (!skipHeads)
        {
            SealHeads(sealAll: true, cancellationToken);
        }

        var held = blocks.HoldAll();
        try
        {
            Snapshots.Write(held, path, Path.Combine(options.Directory, MetricStore.MetadataFile), files, cancellationToken);
        }
        finally
        {
            held.ForEach(b => b.LetGo());
        }
    }

    private void Run(bool sealAll, CancellationToken cancellationToken)
    {
        SealHeads(sealAll, cancellationToken);
        while (MergePlan.Next(blocks.All, options.BlockSpan, options.LargestBlockSpan) is { Count: > 0 } group)
        {
            Merge(group, cancellationToken);
        }

        DeleteOutlived();
    }

    private bool IsOver(HeadPart head)
    {
        var delay = (long)options.SealDelay.TotalMilliseconds;
        return heads.NewestMs >= head.UntilMs + delay && TimestampMs.Now(time).Value - head.CreatedAt.Value >= delay;
    }

    private void SealHeads(bool sealAll, CancellationToken cancellationToken)
    {
        List<HeadPart> due;
        lock (gate)
        {
            foreach (var head in heads.All.Where(h => sealAll || IsOver(h)).ToList())
            {
                heads.Retire(head);
            }

            // Old data that is sent quickly opens head after head; the clock does not close them in time.
            while (heads.All.Length > MostHeads)
            {
                heads.Retire(heads.All[0]);
            }

            due = [.. heads.Retired];
        }

        foreach (var head in due)
        {
            Seal(head, cancellationToken);
        }

        if (due.Count > 0)
        {
            TrimLog();
        }
    }

    private void Seal(HeadPart head, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (head.SampleCount == 0)
        {
            lock (gate)
            {
                heads.Drop(head);
            }

            return;
        }

        try
        {
            var block = blocks.OpenPublished(HeadSealer.Seal(head, blocks, files, cancellationToken));
            lock (gate)
            {
                blocks.Replace([], block, "");
                heads.Drop(head);
            }

            meter.Compacted();
            var elapsed = (long)time.GetElapsedTime(started).TotalMilliseconds;
            MetricsLog.Sealed(logger, head.Number, block.Facts.SampleCount, block.Facts.SeriesCount, block.Length, elapsed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            meter.CompactionFailed();
            throw;
        }
    }

    private void TrimLog()
    {
        metadata.Save(files, Path.Combine(options.Directory, MetricStore.MetadataFile));
        long keepFrom;
        lock (gate)
        {
            // Without any head every record is in a block: a cut makes even the current segment old.
            keepFrom = heads.Readable.Count == 0 ? log.Cut() : heads.Readable.Min(h => h.FirstSegment);
        }

        log.DeleteBefore(keepFrom == long.MaxValue ? 0 : keepFrom);
    }

    private void Merge(IReadOnlyList<Block> group, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var number = BlockMerger.Merge(group, blocks, files, cancellationToken);
            var merged = number is null ? null : blocks.OpenPublished(number.Value);
            blocks.Replace(group, merged, "its contents are in a merged block");
            meter.Compacted();
            if (merged is not null)
            {
                var elapsed = (long)time.GetElapsedTime(started).TotalMilliseconds;
                MetricsLog.Merged(logger, group.Count, merged.Path, merged.Facts.SampleCount, merged.Length, elapsed);
            }
        }
        catch (DamagedFileException e) when (group.FirstOrDefault(b => b.Path == e.Path) is { } damaged)
        {
            meter.CompactionFailed();
            blocks.SetAside(damaged, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            meter.CompactionFailed();
            throw;
        }
    }

    private void DeleteOutlived()
    {
        var newest = Math.Max(heads.NewestMs, blocks.All.Count == 0 ? long.MinValue : blocks.All.Max(b => b.Facts.NewestMs));
        if (newest == long.MinValue)
        {
            return;
        }

        foreach (var (block, reason) in Retention.Outlived(blocks.All, options, newest, log.SizeOnDisk()).ToList())
        {
            blocks.Replace([block], null, reason);
        }
    }
}
