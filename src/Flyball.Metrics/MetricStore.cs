using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Head;
using Flyball.Metrics.Index;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.Reading;
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
public sealed class MetricStore : ISeriesSource, ISampleSink, IAsyncDisposable
{
    private const int MostRetries = 1000;

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
    private readonly Lock _gate = new();
    private long _headsVersion;
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
        _appender = new BatchAppender(options, _heads, _log, _exemplars, _metadata, _meter);
    }

    /// <summary>The store in numbers, now.</summary>
    public StoreStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                var heads = _heads.All.Where(h => h.SampleCount > 0).ToList();
                return new StoreStatistics
                {
                    HeadSeries = heads.Sum(h => h.Series.Count),
                    HeadSamples = heads.Sum(h => h.SampleCount),
                    HeadPages = heads.Sum(h => h.PageCount),
                    HeadBytes = heads.Sum(h => h.AllocatedBytes),
                    OldestHeadMs = heads.Count == 0 ? 0 : heads.Min(h => h.OldestMs),
                    NewestHeadMs = heads.Count == 0 ? 0 : heads.Max(h => h.NewestMs),
                    LogSegment = _log.CurrentSegment,
                    Exemplars = _exemplars.Count,
                    LogFailing = _log.IsFailing,
                };
            }
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
            var before = _heads.All;
            try
            {
                report = _appender.Append(batch, mode, TimestampMs.Now(_time), out logged);
            }
            finally
            {
                _headsVersion += _heads.All == before ? 0 : 1;
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
    public ISeriesSelection Select(SeriesQuery query, CancellationToken cancellationToken) =>
        new MergedSelection(OpenParts(query.Range, query.Matchers, cancellationToken), query.SeriesLimit);

    /// <inheritdoc />
    public IReadOnlyList<string> LabelNames(SeriesQuery query, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        Visit(query, labels =>
        {
            foreach (var label in labels)
            {
                names.Add(label.NameText);
            }
        }, cancellationToken);
        return [.. names];
    }

    /// <inheritdoc />
    public IReadOnlyList<string> LabelValues(string labelName, SeriesQuery query, CancellationToken cancellationToken)
    {
        var values = new SortedSet<string>(StringComparer.Ordinal);
        Visit(query, labels =>
        {
            var value = labels[labelName];
            if (value.Length > 0)
            {
                values.Add(value);
            }
        }, cancellationToken);
        return [.. values];
    }

    /// <summary>Exemplars in a range of series that at least one selector accepts, by series in label order, oldest first.</summary>
    public IReadOnlyList<(LabelSet Series, IReadOnlyList<Exemplar> Exemplars)> Exemplars(
        TimeRange range, IReadOnlyList<IReadOnlyList<Matcher>> selectors) => _exemplars.Select(range, selectors);

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

        await _log.DisposeAsync();
        _meter.Dispose();
        _folderLock.Dispose();
    }

    internal static MetricStore Create(
        MetricStoreOptions options, IFileSystem files, TimeProvider time, ILoggerFactory logs, IDisposable folderLock) =>
        new(options, files, time, logs, folderLock);

    internal void ReplayLog(CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        var replay = new HeadReplay(_heads, new HashSet<long>(), _exemplars, _metadata, TimestampMs.Now(_time));
        var report = _log.Replay(record => replay.Apply(record.Payload, record.Position.Segment), cancellationToken);
        replay.Finish();
        _meter.LogDamaged(report.Damages.Count);
        var elapsed = (long)_time.GetElapsedTime(started).TotalMilliseconds;
        MetricsLog.Replayed(_logger, replay.Samples, _heads.SeriesCount, report.Bytes, elapsed);
        if (replay.Orphans > 0)
        {
            MetricsLog.Orphans(_logger, replay.Orphans);
        }

        _meter.Watch(this);
    }

    private void Visit(SeriesQuery query, Action<LabelSet> visit, CancellationToken cancellationToken)
    {
        using var selection = Select(query, cancellationToken);
        for (var i = 0; i < selection.Count; i++)
        {
            visit(selection.Labels(i));
        }
    }

    // 1. Note under the gate which heads there are and how many series each has. 2. Match without the gate: regular
    // expressions over many values take their time. 3. Capture the matching series under the gate, and with them those
    // that came meanwhile: one moment for everything, so every batch is seen whole or not at all.
    private ISeriesPart[] OpenParts(TimeRange range, IReadOnlyList<Matcher> matchers, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MostRetries; attempt++)
        {
            HeadPart[] heads;
            int[] seriesCounts;
            long version;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                heads = [.. _heads.All.Where(h => h.StartMs <= range.Last.Value && h.UntilMs > range.First.Value)];
                seriesCounts = [.. heads.Select(h => h.Series.Count)];
                version = _headsVersion;
            }

            var matched = new SeriesBits[heads.Length];
            try
            {
                for (var i = 0; i < heads.Length; i++)
                {
                    matched[i] = Matching.Find(heads[i].Index, seriesCounts[i], matchers, cancellationToken);
                }

                if (TryCapture(heads, seriesCounts, matched, version, range, matchers) is { } parts)
                {
                    return parts;
                }
            }
            finally
            {
                foreach (var bits in matched)
                {
                    bits?.Dispose();
                }
            }
        }

        throw new InvalidOperationException("the heads of the store changed at every one of a thousand attempts to read them");
    }

    private ISeriesPart[]? TryCapture(
        HeadPart[] heads, int[] seriesCounts, SeriesBits[] matched, long version, TimeRange range, IReadOnlyList<Matcher> matchers)
    {
        var captured = new (HeadPart Head, List<HeadSeriesView> Views, int Era)[heads.Length];
        lock (_gate)
        {
            if (version != _headsVersion)
            {
                return null;
            }

            for (var i = 0; i < heads.Length; i++)
            {
                captured[i] = (heads[i], Capture(heads[i], seriesCounts[i], matched[i], range, matchers), heads[i].Enter());
            }
        }

        return [.. captured.Select(c => Open(c.Head, c.Views, c.Era, range))];
    }

    private static List<HeadSeriesView> Capture(
        HeadPart head, int knownSeries, SeriesBits matched, TimeRange range, IReadOnlyList<Matcher> matchers)
    {
        var views = new List<HeadSeriesView>();
        foreach (var series in matched.ToArray())
        {
            if (head.MayHold(series, range))
            {
                views.Add(head.Capture(series));
            }
        }

        for (var series = knownSeries; series < head.Series.Count; series++)
        {
            if (head.MayHold(series, range) && Matching.Accepts(matchers, LabelSet.FromEncoded(head.Series.Labels(series))))
            {
                views.Add(head.Capture(series));
            }
        }

        return views;
    }

    private HeadSelection Open(HeadPart head, List<HeadSeriesView> views, int era, TimeRange range)
    {
        HeadSeriesView[] ordered = [.. views];
        head.Order.Sort(ordered);
        return new HeadSelection(head, ordered, range, () =>
        {
            lock (_gate)
            {
                head.Leave(era);
            }
        });
    }
}
