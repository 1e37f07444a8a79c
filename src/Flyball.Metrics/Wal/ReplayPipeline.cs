using System.Collections.Concurrent;
using Flyball.Metrics.Checkpoints;
using Flyball.Metrics.Head;
using Flyball.Model.Time;

namespace Flyball.Metrics.Wal;

/// <summary>Reads the log back on several cores: one reads and decodes, one fills the heads, one builds the label indexes.</summary>
/// <remarks>
/// <code>
/// log ──▶ HeadReplay ──sections──▶ ReplayedHeads ──new series──▶ HeadIndex
/// </code>
/// Queues are bounded; who is ahead waits. A small log is not worth two threads and is applied by who reads it. When a stage
/// fails the one before goes on into the void, and <see cref="FinishAsync"/> tells.
/// </remarks>
internal sealed class ReplayPipeline : IDisposable
{
    private const long SmallLogBytes = 4 << 20;
    private const int MostAhead = 64;

    private readonly ReplayedHeads _heads;
    private readonly ConcurrentBag<ReplaySection> _free = [];
    private readonly BlockingCollection<ReplaySection> _sections = new(MostAhead);
    private readonly BlockingCollection<(HeadPart Head, int From, int Until)> _series = new(MostAhead);
    private readonly Task _applying = Task.CompletedTask;
    private readonly Task _indexing = Task.CompletedTask;
    private readonly bool _alone;

    /// <summary>Starts the threads, if there is enough for them to do.</summary>
    /// <param name="bytes">Bytes that are read back, of log and checkpoint.</param>
    public ReplayPipeline(HeadSet heads, TimestampMs now, long bytes)
    {
        _alone = bytes < SmallLogBytes;
        _heads = new ReplayedHeads(heads, now, _alone ? Index : (head, from, until) => _series.Add((head, from, until)));
        if (!_alone)
        {
            _applying = Task.Factory.StartNew(ApplyAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            _indexing = Task.Factory.StartNew(IndexAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    public long Samples => _heads.Samples;

    /// <summary>Samples whose series was lost to damage.</summary>
    public long Orphans => _heads.Orphans;

    /// <summary>Begins with a head out of a checkpoint; before anything is sent.</summary>
    public void Take(RestoredHead head) => _heads.Take(head);

    public ReplaySection Rent() => _free.TryTake(out var section) ? section : new ReplaySection();

    public void Send(ReplaySection section)
    {
        if (_alone)
        {
            _heads.Apply(section);
            _free.Add(section);
        }
        else
        {
            _sections.Add(section);
        }
    }

    /// <summary>Waits for everything that was sent; call it also when reading was broken off.</summary>
    public async Task FinishAsync()
    {
        _sections.CompleteAdding();
        try
        {
            await _applying;
        }
        finally
        {
            _series.CompleteAdding();
            await _indexing;
        }

        _heads.Finish();
    }

    public void Dispose()
    {
        _sections.Dispose();
        _series.Dispose();
    }

    private static void Index(HeadPart head, int from, int until)
    {
        for (var series = from; series < until; series++)
        {
            head.Index.Add(series, head.Series.Labels(series));
        }
    }

    private void ApplyAll() => Consume(_sections, section =>
    {
        _heads.Apply(section);
        _free.Add(section);
    });

    private void IndexAll() => Consume(_series, added => Index(added.Head, added.From, added.Until));

    private static void Consume<T>(BlockingCollection<T> queue, Action<T> act)
    {
        try
        {
            foreach (var item in queue.GetConsumingEnumerable())
            {
                act(item);
            }
        }
        catch
        {
            // Who fills the queue must not wait for ever.
            foreach (var _ in queue.GetConsumingEnumerable())
            {
            }

            throw;
        }
    }
}
