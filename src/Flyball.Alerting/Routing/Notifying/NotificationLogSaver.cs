using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Routing.Notifying;

/// <summary>Writes the notification log to disk soon after it has changed: many changes at once cost one write.</summary>
internal sealed class NotificationLogSaver : IAsyncDisposable
{
    private readonly NotificationLog _log;
    private readonly NotificationLogFile _file;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _changed = new(0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _running;
    private int _pending;

    public NotificationLogSaver(NotificationLog log, NotificationLogFile file, ILogger logger)
    {
        _log = log;
        _file = file;
        _logger = logger;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Fills the log with what was written before the last stop.</summary>
    public void Load()
    {
        if (_file.ReadInto(_log) is { } reason)
        {
            RoutingLog.NotificationLogUnusable(_logger, _file.Path, reason);
        }
    }

    /// <summary>The log has changed.</summary>
    public void Changed()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0)
        {
            _changed.Release();
        }
    }

    /// <summary>Writes what is outstanding.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        Save();
        _stopping.Dispose();
        _changed.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                await _changed.WaitAsync(_stopping.Token);
                Save();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
        }
    }

    private void Save()
    {
        if (Interlocked.Exchange(ref _pending, 0) == 0)
        {
            return;
        }

        try
        {
            _file.Write(_log);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            RoutingLog.NotificationLogNotWritten(_logger, e);
        }
    }
}
