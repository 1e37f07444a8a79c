using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Durable.Log;

/// <summary>What makes an acknowledgement true: records in the order they were appended, back again after a crash.</summary>
/// <remarks>
/// Life: <see cref="Open"/>, <see cref="Replay(LogRecordHandler, CancellationToken)"/> once, then append. Safe from many threads.
/// Checkpoint: <see cref="Cut"/>, append whatever older records still mean, then <see cref="DeleteBefore"/> the cut; a crash
/// anywhere between replays some of it twice and loses nothing.
/// A failed write leaves no trace: what was written of it is cut off before the next one. Formats: docs/formats/wal.md.
/// </remarks>
public sealed class WriteAheadLog : IAsyncDisposable
{
    private readonly WriteAheadLogOptions _options;
    private readonly IFileSystem _files;
    private readonly ILogger _logger;
    private readonly LogReplay _replay;
    private readonly LogSync _sync;
    private readonly Lock _gate = new();
    private readonly SortedSet<long> _segments;
    private byte[] _frame = new byte[64 << 10];
    private IFile? _file;
    private long _segment;
    private long _end;
    private bool _torn;
    private bool _failing;
    private bool _closed;
    private long _bytesWritten;

    private WriteAheadLog(WriteAheadLogOptions options, IFileSystem files, TimeProvider time, ILogger logger, SortedSet<long> segments)
    {
        _options = options;
        _files = files;
        _logger = logger;
        _segments = segments;
        _segment = segments.Count == 0 ? 0 : segments.Max;
        _replay = new LogReplay(files, options.Directory, logger);
        _sync = new LogSync(options, files, time, logger);
    }

    /// <summary>Number of the segment that is written to, or 0 before the first record ever.</summary>
    public long CurrentSegment => Volatile.Read(ref _segment);

    /// <summary>The place where the next record will begin: every record there is begins before it.</summary>
    public LogPosition End
    {
        get
        {
            lock (_gate)
            {
                return _file is null ? new LogPosition(_segment + 1, 0) : new LogPosition(_segment, _end);
            }
        }
    }

    /// <summary>Bytes appended since the log was opened.</summary>
    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>Syncs since the log was opened.</summary>
    public long Syncs => _sync.Count;

    /// <summary>Syncs that failed since the log was opened. Records whose sync failed may be gone: a room that still has
    /// them in memory writes them again before it acknowledges anything that rests on them.</summary>
    public long SyncFailures => _sync.Failures;

    /// <summary>Whether the last write or sync failed, so that appends are refused until one succeeds.</summary>
    public bool IsFailing => Volatile.Read(ref _failing);

    /// <summary>How far the replay is; may be asked from any thread.</summary>
    public ReplayProgress ReplayProgress => _replay.Progress;

    /// <summary>Opens a log. Nothing is read and, until the first append, nothing written but the folder.</summary>
    /// <exception cref="IOException">The folder cannot be read or created.</exception>
    public static WriteAheadLog Open(WriteAheadLogOptions options, IFileSystem files, TimeProvider time, ILogger logger)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.SyncInterval, TimeSpan.Zero);
        AtomicPublish.CreateDirectory(files, options.Directory);
        var segments = new SortedSet<long>();
        foreach (var entry in files.List(options.Directory))
        {
            if (LogFormat.TryParseFileName(entry.Name, out var segment))
            {
                segments.Add(segment);
            }
        }

        return new WriteAheadLog(options, files, time, logger, segments);
    }

    /// <summary>Hands out every record of earlier lives, in order. Call it once, before the first append.</summary>
    /// <exception cref="UnknownVersionException">A segment was written by a later version of the program.</exception>
    public ReplayReport Replay(LogRecordHandler handler, CancellationToken cancellationToken) => Replay(default, handler, cancellationToken);

    /// <summary>As <see cref="Replay(LogRecordHandler, CancellationToken)"/>, but only records that begin at or behind a place.</summary>
    /// <param name="from">A place <see cref="End"/> once was; what lies before it is not even looked at.</param>
    /// <exception cref="UnknownVersionException">A segment was written by a later version of the program.</exception>
    public ReplayReport Replay(LogPosition from, LogRecordHandler handler, CancellationToken cancellationToken)
    {
        List<long> segments;
        lock (_gate)
        {
            segments = [.. _segments.Where(s => s >= from.Segment)];
        }

        return _replay.Run(segments, from, handler, cancellationToken);
    }

    /// <summary>Writes a record. When this returns it survives the end of the process; see <see cref="DurableAsync"/> for more.</summary>
    /// <param name="type">Any number; it is handed back by the replay.</param>
    /// <returns>The place behind the record.</returns>
    /// <exception cref="IOException">The disk is full, read-only or broken. The record is not in the log.</exception>
    public LogPosition Append(byte type, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            try
            {
                var size = LogFormat.RecordHeaderSize + payload.Length;
                PrepareFile(size);
                Frame(type, payload, size);

                // From here until the write has returned the tail is of unknown length.
                _torn = true;
                _file!.Write(_end, _frame.AsSpan(0, size));
                _torn = false;
                _end += size;
                _bytesWritten += size;
                Recovered();
                var position = new LogPosition(_segment, _end);
                _sync.Wrote(position);
                return position;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Failed(e);
                throw e as IOException ?? new IOException(e.Message, e);
            }
        }
    }

    /// <summary>Waits until everything up to a place is as safe as <see cref="WriteAheadLogOptions.Sync"/> promises.</summary>
    /// <exception cref="IOException">The sync failed: a power cut might lose the records.</exception>
    public ValueTask DurableAsync(LogPosition position, CancellationToken cancellationToken) =>
        _options.Sync == WalSync.Interval ? ValueTask.CompletedTask : _sync.WaitAsync(position, cancellationToken);

    /// <summary>Writes a record and waits until it is as safe as <see cref="WriteAheadLogOptions.Sync"/> promises.</summary>
    /// <returns>The place behind the record.</returns>
    /// <exception cref="IOException">It could not be written.</exception>
    public async ValueTask<LogPosition> AppendAsync(byte type, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var position = Append(type, payload.Span);
        await DurableAsync(position, cancellationToken);
        return position;
    }

    /// <summary>Waits for a sync of everything appended so far, whatever the policy.</summary>
    /// <exception cref="IOException">It failed.</exception>
    public ValueTask SyncAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _bytesWritten == 0 ? ValueTask.CompletedTask : _sync.WaitAsync(new LogPosition(_segment, _end), cancellationToken);
        }
    }

    /// <summary>Ends the current segment: the next record begins another one.</summary>
    /// <returns>Number of the segment the next record goes to; every earlier record is in a lower one.</returns>
    /// <exception cref="IOException">The remains of a failed write could not be cut off.</exception>
    public long Cut()
    {
        lock (_gate)
        {
            CutTornTail();
            Retire();
            return _segment + 1;
        }
    }

    /// <summary>Reads the records of all segments below a number that <see cref="Cut"/> returned, in order; appending meanwhile is fine.</summary>
    public ReplayReport ReadBefore(long segment, LogRecordHandler handler, CancellationToken cancellationToken)
    {
        List<long> segments;
        lock (_gate)
        {
            segments = [.. _segments.Where(s => s < segment)];
        }

        return new LogReplay(_files, _options.Directory, _logger).Run(segments, default, handler, cancellationToken);
    }

    /// <summary>Deletes all segments below a number that <see cref="Cut"/> returned.</summary>
    /// <exception cref="IOException">Some could not be deleted; calling again later goes on.</exception>
    public void DeleteBefore(long segment)
    {
        List<long> gone;
        lock (_gate)
        {
            gone = [.. _segments.Where(s => s < segment)];
        }

        foreach (var old in gone)
        {
            _files.Delete(PathOf(old));
            lock (_gate)
            {
                _segments.Remove(old);
            }
        }

        if (gone.Count > 0)
        {
            _files.SyncDirectory(_options.Directory);
        }
    }

    /// <summary>Whether everything before a place that <see cref="End"/> once was can still be there.</summary>
    public bool Reaches(LogPosition end)
    {
        lock (_gate)
        {
            return end.Offset == 0
                ? _segment + 1 >= end.Segment
                : _segments.Contains(end.Segment) && _files.Length(PathOf(end.Segment)) >= end.Offset;
        }
    }

    /// <summary>Bytes on disk at and behind a place.</summary>
    public long SizeBehind(LogPosition from)
    {
        List<long> segments;
        lock (_gate)
        {
            segments = [.. _segments.Where(s => s >= from.Segment)];
        }

        return segments.Sum(s => s == from.Segment ? Math.Max(0, _files.Length(PathOf(s)) - from.Offset) : _files.Length(PathOf(s)));
    }

    /// <summary>Bytes of all segments on disk.</summary>
    public long SizeOnDisk() => _files.List(_options.Directory).Sum(e => e.Length);

    /// <summary>Syncs what is written and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            Retire();
        }

        await _sync.DisposeAsync();
    }

    private string PathOf(long segment) => Path.Combine(_options.Directory, LogFormat.FileName(segment));

    private void PrepareFile(int size)
    {
        CutTornTail();
        if (_file is not null && (_sync.GaveUp(_segment) || (_end > LogFormat.FileHeaderSize && _end + size > _options.SegmentBytes)))
        {
            Retire();
        }

        if (_file is null)
        {
            Begin(_segment + 1);
        }
    }

    private void CutTornTail()
    {
        if (_torn)
        {
            _file!.SetLength(_end);
            _torn = false;
        }
    }

    private void Begin(long segment)
    {
        var path = PathOf(segment);
        var file = _files.Open(path, OpenMode.Truncate);
        try
        {
            Span<byte> header = stackalloc byte[LogFormat.FileHeaderSize];
            LogFormat.WriteFileHeader(header, segment);
            file.Write(0, header);
        }
        catch
        {
            // The next try truncates and starts over; the number is not taken yet.
            file.Dispose();
            throw;
        }

        _file = file;
        _end = LogFormat.FileHeaderSize;
        _segments.Add(segment);
        Volatile.Write(ref _segment, segment);
        _sync.Began(file);
    }

    // The sync loop owns the file from here: it may still have to be synced, and syncing here would hold up every writer.
    private void Retire()
    {
        if (_file is not null)
        {
            _sync.Retired(_file);
            _file = null;
        }
    }

    private void Frame(byte type, ReadOnlySpan<byte> payload, int size)
    {
        if (_frame.Length < size)
        {
            _frame = new byte[Math.Max(size, _frame.Length * 2)];
        }

        LogFormat.WriteRecordHeader(_frame, type, payload);
        payload.CopyTo(_frame.AsSpan(LogFormat.RecordHeaderSize));
    }

    private void Failed(Exception cause)
    {
        if (!_failing)
        {
            LogLog.WriteFailed(_logger, _options.Directory, cause);
        }

        Volatile.Write(ref _failing, true);
    }

    private void Recovered()
    {
        if (_failing)
        {
            LogLog.WriteRecovered(_logger, _options.Directory);
            Volatile.Write(ref _failing, false);
        }
    }
}
