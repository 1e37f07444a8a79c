using Flyball.Durable.Log;
using Flyball.Metrics.Exemplars;
using Flyball.Metrics.Metadata;
using Flyball.Metrics.Pages;
using Flyball.Metrics.Wal;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>Takes a batch through its three steps: check, log, apply.</summary>
/// <remarks>
/// 1. Check every sample against the newest of its series, which moves along, so that a batch is checked against itself too.
/// 2. Write one record to the log. If that fails, or the batch is all or nothing and something was refused, the newest are
///    put back and nothing has happened (series it created stay, without samples and not yet in the log).
/// 3. Append to the heads, which cannot fail. Readers wait at the gate, so they see all of it or nothing.
/// Used under the store's gate; its scratch memory is reused from batch to batch.
/// </remarks>
internal sealed class BatchAppender(
    MetricStoreOptions options, HeadSet heads, WriteAheadLog log, ExemplarRing exemplars, MetadataTable metadata, StoreMeter meter)
{
    // Beyond it no window of time can be computed without overflow; 285 million years are enough.
    private const long LargestTime = 1L << 53;

    private readonly List<CommitColumns> _commits = [];
    private readonly ByteWriter _record = new(1 << 16);
    private readonly ByteWriter _histogram = new();
    private int[] _resolved = new int[256];
    private Undo[] _undo = new Undo[256];
    private int _undoCount;
    private int _commitCount;
    private List<RejectedSample>? _rejected;
    private readonly CommitColumns _repeats = new();
    private readonly SeriesLimits _limits = new(options, meter);
    private HeadPart? _primary;
    private HeadPart? _neighbourHead;
    private int _neighbour;
    private long _syncFailures;
    private int _created;
    private int _repeated;

    public AppendReport Append(SampleBatch batch, AppendMode mode, TimestampMs now, out LogPosition? logged)
    {
        logged = null;
        Start(batch);
        NoteSyncFailures();
        Check(batch, now);                                                    // 1.
        if (_rejected is not null)
        {
            meter.Refused(_rejected);
            if (mode == AppendMode.AllOrNothing && _rejected.Exists(r => r.Outcome != AppendOutcome.SeriesLimitReached))
            {
                TakeBack();
                return new AppendReport(0, _created, _rejected);
            }
        }

        try
        {
            logged = WriteRecord(batch);                                      // 2.
        }
        catch
        {
            TakeBack();
            throw;
        }

        var stored = Apply(batch);                                            // 3.
        meter.Appended(stored, _created);
        return new AppendReport(stored + _repeated, _created, _rejected);
    }

    private void Start(SampleBatch batch)
    {
        if (_resolved.Length < batch.SeriesCount)
        {
            _resolved = new int[Math.Max(batch.SeriesCount, _resolved.Length * 2)];
        }

        Array.Fill(_resolved, -1, 0, batch.SeriesCount);
        if (_undo.Length < batch.SampleCount)
        {
            _undo = new Undo[Math.Max(batch.SampleCount, _undo.Length * 2)];
        }

        _undoCount = _commitCount = _created = _repeated = 0;
        if (_repeats.Head is { } head)
        {
            _repeats.Begin(head);
        }

        _rejected = null;
        _primary = null;
    }

    // A failed sync may have taken records whose samples are in memory. Their sender sends them again, and they look like
    // repetitions: so from now on repetitions are logged too, and every head says its labels again.
    private void NoteSyncFailures()
    {
        if (_syncFailures == log.SyncFailures)
        {
            return;
        }

        _syncFailures = log.SyncFailures;
        foreach (var head in heads.All)
        {
            head.LoggedSeries = 0;
        }
    }

    private void Check(SampleBatch batch, TimestampMs now)
    {
        var samples = new BatchColumns(batch);
        // All bounds are those at the beginning of the batch, as in Prometheus.
        var latest = now.Value + (long)options.FutureBound.TotalMilliseconds;
        var bounds = new Bounds(heads.NewestMs, (long)options.BlockSpan.TotalMilliseconds / 2, (long)options.OutOfOrderWindow.TotalMilliseconds);
        var earliest = bounds.Window == 0 ? bounds.InOrderFrom : -LargestTime;
        for (var i = 0; i < samples.Count; i++)
        {
            var time = samples.TimestampsMs[i];
            if (time > latest || time < earliest)
            {
                Reject(i, AppendOutcome.OutOfBounds, null);
                continue;
            }

            var head = _primary is not null && _primary.Takes(time) ? _primary : heads.FindOrAdd(time, now);
            _primary ??= head;
            var series = Resolve(batch, samples.Series[i], head);
            if (series < 0)
            {
                Reject(
                    i,
                    series == Unacceptable ? AppendOutcome.Invalid : AppendOutcome.SeriesLimitReached,
                    series == Unacceptable ? "a series needs labels" : _limits.Count(head, batch.EncodedLabels(samples.Series[i])));
                continue;
            }

            if (samples.HistogramAt(i) is { } histogram && HistogramCheck.Problem(histogram) is { } problem)
            {
                Reject(i, AppendOutcome.Invalid, problem);
                continue;
            }

            CheckSample(batch, i, ref samples, head, series, bounds);
        }
    }

    // The order of the questions is that of Prometheus' head: it decides which of several true answers is given.
    private void CheckSample(SampleBatch batch, int i, ref BatchColumns samples, HeadPart head, int series, Bounds bounds)
    {
        var time = samples.TimestampsMs[i];
        var histogram = samples.HistogramAt(i);
        var bits = histogram is null ? BitConverter.DoubleToUInt64Bits(samples.Values[i]) : HashOf(histogram);
        ref var state = ref head.Series.State(series);
        if (time == state.NewestMs)
        {
            if (bits == state.NewestBits)
            {
                _repeated++;
                if (_syncFailures > 0)
                {
                    Repeat(head, series, time, bits, samples.StartAt(i), histogram);
                }
            }
            else
            {
                Reject(i, AppendOutcome.DuplicateTimestamp, null);
            }

            return;
        }

        var isNewest = time > state.NewestMs;
        var inOrder = time >= bounds.InOrderFrom && isNewest && (head == heads.All[^1] || !IsInNewerHead(batch, samples.Series[i], head));
        if (!inOrder && !bounds.Takes(time))
        {
            Reject(i, bounds.Window > 0 ? AppendOutcome.TooOld : AppendOutcome.OutOfOrder, null);
            return;
        }

        if (isNewest)
        {
            _undo[_undoCount++] = new Undo(head, series, state.NewestMs, state.NewestBits);
            state.NewestMs = time;
            state.NewestBits = bits;
        }

        ColumnsOf(head).Add(series, time, bits, samples.StartAt(i), histogram);
    }

    private const int Unacceptable = -2, OverLimit = -3;

    private int Resolve(SampleBatch batch, int entry, HeadPart head)
    {
        if (head != _primary)
        {
            return FindOrCreate(batch, entry, head);
        }

        var series = _resolved[entry];
        if (series == -1)
        {
            var known = batch.Ref(entry).Value;
            series = (long)(known >> 32) == head.Number && (int)(uint)known <= head.Series.Count
                ? (int)(uint)known - 1
                : FindOrCreate(batch, entry, head);
            _resolved[entry] = series;
        }

        return series;
    }

    private int FindOrCreate(SampleBatch batch, int entry, HeadPart head)
    {
        var labels = batch.EncodedLabels(entry);
        if (!IsNeighbour(head, labels, out var series))
        {
            var hash = batch.LabelHash(entry);
            series = head.Series.Find(labels, hash);
            if (series < 0)
            {
                if (labels.IsEmpty || _limits.Refusal(head, labels) is not null)
                {
                    return labels.IsEmpty ? Unacceptable : OverLimit;
                }

                series = head.AddSeries(labels, hash);
                _created++;
            }
        }

        (_neighbourHead, _neighbour) = (head, series + 1);
        if (head == _primary)
        {
            batch.SetRef(entry, new SeriesRef(((ulong)head.Number << 32) | (uint)(series + 1)));
        }

        return series;
    }

    // Senders repeat themselves in the order in which their series first came. Comparing labels with those of the series after
    // the last one reads memory in order; hashing them and asking a table larger than the caches costs several times as much.
    private bool IsNeighbour(HeadPart head, ReadOnlySpan<byte> labels, out int series)
    {
        series = _neighbour;
        return head == _neighbourHead && series < head.Series.Count && head.Series.Labels(series).SequenceEqual(labels);
    }

    // A head that is not the newest: the series' newest sample may lie in a later one.
    private bool IsInNewerHead(SampleBatch batch, int entry, HeadPart head)
    {
        foreach (var newer in heads.All)
        {
            if (newer.StartMs > head.StartMs)
            {
                var series = newer.Series.Find(batch.EncodedLabels(entry), batch.LabelHash(entry));
                if (series >= 0 && newer.Series.State(series).NewestMs != long.MinValue)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private ulong HashOf(NativeHistogram histogram)
    {
        _histogram.Clear();
        HistogramBytes.Encode(histogram, _histogram);
        return LabelSet.HashOf(_histogram.Written);
    }

    private CommitColumns ColumnsOf(HeadPart head)
    {
        for (var i = _commitCount - 1; i >= 0; i--)
        {
            if (_commits[i].Head == head)
            {
                return _commits[i];
            }
        }

        if (_commitCount == _commits.Count)
        {
            _commits.Add(new CommitColumns());
        }

        var columns = _commits[_commitCount++];
        columns.Begin(head);
        return columns;
    }

    // Logged with the batch if it is of the same head as the others; a repetition of another head waits for its next turn.
    private void Repeat(HeadPart head, int series, long time, ulong bits, long start, NativeHistogram? histogram)
    {
        if (_repeats.Count == 0)
        {
            _repeats.Begin(head);
        }

        if (_repeats.Head == head)
        {
            _repeats.Add(series, time, bits, start, histogram);
        }
    }

    private void Reject(int sample, AppendOutcome outcome, string? detail) =>
        (_rejected ??= []).Add(new RejectedSample(sample, outcome, detail));

    private void TakeBack()
    {
        for (var i = _undoCount - 1; i >= 0; i--)
        {
            ref var undo = ref _undo[i];
            ref var state = ref undo.Head.Series.State(undo.Series);
            state.NewestMs = undo.NewestMs;
            state.NewestBits = undo.NewestBits;
        }
    }

    private LogPosition? WriteRecord(SampleBatch batch)
    {
        _record.Clear();
        for (var i = 0; i < _commitCount; i++)
        {
            if (_commits[i].Head.FirstSegment == long.MaxValue)
            {
                // Segments are deleted whole: a head that begins with one of its own keeps no older records alive.
                log.Cut();
            }

            HeadLogFormat.WriteSamples(_commits[i], _record);
        }

        if (_repeats.Count > 0)
        {
            HeadLogFormat.WriteSamples(_repeats, _record);
        }

        metadata.WriteChanges(batch.Metadata, _record);
        exemplars.WriteNew(batch, _record);
        if (_record.Length == 0)
        {
            return null;
        }

        return log.Append(HeadLogFormat.RecordType, _record.Written);
    }

    private int Apply(SampleBatch batch)
    {
        var stored = 0;
        for (var i = 0; i < _commitCount; i++)
        {
            var columns = _commits[i];
            NoteLogged(columns.Head);
            Apply(columns, columns.Head);
            stored += columns.Count;
        }

        if (_repeats.Count > 0)
        {
            NoteLogged(_repeats.Head);
        }

        metadata.Apply(batch.Metadata);
        exemplars.Add(batch);
        return stored;
    }

    private void NoteLogged(HeadPart head)
    {
        head.LoggedSeries = head.Series.Count;
        head.FirstSegment = Math.Min(head.FirstSegment, log.CurrentSegment);
    }

    private void Apply(CommitColumns columns, HeadPart head)
    {
        var series = columns.Series;
        var times = columns.TimestampsMs;
        var bits = columns.Bits;
        var starts = columns.StartsMs;
        var histograms = columns.Histograms;
        for (var i = 0; i < series.Length; i++)
        {
            head.Append(series[i], times[i], bits[i], starts.IsEmpty ? 0 : starts[i], histograms.IsEmpty ? null : histograms[i]);
        }

        heads.Saw(head.NewestMs);
    }

    private readonly struct Bounds(long newestMs, long inOrderReachMs, long windowMs)
    {
        public long Window => windowMs;

        /// <summary>Samples before it are late whatever their series holds.</summary>
        public long InOrderFrom { get; } = newestMs == long.MinValue ? -LargestTime : newestMs - inOrderReachMs;

        /// <summary>Whether a late sample of this time is taken.</summary>
        public bool Takes(long time) => windowMs > 0 && (newestMs == long.MinValue || time >= newestMs - windowMs);
    }

    private readonly record struct Undo(HeadPart Head, int Series, long NewestMs, ulong NewestBits);

    private readonly ref struct BatchColumns(SampleBatch batch)
    {
        private readonly ReadOnlySpan<long> _starts = batch.StartTimestampsMs;
        private readonly ReadOnlySpan<NativeHistogram?> _histograms = batch.Histograms;

        public int Count { get; } = batch.SampleCount;

        public ReadOnlySpan<int> Series { get; } = batch.SampleSeries;

        public ReadOnlySpan<long> TimestampsMs { get; } = batch.TimestampsMs;

        public ReadOnlySpan<double> Values { get; } = batch.Values;

        public long StartAt(int sample) => _starts.IsEmpty ? 0 : _starts[sample];

        public NativeHistogram? HistogramAt(int sample) => _histograms.IsEmpty ? null : _histograms[sample];
    }
}
