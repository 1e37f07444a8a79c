using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Flyball.Model.Labels;

namespace Flyball.Server.SelfMetrics;

/// <summary>How an instrument appears in the exposition.</summary>
internal enum FamilyKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>The present values of one instrument, a cell per set of tags.</summary>
internal abstract class MetricFamily(Instrument instrument, FamilyKind kind)
{
    public string Name { get; } = instrument.Name;

    public string Help { get; } = instrument.Description ?? "";

    public FamilyKind Kind { get; } = kind;

    public static MetricFamily Of(Instrument instrument)
    {
        var type = instrument.GetType().GetGenericTypeDefinition();
        if (type == typeof(Histogram<>))
        {
            return new HistogramFamily(instrument);
        }

        // An observable instrument reports its present total; the others report increments.
        return type == typeof(Counter<>) ? new ScalarFamily(instrument, FamilyKind.Counter, adds: true)
            : type == typeof(UpDownCounter<>) ? new ScalarFamily(instrument, FamilyKind.Gauge, adds: true)
            : type == typeof(ObservableCounter<>) ? new ScalarFamily(instrument, FamilyKind.Counter, adds: false)
            : new ScalarFamily(instrument, FamilyKind.Gauge, adds: false);
    }

    public abstract void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);

    /// <summary>Gives every line of the family: suffix, labels, value.</summary>
    public abstract void Visit(Action<string, LabelSet, double> line);

    /// <summary>The cells of one moment, by their labels.</summary>
    /// <remarks>The dictionary's own snapshot: LINQ asks for the count and copies later, and fails when a cell came between.</remarks>
    protected static KeyValuePair<LabelSet, TCell>[] Sorted<TCell>(ConcurrentDictionary<LabelSet, TCell> cells)
    {
        var snapshot = cells.ToArray();
        Array.Sort(snapshot, static (a, b) => a.Key.CompareTo(b.Key));
        return snapshot;
    }

    protected static LabelSet LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return LabelSet.Empty;
        }

        var builder = new LabelSetBuilder();
        foreach (var (name, value) in tags)
        {
            builder.Set(name, value?.ToString() ?? "");
        }

        return builder.Build();
    }
}

/// <summary>Counters and gauges: one number per set of tags.</summary>
internal sealed class ScalarFamily(Instrument instrument, FamilyKind kind, bool adds) : MetricFamily(instrument, kind)
{
    private readonly ConcurrentDictionary<LabelSet, StrongBox> _cells = new();

    public override void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = _cells.GetOrAdd(LabelsOf(tags), static _ => new StrongBox());
        lock (cell)
        {
            cell.Value = adds ? cell.Value + value : value;
        }
    }

    public override void Visit(Action<string, LabelSet, double> line)
    {
        foreach (var (labels, cell) in Sorted(_cells))
        {
            lock (cell)
            {
                line("", labels, cell.Value);
            }
        }
    }

    private sealed class StrongBox
    {
        public double Value;
    }
}

/// <summary>Histograms with the bounds the instrument advises.</summary>
internal sealed class HistogramFamily : MetricFamily
{
    private static readonly double[] DefaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ConcurrentDictionary<LabelSet, Cell> _cells = new();
    private readonly double[] _bounds;

    public HistogramFamily(Instrument instrument)
        : base(instrument, FamilyKind.Histogram)
    {
        var advised = instrument switch
        {
            Histogram<double> h => h.Advice?.HistogramBucketBoundaries,
            Histogram<long> h => h.Advice?.HistogramBucketBoundaries?.Select(b => (double)b).ToArray(),
            _ => null,
        };
        _bounds = advised is null ? DefaultBounds : [.. advised];
    }

    public override void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = _cells.GetOrAdd(LabelsOf(tags), (_, count) => new Cell(count), _bounds.Length);
        var bucket = Array.FindIndex(_bounds, bound => value <= bound);
        lock (cell)
        {
            cell.Sum += value;
            cell.Buckets[bucket < 0 ? _bounds.Length : bucket]++;
        }
    }

    public override void Visit(Action<string, LabelSet, double> line)
    {
        var builder = new LabelSetBuilder();
        foreach (var (labels, cell) in Sorted(_cells))
        {
            lock (cell)
            {
                var total = 0.0;
                for (var i = 0; i <= _bounds.Length; i++)
                {
                    total += cell.Buckets[i];
                    var bound = i == _bounds.Length ? "+Inf" : _bounds[i].ToString();
                    line("_bucket", builder.Start(labels).Set("le", bound).Build(), total);
                }

                line("_sum", labels, cell.Sum);
                line("_count", labels, total);
            }
        }
    }

    private sealed class Cell(int bounds)
    {
        public readonly double[] Buckets = new double[bounds + 1];
        public double Sum;
    }
}
