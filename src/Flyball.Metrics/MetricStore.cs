using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Checkpoints;
using Flyball.Metrics.Compaction;
using Flyball.Metrics.Downsampling;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Head;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Metrics.Reading;
using Flyball.Metrics.Status;
using Flyball.Metrics.Wal;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Metrics;

/// <summary>The time-series store: samples in, series out, everything acknowledged survives.</summary>
/// <remarks>
/// One gate protects the heads. Appending holds it for one batch; reading holds it twice for the moment it takes to note
/// what is there, and decodes without it. How it all hangs together: docs/storage.md.
/// </remarks>
public sealed class MetricStore : ITrackedSeriesSource, ISampleSink, IAsyncDisposable
{
    internal const string MetadataFile = "metadata";
    internal const string CheckpointFile = "checkpoint";

    private static readonly TimeSpan MaintenanceInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReplayNews = TimeSpan.FromSeconds(5);

    private readonly MetricStoreOptions _options;
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDisposable _folderLock;
    private readonly WriteAheadLog _log;
    private readonly StoreMeter _meter = new();
    private readonly ExemplarRing _exemplars;
    private readonly MetadataTable _metadata = new();
    private readonly HeadSet _heads;
    private readonly BatchAppender _appender;
    private readonly BlockSet _blocks;
    private readonly IReadOnlyList<SummarySet> _summaries;
    private readonly Maintenance _maintenance;
    private readonly StoreReader _reader;
    private readonly ChangeTrack _changes = new();
    private readonly CheckpointPace _checkpoints;
    private readonly SemaphoreSlim _checkpointDue = new(0, 1);
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _maintenanceDue = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private Task _maintenanceLoop = Task.CompletedTask;
    private Task _checkpointLoop = Task.CompletedTask;
    private bool _closed;

    private MetricStore(
        MetricStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory logs, IDisposable folderLock)
    {
        _options = options;
        _files = files;
        _time = time;
        _folderLock = folderLock;
        _logger = logs.CreateLogger<MetricStore>();
        _log = WriteAheadLog.Open(
            new WriteAheadLogOptions
            {
                Directory = Path.Combine(options.Directory, "wal"),
                Sync = options.WalSync,
                SyncInterval = options.WalSyncInterval,
            },
            files,
            time,
            logs.CreateLogger<WriteAheadLog>());
        _exemplars = new ExemplarRing(options.ExemplarLimit);
        _heads = new HeadSet((long)options.BlockSpan.TotalMilliseconds);
        _blocks = new BlockSet(Path.Combine(options.Directory, "blocks"), files, _logger, _meter);
        _blocks.Lost = _changes.Note;
        _appender = new BatchAppender(options, _heads, _log, _exemplars, _metadata, _meter);
        _summaries =
        [
            .. options.Downsampling.OrderByDescending(r => r.Resolution)
                .Select(r => new SummarySet(r, options.LargestBlockSpan, options.Directory, files, _logger, _meter)),
        ];
        foreach (var set in _summaries.SelectMany(s => SummaryKinds.All, (s, kind) => s.Of(kind)))
        {
            set.Lost = _changes.Note;
        }

        _reader = new StoreReader(_gate, _heads, _blocks, _summaries);
        _checkpoints = new CheckpointPace(options.CheckpointBytes);
        var checkpoints = new CheckpointWriter(files, CheckpointPath, _gate, _heads, _log, _metadata, _exemplars);
        _maintenance = new Maintenance(options, files, time, _logger, _meter, _gate, _heads, _blocks, _summaries, _log, _metadata, checkpoints, _checkpoints);
    }

    /// <summary>The store in numbers, now.</summary>
    public StoreStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                var heads = _heads.Readable.Where(h => h.SampleCount > 0).ToList();
                var blocks = _blocks.All;
                return new StoreStatistics
                {
                    HeadSeries = heads.Sum(h => h.Series.Count),
                    HeadSamples = heads.Sum(h => h.SampleCount),
                    HeadPages = heads.Sum(h => h.PageCount),
                    HeadBytes = heads.Sum(h => h.AllocatedBytes),
                    OldestHeadMs = heads.Count == 0 ? 0 : heads.Min(h => h.OldestMs),
                    NewestHeadMs = heads.Count == 0 ? 0 : heads.Max(h => h.NewestMs),
                    Blocks = blocks.Count,
                    BlockBytes = blocks.Sum(b => b.Length),
                    BlockSamples = blocks.Sum(b => b.Facts.SampleCount),
                    LogSegment = _log.CurrentSegment,
                    Exemplars = _exemplars.Count,
                    LogFailing = _log.IsFailing,
                };
            }
        }
    }

    /// <summary>The blocks that answer queries, oldest first.</summary>
    public IReadOnlyList<BlockInfo> Blocks =>
        [.. _blocks.All.OrderBy(b => b.Facts.StartMs).Select(b => new BlockInfo(
            Path.GetFileName(b.Path), b.Facts.StartMs, b.Facts.UntilMs, b.Facts.Level, b.Facts.SeriesCount, b.Facts.SampleCount, b.Facts.PageCount, b.Length))];

    private StoreReader Reader
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed), this);
            return _reader;
        }
    }

    /// <summary>How far reading the log back is; safe while <see cref="OpenAsync"/> runs through <see cref="MetricStoreOpening"/>.</summary>
    public ReplayProgress Replay => _log.ReplayProgress;

    /// <summary>What metric families say about themselves.</summary>
    public IReadOnlyCollection<MetricMetadata> Metadata => _metadata.All;

    /// <summary>Opens a store and reads its log back.</summary>
    /// <exception cref="IOException">Another process has the folder, or it cannot be read.</exception>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public static async Task<MetricStore> OpenAsync(
        MetricStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var opening = MetricStoreOpening.Begin(options, files, time, logs);
        return await opening.FinishAsync(cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AppendReport report;
        LogPosition? logged;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            report = _appender.Append(batch, mode, TimestampMs.Now(_time), out logged);
            if (report.Stored > 0)
            {
                _changes.Note(Oldest(batch.TimestampsMs));
            }

            if (_maintenance.IsDue && _maintenanceDue.CurrentCount == 0)
            {
                _maintenanceDue.Release();
            }

            if (_checkpoints.IsDue(_log.BytesWritten) && _checkpointDue.CurrentCount == 0)
            {
                _checkpointDue.Release();
            }
        }

        if (logged is not { } position)
        {
            return new ValueTask<AppendReport>(report);
        }

        var durable = _log.DurableAsync(position, cancellationToken);
        return durable.IsCompletedSuccessfully ? new ValueTask<AppendReport>(report) : AwaitDurable(durable, report);

        static async ValueTask<AppendReport> AwaitDurable(ValueTask durable, AppendReport report)
        {
            await durable;
            return report;
        }
    }

    /// <inheritdoc />
    public long Mark() => _changes.Mark;

    /// <inheritdoc />
    public TimestampMs ChangedSince(long mark) => new(_changes.OldestSince(mark));

    /// <inheritdoc />
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken) => Reader.Select(query, cancellationToken);

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken) =>
        Reader.LabelNames(query, cancellationToken);

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken) =>
        Reader.LabelValues(labelName, query, cancellationToken);

    /// <summary>Where the series of the present come from.</summary>
    /// <param name="top">Length of each list, at least 1.</param>
    public CardinalityReport Cardinality(int top)
    {
        List<(HeadPart Head, int Series)> heads;
        lock (_gate)
        {
            heads = [.. _heads.Readable.Where(h => h.SampleCount > 0).OrderBy(h => h.StartMs).Select(h => (h, h.Series.Count))];
        }

        return heads.Count == 0
            ? Status.Cardinality.None
            : Status.Cardinality.Of(heads[^1].Head.Index, top) with { Churn = Churn.Of(heads, top) };
    }

    /// <summary>Exemplars in a range of series that at least one selector accepts, by series in label order, oldest first.</summary>
    public IReadOnlyList<(LabelSet Series, IReadOnlyList<Exemplar> Exemplars)> Exemplars(
        TimeRange range, IReadOnlyList<IReadOnlyList<Matcher>> selectors) => _exemplars.Select(range, selectors);

    /// <summary>Seals heads whose time is over, merges blocks and deletes what is old; also done in the background.</summary>
    /// <exception cref="IOException">The disk is full, read-only or broken; what was there stays readable.</exception>
    public Task MaintainAsync(CancellationToken cancellationToken) => _maintenance.RunAsync(sealAll: false, cancellationToken);

    /// <summary>As <see cref="MaintainAsync"/>, and turns everything in memory into blocks now.</summary>
    /// <exception cref="IOException">The disk is full, read-only or broken; what was there stays readable.</exception>
    public Task SealAsync(CancellationToken cancellationToken) => _maintenance.RunAsync(sealAll: true, cancellationToken);

    /// <summary>Writes the heads to a file now, so that the next start need not read the log they came from; also done in the background.</summary>
    /// <exception cref="IOException">The disk is full, read-only or broken; the log has everything.</exception>
    public Task CheckpointAsync(CancellationToken cancellationToken) => _maintenance.CheckpointAsync(cancellationToken);

    /// <summary>Deletes samples in a range of every series that one of the selectors accepts. When it returns they are gone from disk.</summary>
    /// <exception cref="IOException">The disk is full, read-only or broken: some may be deleted, others not; do it again.</exception>
    public async Task DeleteAsync(IReadOnlyList<IReadOnlyList<Matcher>> selectors, TimeRange range, CancellationToken cancellationToken)
    {
        try
        {
            await _maintenance.DeleteAsync(selectors, range, cancellationToken);
        }
        finally
        {
            _changes.Note(range.First.Value);
        }
    }

    /// <summary>Copies the store, as of now, to <c>snapshots/NAME</c> in its folder; the copy can be opened as a store.</summary>
    /// <param name="name">A plain file name that is not taken.</param>
    /// <param name="skipHead">Leave out what is not in a block yet.</param>
    /// <returns>The path of the copy.</returns>
    /// <exception cref="IOException">The disk is full, read-only or broken; no copy is there.</exception>
    public async Task<string> SnapshotAsync(string name, bool skipHead, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || name != Path.GetFileName(name))
        {
            throw new ArgumentException($"\"{name}\" is no plain file name", nameof(name));
        }

        var path = Path.Combine(_options.Directory, "snapshots", name);
        await _maintenance.SnapshotAsync(path, skipHead, cancellationToken);
        return path;
    }

    /// <summary>Reads a Prometheus data folder (blocks, log, late samples, head chunks) into this store.</summary>
    /// <param name="source">The folder, of a Prometheus that is stopped. It is only read.</param>
    /// <exception cref="IOException">The source or the store cannot be read or written; run it again to go on.</exception>
    public async Task<ImportReport> ImportPrometheusAsync(
        string source, IProgress<ImportProgress>? progress, CancellationToken cancellationToken)
    {
        var rest = new SampleBatch();
        var import = new PrometheusImport(
            _files, source, Path.Combine(_options.Directory, "imports"), (long)_options.BlockSpan.TotalMilliseconds, _blocks, NextHeadNumber, Publish);
        var report = await Task.Run(() => import.Run(head => TakeRest(head, rest), progress, cancellationToken), cancellationToken);
        await AppendAsync(rest, AppendMode.StoreWhatFits, cancellationToken);
        return report;

        static void TakeRest(PrometheusHead head, SampleBatch to)
        {
            head.Metadata.ForEach(to.AddMetadata);
            foreach (var (series, exemplar) in head.Exemplars)
            {
                to.AddExemplar(to.AddSeries(series), exemplar);
            }
        }
    }

    /// <summary>Stores samples of any age, in any order, as blocks; what was stored for the same times stays.</summary>
    /// <param name="batches">Walked once; a batch may be used again for the next one.</param>
    /// <exception cref="IOException">The store cannot be written; do it again, nothing is stored twice.</exception>
    public async Task<ImportReport> BackfillAsync(IEnumerable<SampleBatch> batches, CancellationToken cancellationToken)
    {
        var output = new WindowedBlocks(_files, (long)_options.BlockSpan.TotalMilliseconds, _blocks, NextHeadNumber, Publish);
        await Task.Run(() => output.Write(PrometheusHead.Collect(batches), cancellationToken), cancellationToken);
        return new ImportReport(output.BlockCount, Skipped: 0, output.SampleCount, []);
    }

    /// <summary>Writes samples as Prometheus blocks of two hours into a folder that Prometheus and promtool can open.</summary>
    /// <param name="target">The folder; created when missing. Blocks that are there stay.</param>
    /// <param name="range">Samples outside stay out; clipped to what the store holds.</param>
    /// <exception cref="IOException">The target cannot be written; finished blocks are there, others leave no trace.</exception>
    public Task<ExportReport> ExportPrometheusAsync(
        string target, TimeRange range, IProgress<ExportProgress>? progress, CancellationToken cancellationToken)
    {
        long oldest;
        long newest;
        lock (_gate)
        {
            oldest = _heads.Readable.Select(h => h.OldestMs).Concat(_blocks.All.Select(b => b.Facts.OldestMs)).DefaultIfEmpty(long.MaxValue).Min();
            newest = _heads.Readable.Select(h => h.NewestMs).Concat(_blocks.All.Select(b => b.Facts.NewestMs)).DefaultIfEmpty(long.MinValue).Max();
        }

        var clipped = new TimeRange(
            new TimestampMs(Math.Max(range.First.Value, oldest)), new TimestampMs(Math.Min(range.Last.Value, newest)));
        return Task.Run(() => new PrometheusExport(this, _files, target, _time).Run(clipped, progress, cancellationToken), cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        await _stopping.CancelAsync();
        await _maintenanceLoop;
        await _checkpointLoop;
        _maintenance.Dispose();
        _blocks.Close();
        foreach (var set in _summaries)
        {
            set.Close();
        }

        await _log.DisposeAsync();
        _meter.Dispose();
        _stopping.Dispose();
        _maintenanceDue.Dispose();
        _checkpointDue.Dispose();
        _folderLock.Dispose();
    }

    internal static MetricStore Create(
        MetricStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory logs, IDisposable folderLock) =>
        new(options, files, time, logs, folderLock);

    internal async Task ReplayLogAsync(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        _blocks.Open();
        foreach (var set in _summaries)
        {
            set.Open();
        }

        LoadMetadata();
        var sealedHeads = _blocks.All.SelectMany(b => b.Facts.Heads).ToHashSet();
        _heads.NextNumber = sealedHeads.Count == 0 ? 1 : sealedHeads.Max() + 1;
        if (_blocks.All.Count > 0)
        {
            _heads.Saw(_blocks.All.Max(b => b.Facts.NewestMs));
        }

        using var progress = _time.CreateTimer(_ => TellProgress(), state: null, ReplayNews, ReplayNews);
        var checkpoint = await ReadCheckpointAsync(sealedHeads);
        var from = checkpoint?.Position ?? default;
        var behind = _log.SizeBehind(from);
        _checkpoints.Started(checkpoint?.Length ?? 0, behind);
        using var pipeline = new ReplayPipeline(_heads, TimestampMs.Now(_time), behind + (checkpoint?.Length ?? 0));
        var replay = new HeadReplay(pipeline, sealedHeads, _exemplars, _metadata);
        ReplayReport report;
        try
        {
            if (checkpoint is not null)
            {
                Take(checkpoint, pipeline, _time.GetElapsedTime(started));
            }

            replay.Apply(checkpoint?.Sections, from);
            report = _log.Replay(from, record => replay.Apply(record.Payload, record.Position), cancellationToken);
        }
        finally
        {
            await pipeline.FinishAsync();
        }

        _heads.NextNumber = Math.Max(_heads.NextNumber, Math.Max(replay.HighestHead, _heads.All.Select(h => h.Number).DefaultIfEmpty(0).Max()) + 1);
        _meter.LogDamaged(report.Damages.Count);
        var elapsed = (long)_time.GetElapsedTime(started).TotalMilliseconds;
        MetricsLog.Replayed(_logger, pipeline.Samples, _heads.SeriesCount, report.Bytes, elapsed);
        if (pipeline.Orphans > 0)
        {
            MetricsLog.Orphans(_logger, pipeline.Orphans);
        }

        _meter.Watch(this);
        _maintenanceLoop = Task.Run(MaintainInBackgroundAsync, CancellationToken.None);
        _checkpointLoop = Task.Run(CheckpointInBackgroundAsync, CancellationToken.None);
    }

    private void Take(Checkpoint checkpoint, ReplayPipeline pipeline, TimeSpan took)
    {
        var series = 0;
        foreach (var head in checkpoint.Heads)
        {
            pipeline.Take(head);
            series += head.Head.Series.Count;
        }

        MetricsLog.Restored(_logger, series, checkpoint.Length, (long)took.TotalMilliseconds);
    }

    private string CheckpointPath => Path.Combine(_options.Directory, CheckpointFile);

    // A checkpoint saves time, nothing else: whatever is wrong with it, the log has everything.
    private async Task<Checkpoint?> ReadCheckpointAsync(IReadOnlySet<long> sealedHeads)
    {
        if (!_files.FileExists(CheckpointPath))
        {
            return null;
        }

        string problem;
        try
        {
            var checkpoint = await CheckpointReader.ReadAsync(_files, CheckpointPath, sealedHeads, TimestampMs.Now(_time));
            if (_log.Reaches(checkpoint.Position))
            {
                return checkpoint;
            }

            problem = $"it goes on in segment {checkpoint.Position.Segment} of the log at {checkpoint.Position.Offset}, and the log does not reach so far";
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
        }

        MetricsLog.CheckpointRefused(_logger, CheckpointPath, problem);
        ForgetCheckpoint();
        return null;
    }

    // What does not fit the log today might seem to fit a longer one.
    private void ForgetCheckpoint()
    {
        try
        {
            _files.Delete(CheckpointPath);
            _files.SyncDirectory(_options.Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            MetricsLog.CheckpointFailed(_logger, e);
        }
    }

    private async Task CheckpointInBackgroundAsync()
    {
        await Task.Delay(_checkpoints.Rest, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                if (IsCheckpointDue())
                {
                    await _maintenance.CheckpointAsync(_stopping.Token);
                    await Task.Delay(_checkpoints.Rest, _time, _stopping.Token);
                }
                else
                {
                    await _checkpointDue.WaitAsync(_stopping.Token);
                }
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                MetricsLog.CheckpointFailed(_logger, e);
                await Task.Delay(_checkpoints.Rest, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool IsCheckpointDue()
    {
        lock (_gate)
        {
            return _checkpoints.IsDue(_log.BytesWritten);
        }
    }

    private void TellProgress()
    {
        var replay = Replay;
        MetricsLog.Replaying(_logger, replay.Percent, replay.BytesTotal);
    }

    private static long Oldest(ReadOnlySpan<long> timestampsMs)
    {
        var oldest = timestampsMs[0];
        foreach (var time in timestampsMs)
        {
            oldest = Math.Min(oldest, time);
        }

        return oldest;
    }

    private long NextHeadNumber()
    {
        lock (_gate)
        {
            return _heads.NextNumber++;
        }
    }

    private void Publish(Block block)
    {
        lock (_gate)
        {
            _blocks.Replace([], block, "");
            _changes.Note(block);
            _heads.Saw(block.Facts.NewestMs);
        }

        // Summaries of its time do not know it: they are made again.
        var range = new TimeRange(new TimestampMs(block.Facts.OldestMs), new TimestampMs(block.Facts.NewestMs));
        foreach (var set in _summaries)
        {
            set.Forget(range, long.MinValue, "samples came into its window");
        }
    }

    private async Task MaintainInBackgroundAsync()
    {
        using var timer = _time.CreateTimer(_ => WakeMaintenance(), state: null, MaintenanceInterval, MaintenanceInterval);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _maintenanceDue.WaitAsync(_stopping.Token);
                await _maintenance.RunAsync(sealAll: false, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Heads stay in memory and in the log; the timer brings the next try.
                MetricsLog.MaintenanceFailed(_logger, e);
            }
        }
    }

    private void WakeMaintenance()
    {
        lock (_gate)
        {
            if (!_closed && _maintenanceDue.CurrentCount == 0)
            {
                _maintenanceDue.Release();
            }
        }
    }

    private void LoadMetadata()
    {
        var path = Path.Combine(_options.Directory, MetadataFile);
        if (_metadata.Load(_files, path) is { } problem)
        {
            MetricsLog.MetadataDamaged(_logger, path, problem);
        }
    }
}
