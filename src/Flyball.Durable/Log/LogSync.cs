using Flyball.Durable.Files;
using Microsoft.Extensions.Logging;

namespace Flyball.Durable.Log;

/// <summary>The loop that syncs a log: on demand, one sync for everyone who waits, or every interval.</summary>
/// <remarks>Owns retired segment files until they are synced. Lock order: the log's gate, then this one.</remarks>
internal sealed class LogSync : IAsyncDisposable
{
    private readonly WriteAheadLogOptions _options;
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IFile> _retired = [];
    private readonly List<Waiter> _waiters = [];
    private IFile? _current;
    private LogPosition _written;
    private LogPosition _synced;
    private LogPosition _lostFrom;
    private LogPosition _failedUpTo;
    private bool _namesChanged;
    private Task? _loop;
    private long _count;
    private long _failures;

    public LogSync(WriteAheadLogOptions options, IFileSystem files, TimeProvider time, ILogger logger)
    {
        _options = options;
        _files = files;
        _time = time;
        _logger = logger;
    }

    public long Count => Interlocked.Read(ref _count);

    public long Failures => Interlocked.Read(ref _failures);

    public void Began(IFile file)
    {
        lock (_gate)
        {
            _current = file;
            _namesChanged = true;
            _loop ??= Task.Run(RunAsync, CancellationToken.None);
        }
    }

    public void Wrote(LogPosition end)
    {
        lock (_gate)
        {
            _written = end;
        }
    }

    public void Retired(IFile file)
    {
        lock (_gate)
        {
            _retired.Add(file);
            _current = null;
        }
    }

    /// <summary>Whether a sync of the segment failed: nobody knows what of it is on disk, so nothing more goes into it.</summary>
    public bool GaveUp(long segment)
    {
        lock (_gate)
        {
            return _failedUpTo.Segment == segment;
        }
    }

    public ValueTask WaitAsync(LogPosition position, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            // A later sync, of a new segment, says nothing about records whose own sync failed.
            if (_lostFrom < position && position <= _failedUpTo)
            {
                return ValueTask.FromException(new IOException($"sync of log {_options.Directory} failed"));
            }

            if (position <= _synced)
            {
                return ValueTask.CompletedTask;
            }

            waiter = new Waiter(position);
            _waiters.Add(waiter);
            Wake();
        }

        return new ValueTask(waiter.Done.Task.WaitAsync(cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        if (_loop is not null)
        {
            await _loop;
        }

        SyncOnce();
        _stopping.Dispose();
        _wanted.Dispose();
    }

    private void Wake()
    {
        if (_wanted.CurrentCount == 0)
        {
            _wanted.Release();
        }
    }

    private async Task RunAsync()
    {
        // The timer only wakes the loop: in either mode a waiter (a checkpoint, a shutdown) is served at once.
        using var timer = _options.Sync == WalSync.Interval
            ? _time.CreateTimer(_ => WakeFromTimer(), state: null, _options.SyncInterval, _options.SyncInterval)
            : null;
        try
        {
            while (true)
            {
                await _wanted.WaitAsync(_stopping.Token);
                SyncOnce();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The last sync is DisposeAsync's.
        }
    }

    private void WakeFromTimer()
    {
        lock (_gate)
        {
            if (!_stopping.IsCancellationRequested && _written > _synced && _written > _failedUpTo)
            {
                Wake();
            }
        }
    }

    private void SyncOnce()
    {
        IFile[] retired;
        IFile? current;
        LogPosition upTo;
        Waiter[] waiters;
        bool names;
        lock (_gate)
        {
            retired = [.. _retired];
            current = _current;
            upTo = _written;
            waiters = [.. _waiters];
            names = _namesChanged;
            _retired.Clear();
            _waiters.Clear();
            _namesChanged = false;
        }

        var failure = TrySync(retired, upTo > _synced ? current : null, names);
        lock (_gate)
        {
            if (failure is null)
            {
                _synced = upTo;
            }
            else
            {
                Interlocked.Increment(ref _failures);
                _lostFrom = _synced;
                _failedUpTo = upTo;
                _namesChanged |= names;
            }
        }

        foreach (var waiter in waiters)
        {
            if (failure is null)
            {
                waiter.Done.TrySetResult();
            }
            else
            {
                waiter.Done.TrySetException(new IOException($"sync of log {_options.Directory} failed: {failure.Message}", failure));
            }
        }
    }

    private Exception? TrySync(IFile[] retired, IFile? current, bool names)
    {
        Exception? failure = null;
        foreach (var file in retired)
        {
            failure ??= Try(file.Sync);
            file.Dispose();
        }

        if (current is not null)
        {
            failure ??= Try(current.Sync);
        }

        if (names)
        {
            failure ??= Try(() => _files.SyncDirectory(_options.Directory));
        }

        if (failure is null)
        {
            Interlocked.Increment(ref _count);
        }
        else
        {
            LogLog.SyncFailed(_logger, _options.Directory, failure);
        }

        return failure;
    }

    private static Exception? Try(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e;
        }
    }

    private sealed class Waiter(LogPosition position)
    {
        public LogPosition Position { get; } = position;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
