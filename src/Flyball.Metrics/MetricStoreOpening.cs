using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics;

/// <summary>A store on its way up: what <c>/-/ready</c> shows while the log is read back.</summary>
public sealed class MetricStoreOpening
{
    private readonly MetricStore _store;

    private MetricStoreOpening(MetricStore store) => _store = store;

    /// <summary>How far reading the log back is.</summary>
    public ReplayProgress Replay => _store.Replay;

    /// <summary>Takes the folder; nothing is read yet.</summary>
    /// <exception cref="IOException">Another process has the folder, or it cannot be created.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static MetricStoreOpening Begin(MetricStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory logs)
    {
        options.Check();
        AtomicPublish.CreateDirectory(files, options.Directory);
        var folderLock = files.Lock(Path.Combine(options.Directory, "lock"));
        try
        {
            return new MetricStoreOpening(MetricStore.Create(options, files, time, logs, folderLock));
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Reads everything back and hands out the store.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async Task<MetricStore> FinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(() => _store.ReplayLogAsync(cancellationToken), cancellationToken);
            return _store;
        }
        catch
        {
            await _store.DisposeAsync();
            throw;
        }
    }
}
