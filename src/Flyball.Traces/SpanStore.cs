using System.Collections.Concurrent;
using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Spans;
using Flyball.Traces.Bytes;
using Flyball.Traces.Head;
using Flyball.Traces.Pages;
using Flyball.Traces.Retention;
using Flyball.Traces.Search;
using Flyball.Traces.Segments;
using Flyball.Traces.Strings;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;
using Microsoft.Extensions.Logging;

namespace Flyball.Traces;

/// <summary>Keeps spans: acknowledged means in the log, searchable at once, sealed into columnar segments in the background.</summary>
/// <remarks>
/// <code>
/// AppendAsync ─▶ page ─▶ log ─▶ head (memory) ── full ──▶ segment ── several of one size ──▶ larger segment ── old ──▶ gone
/// </code>
/// The same span sent twice (trace id, span id, kind) is one span: the one with the latest end. Safe from many threads.
/// Formats: docs/formats/traces-log.md, docs/formats/traces-segment.md.
/// </remarks>
public sealed partial class SpanStore : ISpanSink, ISpanSource, IAsyncDisposable
{
    private const int SealQuality = 1;
    private const int MergeQuality = 3;

    private readonly SpanStoreOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WriteAheadLog _log;
    private readonly SegmentSet _segments;
    private readonly StoreMetrics _metrics;
    private readonly IDisposable _lock;
    private readonly RetentionPolicy _retention;
    private readonly ConcurrentBag<(LogRecordFormat Format, ByteWriter Bytes)> _encoders = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _sealSignal = new(0, 1);
    private readonly SemaphoreSlim _maintainSignal = new(0, 1);

    // Guards everything below; taken for moments only, never around the disk except for the log's own write.
    private readonly Lock _gate = new();
    private readonly Dictionary<long, int> _inFlight = [];
    private SpanHead _head = new();
    private SpanHead? _sealing;
    private TaskCompletionSource _room = NewRoom();
    private Task _sealLoop = Task.CompletedTask;
    private Task _maintainLoop = Task.CompletedTask;
    private bool _disposed;

    private SpanStore(SpanStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _time = time;
        _retention = new RetentionPolicy(options);
        _logger = loggers.CreateLogger("Flyball.Traces");
        AtomicPublish.CreateDirectory(files, options.Directory);
        _lock = files.Lock(Path.Combine(options.Directory, "lock"));
        _segments = new SegmentSet(files, Path.Combine(options.Directory, "segments"), options.StringCacheBytes, _logger);
        var log = new WriteAheadLogOptions { Directory = Path.Combine(options.Directory, "log"), Sync = options.Sync };
        _log = WriteAheadLog.Open(log, files, time, _logger);
        _metrics = new StoreMetrics(this);
    }

    /// <summary>Opens a store and replays its log.</summary>
    /// <exception cref="IOException">Its folder cannot be used, or another process has it open.</exception>
    public static async Task<SpanStore> OpenAsync(
        SpanStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MergeFactor, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.HeadSpans, 1);
        var store = new SpanStore(options, files, time, loggers);
        try
        {
            await Task.Run(() => store.Recover(cancellationToken), cancellationToken);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }

        store._sealLoop = Task.Run(store.SealLoopAsync, CancellationToken.None);
        store._maintainLoop = Task.Run(store.MaintainLoopAsync, CancellationToken.None);
        return store;
    }

    /// <summary>Figures of the moment.</summary>
    public SpanStoreStats Stats
    {
        get
        {
            int head;
            lock (_gate)
            {
                head = _head.Spans + (_sealing?.Spans ?? 0);
            }

            return new SpanStoreStats(head, _segments.Current.Length, _segments.Damaged, _segments.Spans + head, _segments.Bytes);
        }
    }

    /// <inheritdoc />
    public async ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        var check = ArrivalCheck.At(_time.GetUtcNow(), _options);
        var page = BatchToPage.Convert(batch, check.Accepts);
        var report = Report(batch, page.Count, check);
        if (page.Count > 0)
        {
            await WaitForRoomAsync(cancellationToken);
            await LogAsync(page, cancellationToken);
            _metrics.Appended(page.Count);
        }

        return report;
    }

    /// <inheritdoc />
    public ValueTask<SpanBatch?> ReadTraceAsync(TraceId traceId, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Ask(view => TraceRows.Read(view, traceId).ToBatch()));
    }

    /// <summary>Finds traces, newest first.</summary>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public ValueTask<IReadOnlyList<TraceSummary>> SearchAsync(TraceSearch query, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        return ValueTask.FromResult<IReadOnlyList<TraceSummary>>(Ask(view => new TraceSearcher(view, query).Run(cancellationToken)));
    }

    /// <summary>Finds traces by a TraceQL query, newest first.</summary>
    /// <exception cref="TraceQLException">The query is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    internal TraceQLAnswer Search(TraceQLSearch search, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(search.Limit, 1);
        var query = Parser.ParseSearch(search.Query);
        return Ask(view => new SearchExecutor(view, query, search).Run(cancellationToken));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stopping.CancelAsync();
        await _sealLoop;
        await _maintainLoop;
        await _log.DisposeAsync();
        _segments.Dispose();
        _metrics.Dispose();
        _lock.Dispose();
        _stopping.Dispose();
        _sealSignal.Dispose();
        _maintainSignal.Dispose();
    }

    /// <summary>Asks a question of all spans as they are now. A segment that turns out to be damaged is set aside and the rest asked again.</summary>
    /// <param name="question">Must not keep pages beyond the view, nor write anything that a second try would repeat.</param>
    internal T Ask<T>(Func<StoreView, T> question)
    {
        while (true)
        {
            using var view = View();
            try
            {
                return question(view);
            }
            catch (DamagedFileException e) when (_segments.SetAside(e))
            {
                // The next view is without it, so this ends.
            }
        }
    }

    /// <summary>All spans as they are now.</summary>
    internal StoreView View()
    {
        lock (_gate)
        {
            // Under the gate, because a head that has just become a segment must be seen exactly once.
            SpanPage[] pages = _sealing is null ? _head.Pages : [.. _sealing.Pages, .. _head.Pages];
            return new StoreView(pages, _segments.Hold());
        }
    }

    private static TaskCompletionSource NewRoom() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SpanAppendReport Report(SpanBatch batch, int stored, ArrivalCheck check)
    {
        var rejected = batch.Count - stored;
        if (rejected == 0)
        {
            return new SpanAppendReport(stored);
        }

        string? first = null;
        foreach (ref readonly var span in batch.Spans)
        {
            if (!check.Accepts(span))
            {
                var (word, sentence) = check.ReasonFor(span);
                _metrics.Rejected(word);
                first ??= sentence;
            }
        }

        return new SpanAppendReport(stored, rejected, first);
    }

    private async ValueTask LogAsync(SpanPage page, CancellationToken cancellationToken)
    {
        (LogRecordFormat Format, ByteWriter Bytes) encoder = _encoders.TryTake(out var idle) ? idle : (new(), new());
        LogPosition position;
        try
        {
            encoder.Bytes.Clear();
            encoder.Format.Write(page, (StringTable)page.Strings, encoder.Bytes);
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                position = _log.Append(LogRecordFormat.RecordType, encoder.Bytes.Written);
                _inFlight[position.Segment] = _inFlight.GetValueOrDefault(position.Segment) + 1;
            }
        }
        finally
        {
            _encoders.Add(encoder);
        }

        var durable = false;
        try
        {
            // The record is in the log: giving up now would lose an answer, not the spans, so this wait is not cancelled.
            await _log.DurableAsync(position, CancellationToken.None);
            durable = true;
        }
        finally
        {
            Land(page, position.Segment, durable);
        }
    }

    // A page leaves "in flight" in the same moment in which it becomes part of the head, so the log behind it is never cut.
    private void Land(SpanPage page, long logSegment, bool durable)
    {
        lock (_gate)
        {
            if (--_inFlight[logSegment] == 0)
            {
                _inFlight.Remove(logSegment);
            }

            if (durable)
            {
                _head.Add(page, logSegment);
                if (IsFull(_head))
                {
                    Signal(_sealSignal);
                }
            }
        }
    }

    private ValueTask WaitForRoomAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            // Twice the size means sealing does not keep up: senders wait instead of memory growing.
            return _sealing is not null && (_head.Spans >= _options.HeadSpans * 2L || _head.Bytes >= _options.HeadBytes * 2)
                ? new ValueTask(_room.Task.WaitAsync(cancellationToken))
                : ValueTask.CompletedTask;
        }
    }

    private bool IsFull(SpanHead head) => head.Spans >= _options.HeadSpans || head.Bytes >= _options.HeadBytes;

    private static void Signal(SemaphoreSlim semaphore)
    {
        if (semaphore.CurrentCount == 0)
        {
            try
            {
                semaphore.Release();
            }
            catch (SemaphoreFullException)
            {
                // Somebody else signalled in between; once is enough.
            }
        }
    }
}

/// <summary>Figures of a span store.</summary>
/// <param name="HeadSpans">Spans in memory.</param>
/// <param name="Segments">Segments on disk.</param>
/// <param name="DamagedSegments">Segments that cannot be read and are left out.</param>
/// <param name="Spans">Spans in memory and on disk, copies counted.</param>
/// <param name="Bytes">Bytes of segments on disk.</param>
public readonly record struct SpanStoreStats(int HeadSpans, int Segments, int DamagedSegments, long Spans, long Bytes);
