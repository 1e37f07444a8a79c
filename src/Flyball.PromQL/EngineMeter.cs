using System.Diagnostics.Metrics;

namespace Flyball.PromQL;

/// <summary>What queries cost, under the names Prometheus' dashboards know.</summary>
/// <remarks>One for the process, as what it counts is: engines have no life of their own that could end it.</remarks>
internal static class EngineMeter
{
    private const string Duration = "prometheus_engine_query_duration_seconds";
    private const int Remembered = 1024;

    private static readonly double[] Quantiles = [0.5, 0.9, 0.99];
    private static readonly KeyValuePair<string, object?> Slice = new("slice", "inner_eval");
    private static readonly Meter Meter = new("Flyball.PromQL");
    private static readonly Lock Gate = new();
    private static readonly double[] Latest = new double[Remembered];
    private static readonly Counter<long> Samples =
        Meter.CreateCounter<long>("prometheus_engine_query_samples_total", description: "Samples read by queries.");

    private static long _finished;
    private static double _seconds;
    private static int _running;
    private static int _most;

    static EngineMeter()
    {
        Meter.CreateObservableGauge("prometheus_engine_queries", () => Volatile.Read(ref _running), description: "Queries being evaluated.");
        Meter.CreateObservableGauge("prometheus_engine_queries_concurrent_max", () => Volatile.Read(ref _most), description: "Queries that may run at once.");
        Meter.CreateObservableGauge("prometheus_engine_query_log_enabled", () => 0, description: "Whether queries are logged to a file.");
        Meter.CreateObservableCounter("prometheus_engine_query_log_failures_total", () => 0L, description: "Queries that could not be logged.");
        Meter.CreateObservableGauge(Duration, Observe, description: "Seconds the latest queries took to be evaluated.");
        Meter.CreateObservableCounter(Duration + "_sum", () => new Measurement<double>(Volatile.Read(ref _seconds), Slice), description: "Seconds spent evaluating queries.");
        Meter.CreateObservableCounter(Duration + "_count", () => new Measurement<long>(Volatile.Read(ref _finished), Slice), description: "Queries evaluated.");
    }

    public static void Show(int mostConcurrent) => Volatile.Write(ref _most, mostConcurrent);

    /// <summary>Counts a query as running until the answer is disposed.</summary>
    public static Running Begin()
    {
        Interlocked.Increment(ref _running);
        return default;
    }

    public static void Done(TimeSpan took, long samples)
    {
        Samples.Add(samples);
        lock (Gate)
        {
            Latest[_finished++ % Remembered] = took.TotalSeconds;
            _seconds += took.TotalSeconds;
        }
    }

    private static IEnumerable<Measurement<double>> Observe()
    {
        double[] sorted;
        lock (Gate)
        {
            sorted = Latest[..(int)Math.Min(_finished, Remembered)];
        }

        Array.Sort(sorted);
        return Quantiles.Select(q => new Measurement<double>(
            sorted.Length == 0 ? double.NaN : sorted[(int)(q * (sorted.Length - 1))], Slice, new KeyValuePair<string, object?>("quantile", q)));
    }

    /// <summary>A query that runs.</summary>
    public readonly struct Running : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref _running);
    }
}
