using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Checkpoints;
using Flyball.Metrics.Downsampling;
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
    HeadSet heads, BlockSet blocks, IReadOnlyList<SummarySet> summaries, WriteAheadLog log, MetadataTable metadata,
    CheckpointWriter checkpoints, CheckpointPace checkpointPace)
    : IDisposable
{
    private const int MostHeads = 4;

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private readonly Downsampler _downsampler = new(summaries, blocks, files, time, logger, meter);
    private readonly Lock _turns = new();
    private volatile TaskCompletionSource _hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _waiting;

    /// <summary>Whether a round would find a head to seal; under the gate.</summary>
    /// <remarks>A head whose sealing failed is left to the timer: trying at every batch would wear out a disk that is full.</remarks>
    public bool IsDue => heads.All.Length > MostHeads || Array.Exists(heads.All, IsOver);

    /// <summary>One round of everything.</summary>
    /// <param name="sealAll">Seal every head, whether its time is over or not.</param>
    public Task RunAsync(bool sealAll, CancellationToken cancellationToken) =>
        AloneAsync(() => RoundAsync(sealAll, cancellationToken), cancellationToken);

    /// <summary>Deletes samples for good: heads become blocks first, then every block that holds some is written again.</summary>
    public Task DeleteAsync(IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken) =>
        AloneAsync(() => Delete(selectors, range, cancellationToken), cancellationToken);

    /// <summary>Copies every block to a folder; with the heads unless they are to be left out.</summary>
    public Task SnapshotAsync(string path, bool skipHeads, CancellationToken cancellationToken) =>
        AloneAsync(() => Snapshot(path, skipHeads, cancellationToken), cancellationToken);

    /// <summary>Writes the heads to a file, so that a start need not read the log they came from.</summary>
    public Task CheckpointAsync(CancellationToken cancellationToken) => AloneAsync(() => WriteCheckpointAsync(cancellationToken), cancellationToken);

    public void Dispose() => _oneAtATime.Dispose();

    private Task AloneAsync(Action work, CancellationToken cancellationToken) =>
        AloneAsync(
            () =>
            {
                work();
                return Task.CompletedTask;
            },
            cancellationToken);

    private async Task AloneAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        await WaitForTurnAsync(cancellationToken);
        try
        {
            await Task.Run(work, cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    // Whoever waits waits for work, never for somebody's rest.
    private async Task WaitForTurnAsync(CancellationToken cancellationToken)
    {
        lock (_turns)
        {
            _waiting++;
            _hurry.TrySetResult();
        }

        try
        {
            await _oneAtATime.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (_turns)
            {
                _hurry = --_waiting == 0 ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : _hurry;
            }
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

        DeleteSummaries(selectors, range, cancellationToken);

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
        var heldSummaries = summaries.SelectMany(set => SummaryKinds.All.SelectMany(kind => set.Of(kind).HoldAll())).ToList();
        try
        {
            Snapshots.Write(options.Directory, [.. held, .. heldSummaries], path, files, cancellationToken);
        }
        finally
        {
            held.ForEach(b => b.LetGo());
            heldSummaries.ForEach(b => b.LetGo());
        }
    }

    // Sealing gives memory back, so it is done at full speed; what follows takes its time, unless somebody waits for it.
    private async Task RoundAsync(bool sealAll, CancellationToken cancellationToken)
    {
        SealHeads(sealAll, cancellationToken);
        var pace = sealAll ? CompactionPace.Full(time) : new CompactionPace(time, options.CompactionShare, () => _hurry.Task);
        while (MergePlan.Next(blocks.All, options.BlockSpan, options.LargestBlockSpan) is { Count: > 0 } group)
        {
            await MergeAsync(group, pace, cancellationToken);
        }

        if (NewestMs() is { } newest)
        {
            await _downsampler.RunAsync(newest, IsInHeads, pace, cancellationToken);
            DeleteOutlived(newest);
        }
    }

    private bool IsInHeads(TimeRange range)
    {
        lock (gate)
        {
            return heads.Readable.Any(h => h.StartMs <= range.Last.Value && h.UntilMs > range.First.Value);
        }
    }

    // Summaries that can be made again are; where raw samples are gone, what touches the range is taken out of them.
    private void DeleteSummaries(IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken)
    {
        var oldestRaw = blocks.All.Count == 0 ? long.MaxValue : blocks.All.Min(b => b.Facts.StartMs);
        foreach (var set in summaries)
        {
            set.Forget(range, oldestRaw, "samples in its window were deleted");
            var widened = set.Widened(range);
            foreach (var kind in SummaryKinds.All)
            {
                foreach (var block in set.Of(kind).All)
                {
                    if (BlockRewriter.Touches(block, selectors, widened, cancellationToken))
                    {
                        var number = BlockRewriter.Rewrite(block, selectors, widened, set.Of(kind), files, cancellationToken);
                        set.Of(kind).Replace([block], number is null ? null : set.Of(kind).OpenPublished(number.Value), "samples in it were deleted");
                    }
                }

                files.SyncDirectory(set.Of(kind).Directory);
            }
        }
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

    private async Task WriteCheckpointAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var logBytes = log.BytesWritten;
        try
        {
            var (length, position) = await checkpoints.WriteAsync(cancellationToken);
            var took = time.GetElapsedTime(started);
            lock (gate)
            {
                checkpointPace.Wrote(length, logBytes, took);
            }

            MetricsLog.Checkpointed(logger, length, position.Segment, position.Offset, (long)took.TotalMilliseconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            lock (gate)
            {
                checkpointPace.Failed();
            }

            throw;
        }
    }

    // Before the log is shortened: a checkpoint must never know heads whose records and blocks are gone.
    private void DropCheckpoint()
    {
        checkpoints.Drop();
        lock (gate)
        {
            checkpointPace.Dropped();
        }
    }

    private void TrimLog()
    {
        DropCheckpoint();
        metadata.Save(files, Path.Combine(options.Directory, MetricStore.MetadataFile));
        long keepFrom;
        lock (gate)
        {
            // Without any head every record is in a block: a cut makes even the current segment old.
            keepFrom = heads.Readable.Count == 0 ? log.Cut() : heads.Readable.Min(h => h.FirstSegment);
        }

        log.DeleteBefore(keepFrom == long.MaxValue ? 0 : keepFrom);
    }

    private async Task MergeAsync(IReadOnlyList<Block> group, CompactionPace pace, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        try
        {
            var number = await BlockMerger.MergeAsync(group, blocks, files, pace, cancellationToken);
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

    private long? NewestMs()
    {
        var newest = Math.Max(heads.NewestMs, blocks.All.Count == 0 ? long.MinValue : blocks.All.Max(b => b.Facts.NewestMs));
        return newest == long.MinValue ? null : newest;
    }

    private void DeleteOutlived(long newestMs)
    {
        var others = log.SizeOnDisk() + summaries.Sum(s => s.Bytes);
        foreach (var (block, reason) in Retention.Outlived(blocks.All, options, newestMs, others).ToList())
        {
            blocks.Replace([block], null, reason);
        }
    }
}
