using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>Collects the spans of one group, slot by slot, and gives the series of a function.</summary>
internal sealed class Accumulator(MetricsFunction function, TimeSlots slots, ExemplarPicker? exemplars)
{
    private readonly double[] _counts = new double[slots.Count];
    private readonly double[] _sums = new double[slots.Count];
    private readonly double[] _extremes = Filled(slots.Count);
    private readonly SortedDictionary<int, double[]> _buckets = [];
    private readonly Dictionary<int, MetricExemplar> _exemplars = [];
    private bool _isDuration;

    /// <summary>Takes a span.</summary>
    /// <param name="value">The function's field; ignored where it has none.</param>
    public void Add(int slot, in Value value, in SpanContext span)
    {
        if (function.Field is null)
        {
            _counts[slot]++;
            Remember(slot, span, double.NaN);
            return;
        }

        if (!value.IsNumber)
        {
            return;
        }

        _isDuration |= value.Kind == ValueKind.Duration;
        var number = value.Kind == ValueKind.Duration ? value.Number / 1e9 : value.Number;
        Remember(slot, span, number);
        if (function.Name is "quantile_over_time" or "histogram_over_time")
        {
            AddToBucket(slot, value);
            return;
        }

        _counts[slot]++;
        _sums[slot] += number;
        _extremes[slot] = function.Name == "min_over_time" ? Math.Min(Or(_extremes[slot], number), number) : Math.Max(Or(_extremes[slot], number), number);
    }

    /// <summary>The series of the group.</summary>
    public IEnumerable<MetricSeries> Build(IReadOnlyList<KeyValuePair<string, Value>> labels)
    {
        switch (function.Name)
        {
            case "rate":
                var seconds = slots.StepNs / 1e9;
                return [Series(labels, [.. _counts.Select(c => c / seconds)])];
            case "count_over_time":
                return [Series(labels, _counts)];
            case "sum_over_time":
                return [Series(labels, [.. _sums.Select((s, i) => _counts[i] > 0 ? s : double.NaN)])];
            case "avg_over_time":
                return [Series(labels, [.. _sums.Select((s, i) => s / _counts[i])])];
            case "histogram_over_time":
                return _buckets.Select(b => new MetricSeries(
                    [.. labels, new("__bucket", Value.Of(BoundOf(b.Key)))], [.. b.Value.Select(c => c > 0 ? c : double.NaN)])
                {
                    Exemplars = [.. _exemplars.Values.Where(e => e.Value <= BoundOf(b.Key) && e.Value > BoundOf(b.Key - 1))],
                });
            case "quantile_over_time":
                return Quantiles(labels);
            default:
                return [Series(labels, _extremes)];
        }
    }

    private MetricSeries Series(IReadOnlyList<KeyValuePair<string, Value>> labels, double[] values) =>
        new(labels, values) { Exemplars = [.. _exemplars.Values] };

    // An exemplar belongs to the lowest quantile it does not lie above, and to the highest when it lies above all of them.
    private List<MetricSeries> Quantiles(IReadOnlyList<KeyValuePair<string, Value>> labels)
    {
        var series = new List<MetricSeries>();
        var left = _exemplars.Values.ToList();
        foreach (var q in function.Quantiles.Select((q, i) => (q, i)).OrderBy(p => p.q))
        {
            double[] values = [.. Enumerable.Range(0, slots.Count).Select(s => Quantile(q.q, s))];
            var isLast = series.Count == function.Quantiles.Count - 1;
            var own = left.Where(e => isLast || e.Value <= values[e.Slot]).ToList();
            left.RemoveAll(own.Contains);
            series.Add(new MetricSeries([.. labels, new("p", Value.Of(q.q))], values) { Exemplars = own });
        }

        return series;
    }

    private void Remember(int slot, in SpanContext span, double value)
    {
        if (exemplars is { HasRoom: true } picker && !_exemplars.ContainsKey(slot))
        {
            _exemplars[slot] = picker.Take(span, value, slot);
        }
    }

    private static double[] Filled(int count)
    {
        var values = new double[count];
        Array.Fill(values, double.NaN);
        return values;
    }

    private static double Or(double value, double other) => double.IsNaN(value) ? other : value;

    // Bucket b holds values in (2^(b-1), 2^b], durations in nanoseconds.
    private void AddToBucket(int slot, in Value value)
    {
        if (value.Kind == ValueKind.Float || value.Bits < 2)
        {
            return;
        }

        var bucket = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value.Bits - 1);
        if (!_buckets.TryGetValue(bucket, out var counts))
        {
            _buckets[bucket] = counts = new double[slots.Count];
        }

        counts[slot]++;
    }

    private double BoundOf(int bucket) => Math.Pow(2, bucket) / (_isDuration ? 1e9 : 1);

    private double Quantile(double q, int slot)
    {
        var total = _buckets.Values.Sum(b => b[slot]);
        if (total == 0)
        {
            return double.NaN;
        }

        var rank = Math.Max(1, Math.Ceiling(q * total));
        double before = 0;
        foreach (var (bucket, counts) in _buckets)
        {
            if (before + counts[slot] >= rank)
            {
                return rank == before + counts[slot]
                    ? BoundOf(bucket)
                    : BoundOf(bucket - 1) * Math.Pow(2, (rank - before) / counts[slot]);
            }

            before += counts[slot];
        }

        return double.NaN;
    }
}
