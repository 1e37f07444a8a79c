using System.Diagnostics;
using System.Threading.Channels;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Tracking;

/// <summary>Writes what follows from changed runs: spans of what has ended, metrics of what happened.</summary>
/// <remarks>Senders never wait for it: a change only marks its run. Marks are a set of runs, so they are bounded like the runs are; a
/// sink that fails is tried again and nothing is lost meanwhile.</remarks>
internal sealed class RunExports : IDisposable
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MostRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RestoreSpansOf = TimeSpan.FromHours(1);
    private const int MostRunsPerBatch = 64;

    // Under a flood of changes every export finds new ones: one that is costly is followed by a rest of so many times its length.
    private static readonly TimeSpan Costly = TimeSpan.FromMilliseconds(5);
    private const int RestFactor = 4;

    private readonly RunBook _book;
    private readonly Func<RunKey, PipelineRun?> _find;
    private readonly ISpanSink? _spans;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly ILogger _log;
    private readonly RunMetrics? _metrics;
    private readonly Lock _gate = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<RunKey> _marked = [];

    public RunExports(
        RunTrackerOptions options, RunBook book, Func<RunKey, PipelineRun?> find, ISpanSink? spans, ISampleSink? samples, TimeProvider time, ILogger log)
    {
        _book = book;
        _find = find;
        _spans = spans;
        _time = time;
        _interval = options.MetricsInterval;
        _log = log;
        _metrics = samples is null ? null : new RunMetrics(options, samples);
        book.OnMoved = OnMoved;
    }

    /// <summary>Notes a change. Called in order, under the book's lock.</summary>
    public void Note(PipelineRun? before, PipelineRun after)
    {
        // What a back-fill tells of days past is no event of today.
        if (before?.EndKnownAt == after.EndKnownAt || !PastFacts.IsPast(after, TimestampNs.Now(_time)))
        {
            _metrics?.Observe(before, after);
        }

        _metrics?.Follow(after);
        if (_spans is not null && RunSpans.HasAny(after))
        {
            lock (_gate)
            {
                _marked.Add(after.Key);
            }
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>After a restart: spans of runs that ended shortly before may not have been written.</summary>
    public void Restore(TimestampNs now)
    {
        var since = now.Value - Math.Min(now.Value, (ulong)RestoreSpansOf.TotalMilliseconds * TimestampNs.PerMs);
        foreach (var run in _book.NewestFirst())
        {
            _metrics?.Follow(run);
            if (_spans is not null && RunSpans.HasAny(run) && LastEndKnown(run) >= since)
            {
                _marked.Add(run.Key);
            }
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Writes at every wake-up and every interval until stopped, then once more.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var retry = FirstRetry;
        while (!stopping.IsCancellationRequested)
        {
            var wait = _interval;
            var started = Stopwatch.GetTimestamp();
            try
            {
                await ExportAsync(stopping);
                retry = FirstRetry;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
            catch (IOException e)
            {
                PipelinesLog.ExportFailed(_log, retry.TotalMilliseconds, e);
                wait = retry;
                retry = retry * 2 < MostRetry ? retry * 2 : MostRetry;
                await DelayAsync(wait, stopping);
                continue;
            }

            await RestAsync(Stopwatch.GetElapsedTime(started), stopping);
            await WaitForWorkAsync(wait, stopping);
        }

        await LastExportAsync();
    }

    public void Dispose() => _metrics?.Dispose();

    // Under the book's lock: a run that comes back from the history, and those that leave for it.
    private void OnMoved(PipelineRun? back, IReadOnlyCollection<RunKey> gone)
    {
        if (back is not null)
        {
            _metrics?.Follow(back);
        }

        _metrics?.Leave(gone);
    }

    private static ulong LastEndKnown(PipelineRun run) =>
        Math.Max(run.EndKnownAt?.Value ?? 0, run.Tasks.Count == 0 ? 0 : run.Tasks.Max(t => t.EndKnownAt?.Value ?? 0));

    private async Task ExportAsync(CancellationToken cancellationToken)
    {
        await ExportSpansAsync(cancellationToken);
        if (_metrics is not null)
        {
            await _metrics.WriteAsync(TimestampMs.Now(_time), cancellationToken);
        }
    }

    private async Task ExportSpansAsync(CancellationToken cancellationToken)
    {
        if (_spans is null)
        {
            return;
        }

        HashSet<RunKey> marked;
        lock (_gate)
        {
            marked = _marked;
            _marked = [];
        }

        var batch = new SpanBatch();
        foreach (var chunk in marked.Chunk(MostRunsPerBatch))
        {
            batch.Clear();
            foreach (var run in chunk.Select(_find).OfType<PipelineRun>())
            {
                RunSpans.Append(batch, run);
            }

            try
            {
                if (batch.Count > 0)
                {
                    await _spans.AppendAsync(batch, cancellationToken);
                }

                marked.ExceptWith(chunk);
            }
            catch
            {
                lock (_gate)
                {
                    _marked.UnionWith(marked);
                }

                throw;
            }
        }
    }

    private async Task WaitForWorkAsync(TimeSpan wait, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var timer = Task.Delay(wait, _time, limit.Token);
        var woken = _wake.Reader.WaitToReadAsync(limit.Token).AsTask();
        await Task.WhenAny(timer, woken);
        await limit.CancelAsync();
        _wake.Reader.TryRead(out _);
    }

    // What an export cost is a matter of this machine, not of the clock that stamps samples.
    private static async Task RestAsync(TimeSpan cost, CancellationToken stopping)
    {
        if (cost > Costly)
        {
            await Task.Delay(cost * RestFactor, TimeProvider.System, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DelayAsync(TimeSpan wait, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(wait, _time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition sees it.
        }
    }

    private async Task LastExportAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        try
        {
            await ExportAsync(limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            PipelinesLog.ExportFailed(_log, 0, e);
        }
    }
}
