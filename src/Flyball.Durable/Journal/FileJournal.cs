using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Flyball.Durable.Files;
using Flyball.Model.Journaling;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Durable.Journal;

/// <summary>How a journal keeps its files.</summary>
public sealed record JournalOptions
{
    /// <summary>A segment that has grown to this many bytes is closed; between 4 KiB and 1 GiB.</summary>
    public long SegmentBytes { get; init; } = 16L << 20;
}

/// <summary>The journal in files: an entry is acknowledged when it is on disk, and no byte of it changes unnoticed.</summary>
/// <remarks>
/// Appends that come while the disk is busy share the next fsync. What a crash tears off the end was never acknowledged; opening moves
/// it aside and notes that as an entry of its own. Anything else that is wrong refuses to open: see <see cref="JournalDamagedException"/>.
/// Format: <see cref="JournalFormat"/>. Safe from many threads. One process at a time.
/// </remarks>
public sealed class FileJournal : IJournal, IDisposable
{
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly IDisposable _folderLock;
    private readonly JournalIndex _index;
    private readonly JournalWriter _writer;
    private readonly Lock _gate = new();
    private List<Pending> _queue = [];
    private bool _writing;
    private bool _disposed;

    // Both describe the chain including entries that are queued; after a failed write they fall back to what is on disk.
    private long _nextPosition;
    private byte[] _lastHash;
    private TaskCompletionSource _grown = NewSignal();

    private FileJournal(IFileSystem files, TimeProvider time, ILogger log, IDisposable folderLock, JournalIndex index, JournalWriter writer)
    {
        _files = files;
        _time = time;
        _log = log;
        _folderLock = folderLock;
        _index = index;
        _writer = writer;
        _nextPosition = writer.Entries;
        _lastHash = writer.Hash;
    }

    /// <inheritdoc />
    public long Head => _index.Count;

    /// <summary>Opens the journal of a folder, creating it if there is none.</summary>
    /// <exception cref="JournalDamagedException">Something that was acknowledged was changed or is missing.</exception>
    /// <exception cref="IOException">The folder is in use, or cannot be read or written.</exception>
    public static FileJournal Open(
        IFileSystem files, string directory, JournalOptions options, TimeProvider time, ILogger? log, CancellationToken cancellationToken)
    {
        AtomicPublish.CreateDirectory(files, directory);
        var folderLock = files.Lock(Path.Combine(directory, "LOCK"));
        try
        {
            var index = new JournalIndex();
            var recovery = JournalRecovery.Run(files, directory, index, cancellationToken);
            var writer = new JournalWriter(files, directory, options.SegmentBytes, index, recovery);
            var journal = new FileJournal(files, time, log ?? NullLogger.Instance, folderLock, index, writer);
            if (recovery.TornBytes > 0)
            {
                journal.NoteTornTail(recovery);
            }

            return journal;
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<JournalEntry> AppendAsync(JournalDraft draft, long? expectedHead, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Pending pending;
        bool lead;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (expectedHead is { } expected && expected != _nextPosition)
            {
                throw new JournalConflictException(expected, _nextPosition);
            }

            pending = Enqueue(draft);
            lead = !_writing;
            _writing = true;
        }

        // The first to come writes on its own thread: handing over to another would cost more than the write.
        if (lead)
        {
            WriteBatch();
        }

        return new ValueTask<JournalEntry>(pending.Done.Task);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<JournalEntry> ReadAsync(long fromInclusive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fromInclusive);
        await Task.CompletedTask;
        var until = Head;
        IFile? file = null;
        try
        {
            for (var position = fromInclusive; position < until; position++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (path, offset) = _index.Find(position);
                if (file?.Path != path)
                {
                    file?.Dispose();
                    file = _files.Open(path, OpenMode.Read);
                }

                yield return ReadEntry(file, offset, position);
            }
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<JournalEntry> FollowAsync(long fromInclusive, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = fromInclusive;
        while (true)
        {
            Task grown;
            lock (_gate)
            {
                grown = _grown.Task;
            }

            await foreach (var entry in ReadAsync(next, cancellationToken))
            {
                next = entry.Position + 1;
                yield return entry;
            }

            await grown.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the journal. Appends that are under way end first; later ones throw.</summary>
    public void Dispose()
    {
        List<Pending> left;
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            left = _queue;
            _queue = [];
        }

        foreach (var pending in left)
        {
            pending.Done.SetException(new ObjectDisposedException(nameof(FileJournal)));
        }

        _writer.Dispose();
        _folderLock.Dispose();
    }

    private Pending Enqueue(JournalDraft draft)
    {
        var at = TimestampMs.Now(_time);
        var bytes = JournalFormat.Encode(_nextPosition, at, _lastHash, draft);
        var hash = bytes[^JournalFormat.HashSize..];
        var entry = new JournalEntry(_nextPosition, at, draft, Convert.ToHexStringLower(_lastHash), Convert.ToHexStringLower(hash));
        var pending = new Pending(entry, bytes, hash, new TaskCompletionSource<JournalEntry>(TaskCreationOptions.RunContinuationsAsynchronously));
        _nextPosition++;
        _lastHash = hash;
        _queue.Add(pending);
        return pending;
    }

    private void WriteBatch()
    {
        List<Pending> batch;
        lock (_gate)
        {
            batch = _queue;
            _queue = [];
        }

        Exception? failure = null;
        try
        {
            _writer.Append(batch.ConvertAll(p => p.Bytes), batch.Count > 0 ? batch[^1].Hash : []);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            failure = e as IOException ?? new IOException(e.Message, e);
            JournalLog.AppendFailed(_log, batch.Count, failure);
        }

        Finish(batch, failure);
    }

    private void Finish(List<Pending> batch, Exception? failure)
    {
        TaskCompletionSource? grown = null;
        bool more;
        lock (_gate)
        {
            if (failure is not null)
            {
                // Whatever was queued meanwhile is chained to what failed.
                batch.AddRange(_queue);
                _queue = [];
                _nextPosition = _writer.Entries;
                _lastHash = _writer.Hash;
            }
            else
            {
                grown = _grown;
                _grown = NewSignal();
            }

            more = _queue.Count > 0 && !_disposed;
            _writing = more;
        }

        foreach (var pending in batch)
        {
            if (failure is null)
            {
                pending.Done.TrySetResult(pending.Entry);
            }
            else
            {
                pending.Done.TrySetException(failure);
            }
        }

        grown?.TrySetResult();
        if (more)
        {
            // Not on this thread: its caller's own entry is done, the others' are not its business.
            ThreadPool.UnsafeQueueUserWorkItem(static journal => journal.WriteBatch(), this, preferLocal: false);
        }
    }

    private static JournalEntry ReadEntry(IFile file, long offset, long position)
    {
        Span<byte> prefix = stackalloc byte[4];
        var length = file.Read(offset, prefix) == 4 ? BinaryPrimitives.ReadInt32LittleEndian(prefix) : -1;
        if (length is < 0 or > JournalFormat.MostEntryBytes)
        {
            throw new JournalDamagedException(file.Path, offset, position, "the entry's length was changed");
        }

        var bytes = new byte[length];
        var read = file.Read(offset + 4, bytes);
        return JournalFormat.Decode(bytes.AsSpan(0, read), out var error) is { } entry && entry.Position == position
            ? entry
            : throw new JournalDamagedException(file.Path, offset, position, error.Length > 0 ? error : "another entry stands here");
    }

    private void NoteTornTail(JournalRecovery recovery)
    {
        JournalLog.TornTail(_log, recovery.TornBytes, recovery.TornPath);
        var draft = new JournalDraft(
            "journal.recovered", "system", "journal",
            $"{recovery.TornBytes} bytes at the end were never acknowledged and were moved aside", ReadOnlyMemory<byte>.Empty);
        lock (_gate)
        {
            Enqueue(draft);
            _writing = true;
        }

        WriteBatch();
        if (Head == recovery.Entries)
        {
            throw new IOException($"journal {recovery.TornPath}: the repair of its end could not be written");
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed record Pending(JournalEntry Entry, byte[] Bytes, byte[] Hash, TaskCompletionSource<JournalEntry> Done);
}
