using System.Diagnostics.Metrics;

namespace Flyball.PromQL;

/// <summary>What queries cost, under the names Prometheus' dashboards know.</summary>
/// <remarks>One for the process, as what it counts is: engines have no life of their own that could end it.</remarks>
internal static class EngineMeter
{
    private const string Duration = "prometheus_engine_query_duration_seconds";
    private const int Remembered = 1024;

    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];
    private static readonly Meter Meter = new("Flyball.PromQL");
    private static readonly Slice[] Slices = [.. ((string[])["inner_eval", "prepare_time", "queue_time", "result_sort"]).Select(n => new Slice(n))];
    private static readonly Counter<long> Samples =
        Meter.CreateCounter<long>("prometheus_engine_query_samples_total", description: "Samples read by queries.");

    private static int _running;
    private static int _most;

    static EngineMeter()
    {
        Meter.CreateObservableGauge("prometheus_engine_queries", () => Volatile.Read(ref _running), description: "Queries being evaluated.");
        Meter.CreateObservableGauge("prometheus_engine_queries_concurrent_max", () => Volatile.Read(ref _most), description: "Queries that may run at once.");
        Meter.CreateObservableGauge(Duration, () => Slices.SelectMany(s => s.Observe()), description: "Seconds the latest queries took, by what they were spent on.");
        Meter.CreateObservableCounter(Duration + "_sum", () => Slices.Select(s => s.Sum), description: "Seconds spent on queries.");
        Meter.CreateObservableCounter(Duration + "_count", () => Slices.Select(s => s.Count), description: "Queries.");
    }

    public static void Show(int mostConcurrent) => Volatile.Write(ref _most, mostConcurrent);

    /// <summary>Counts a query as running until the answer is disposed.</summary>
    public static Running Begin()
    {
        Interlocked.Increment(ref _running);
        return default;
    }

    /// <summary>Counts a query that has an answer.</summary>
    public static void Done(TimeSpan evaluated, TimeSpan planned, TimeSpan sorted, long samples)
    {
        Samples.Add(samples);
        Slices[0].Add(evaluated);
        Slices[1].Add(planned);
        Slices[3].Add(sorted);
    }

    /// <summary>Counts a query that got its turn.</summary>
    public static void Waited(TimeSpan inQueue) => Slices[2].Add(inQueue);

    /// <summary>One of the things that the time of queries is spent on.</summary>
    private sealed class Slice(string name)
    {
        private readonly KeyValuePair<string, object?> _tag = new("slice", name);
        private readonly Lock _gate = new();
        private readonly double[] _latest = new double[Remembered];
        private long _finished;
        private double _seconds;

        public Measurement<double> Sum => new(Volatile.Read(ref _seconds), _tag);

        public Measurement<long> Count => new(Volatile.Read(ref _finished), _tag);

        public void Add(TimeSpan took)
        {
            lock (_gate)
            {
                _latest[_finished++ % Remembered] = took.TotalSeconds;
                _seconds += took.TotalSeconds;
            }
        }

        public IEnumerable<Measurement<double>> Observe()
        {
            double[] sorted;
            lock (_gate)
            {
                sorted = _latest[..(int)Math.Min(_finished, Remembered)];
            }

            Array.Sort(sorted);
            return Quantiles.Select(q => new Measurement<double>(
                sorted.Length == 0 ? double.NaN : sorted[(int)(q * (sorted.Length - 1))], _tag, new KeyValuePair<string, object?>("quantile", q)));
        }
    }

    /// <summary>A query that runs.</summary>
    public readonly struct Running : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref _running);
    }
}
