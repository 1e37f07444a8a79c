using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Evaluation;

/// <summary>The samples of one series without staleness markers, floats and histograms apart: what range functions work on.</summary>
/// <remarks>Reused for series after series by one thread.</remarks>
internal sealed class RangeSamples
{
    private long[] _times = [];
    private double[] _floats = [];
    private long[] _starts = [];
    private int _count;
    private long[] _histogramTimes = [];
    private NativeHistogram[] _histograms = [];
    private long[] _histogramStarts = [];
    private int _histogramCount;
    private bool _hasStarts;

    /// <summary>Changes whenever the times of the floats are others than those of the series before. Most series of a target have the
    /// times of their neighbours, and then what was computed from them still holds.</summary>
    public int TimesVersion { get; private set; } = 1;

    public ReadOnlySpan<long> FloatTimes => _times.AsSpan(0, _count);

    public ReadOnlySpan<double> Floats => _floats.AsSpan(0, _count);

    /// <summary>Start times of the floats' counters; empty if none is known.</summary>
    public ReadOnlySpan<long> FloatStarts => _hasStarts ? _starts.AsSpan(0, _count) : default;

    public ReadOnlySpan<long> HistogramTimes => _histogramTimes.AsSpan(0, _histogramCount);

    public ReadOnlySpan<NativeHistogram> Histograms => _histograms.AsSpan(0, _histogramCount);

    public ReadOnlySpan<long> HistogramStarts => _hasStarts ? _histogramStarts.AsSpan(0, _histogramCount) : default;

    /// <summary>Takes the samples of a source.</summary>
    public void Load(SampleColumns samples)
    {
        var before = _count;
        Reset(samples.Count, !samples.StartTimestampsMs.IsEmpty);
        var times = samples.TimestampsMs;
        var values = samples.Values;
        var histograms = samples.Histograms;
        var starts = samples.StartTimestampsMs;
        if (histograms.IsEmpty && starts.IsEmpty)
        {
            LoadFloats(times, values, before);
            return;
        }

        TimesVersion++;

        for (var i = 0; i < times.Length; i++)
        {
            if (StaleMarker.Is(values[i]))
            {
                continue;
            }

            var start = starts.IsEmpty ? 0 : starts[i];
            if (!histograms.IsEmpty && histograms[i] is { } histogram)
            {
                Add(times[i], histogram, start);
            }
            else
            {
                if (_hasStarts)
                {
                    _starts[_count] = start;
                }

                _times[_count] = times[i];
                _floats[_count++] = values[i];
            }
        }
    }

    /// <summary>Takes the steps of a subquery's row. What hints said about counter resets no longer holds between steps.</summary>
    public void Load(SeriesRow row, StepGrid grid)
    {
        Reset(row.Count, hasStarts: false);
        TimesVersion++;
        for (var i = 0; i < row.Count; i++)
        {
            if (row.HistogramAt(i) is { } histogram)
            {
                var hint = histogram.ResetHint == CounterResetHint.Gauge ? CounterResetHint.Gauge : CounterResetHint.Unknown;
                Add(grid.At(i), HistogramArithmetic.WithHint(histogram, hint), 0);
            }
            else if (!Absent.Is(row.Values[i]))
            {
                _times[_count] = grid.At(i);
                _floats[_count++] = row.Values[i];
            }
        }
    }

    /// <summary>Reduces each histogram to its statistics.</summary>
    public void ReduceToStatistics()
    {
        for (var i = _histogramCount - 1; i >= 0; i--)
        {
            _histograms[i] = StatisticsOf(_histograms[i], i > 0 ? _histograms[i - 1] : null);
        }
    }

    /// <summary>Count and sum of a histogram without its buckets, and what a look at the one before it tells of resets.</summary>
    public static NativeHistogram StatisticsOf(NativeHistogram histogram, NativeHistogram? previous)
    {
        var hint = histogram.ResetHint;
        if (hint == CounterResetHint.Unknown && previous is not null)
        {
            hint = HistogramArithmetic.IsReset(histogram, previous) ? CounterResetHint.Reset : CounterResetHint.NotReset;
        }

        // The schema stays: kinds of buckets that do not mix are told of here too.
        return new NativeHistogram { Schema = histogram.Schema, Count = histogram.Count, Sum = histogram.Sum, ResetHint = hint };
    }

    private void LoadFloats(ReadOnlySpan<long> times, ReadOnlySpan<double> values, int before)
    {
        var bits = System.Runtime.InteropServices.MemoryMarshal.Cast<double, ulong>(values);
        if (!bits.Contains(StaleMarker.Bits))
        {
            if (times.Length != before || !times.SequenceEqual(_times.AsSpan(0, before)))
            {
                times.CopyTo(_times);
                TimesVersion++;
            }

            values.CopyTo(_floats);
            _count = times.Length;
            return;
        }

        TimesVersion++;

        for (var i = 0; i < times.Length; i++)
        {
            _times[_count] = times[i];
            _floats[_count] = values[i];
            _count += bits[i] == StaleMarker.Bits ? 0 : 1;
        }
    }

    private void Reset(int room, bool hasStarts)
    {
        _count = 0;
        _histogramCount = 0;
        _hasStarts = hasStarts;
        if (_times.Length < room)
        {
            var size = Math.Max(room, _times.Length * 2);
            // What the old array held is forgotten, so the next comparison must not find it equal.
            TimesVersion++;
            _times = new long[size];
            _floats = new double[size];
        }

        if (hasStarts && _starts.Length < _times.Length)
        {
            _starts = new long[_times.Length];
        }
    }

    private void Add(long time, NativeHistogram histogram, long start)
    {
        if (_histogramCount == _histograms.Length)
        {
            var size = Math.Max(16, _histogramCount * 2);
            Array.Resize(ref _histograms, size);
            Array.Resize(ref _histogramTimes, size);
            Array.Resize(ref _histogramStarts, size);
        }

        _histogramStarts[_histogramCount] = start;
        _histogramTimes[_histogramCount] = time;
        _histograms[_histogramCount++] = histogram;
    }
}
