using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Random series of every sort: gauges, counters with resets, classic and native histograms, mixtures, info metrics.</summary>
/// <remarks>Times are within an hour of <see cref="StartMs"/>, so that a server takes them into an empty head.</remarks>
internal sealed class PeerData(Random random, PeerVersion peer)
{
    /// <summary>A whole minute.</summary>
    public const long StartMs = 1_700_000_100_000;

    /// <summary>Distance of samples.</summary>
    public const long IntervalMs = 15_000;

    /// <summary>Samples per series.</summary>
    public const int Count = 160;

    private readonly SortedDictionary<LabelSet, List<(long AtMs, double Value, NativeHistogram? Histogram)>> _series = [];

    /// <summary>All series in the order of their labels, samples rising in time.</summary>
    public IReadOnlyDictionary<LabelSet, List<(long AtMs, double Value, NativeHistogram? Histogram)>> Series => _series;

    /// <summary>Makes the series.</summary>
    public PeerData Fill()
    {
        foreach (var job in (string[])["api", "db"])
        {
            foreach (var instance in (string[])["a:1", "b:2", "c:3"])
            {
                AddInstance(job, instance);
            }

            AddClassicHistogram(job);
        }

        return this;
    }

    private void AddInstance(string job, string instance)
    {
        LabelSet Name(string name, params (string, string)[] more) =>
            LabelSet.Of([("__name__", name), ("instance", instance), ("job", job), .. more]);
        var level = random.Next(-50, 50) + random.NextDouble();
        Floats(Name("temp"), _ => level += random.NextDouble() - 0.5);
        Floats(Name("wild"), _ => Wild());
        Floats(Name("small"), _ => random.Next(4));
        Floats(Name("flat"), _ => 7);
        foreach (var code in (string[])["200", "500"])
        {
            // Before 3.0 other rules said when an extrapolation may reach zero.
            var zero = peer.IsAtLeast(3, 0) ? 0 : 100_000;
            double total = zero + random.Next(100);
            Floats(Name("req_total", ("code", code)), _ => total = random.Next(25) == 0 ? zero + random.Next(3) : total + random.Next(code == "200" ? 30 : 2));
        }

        Floats(LabelSet.Of(("__name__", "build_info"), ("instance", instance), ("job", job), ("version", random.Next(2) == 0 ? "1.0" : "2.0")), _ => 1);
        if (!peer.IsAtLeast(3, 0))
        {
            return;
        }

        Floats(LabelSet.Of(("__name__", "target_info"), ("env", random.Next(2) == 0 ? "prod" : "dev"), ("instance", instance), ("job", job)), _ => 1);
        Floats(Name("disk.used", ("mount point", "/")), _ => random.Next(1000));
        AddNative(job, instance);
    }

    private void AddNative(string job, string instance)
    {
        LabelSet Name(string name) => LabelSet.Of(("__name__", name), ("instance", instance), ("job", job));
        // Histograms of different custom bounds were dropped before they were reconciled.
        var rebucket = peer.IsAtLeast(3, 8);
        // And rates of histograms were extrapolated below zero: with high counts there is no zero near.
        var low = rebucket ? 0 : 100;
        var growing = new RandomHistogram(random, random.Next(-1, 4), rebucket, low);
        Samples(Name("lat"), _ => (0, growing.Next(isGauge: false)));
        var gauge = new RandomHistogram(random, 1, rebucket, low);
        Samples(Name("latgauge"), _ => (0, gauge.Next(isGauge: true)));
        var custom = new RandomHistogram(random, NativeHistogram.CustomBucketsSchema, rebucket, low);
        Samples(Name("cust"), _ => (0, custom.Next(isGauge: false)));
        var mixed = new RandomHistogram(random, 0, rebucket, low);
        Samples(Name("mixed"), i => i / 20 % 2 == 0 ? (i, null) : (0, mixed.Next(isGauge: false)));
        var schemas = new RandomHistogram(random, 2, rebucket, low);
        Samples(Name("both"), i => (0, i / 30 % 2 == 0 ? schemas.Next(isGauge: false) : custom.Next(isGauge: false)));
    }

    private void AddClassicHistogram(string job)
    {
        string[] bounds = ["0.1", "0.5", "1", "2.5", "+Inf"];
        var zero = peer.IsAtLeast(3, 0) ? 0 : 100_000;
        var counts = new double[bounds.Length];
        counts.AsSpan().Fill(zero);
        var rows = new List<double[]>();
        for (var i = 0; i < Count; i++)
        {
            var observed = random.Next(6);
            for (var o = 0; o < observed; o++)
            {
                for (var b = random.Next(bounds.Length); b < bounds.Length; b++)
                {
                    counts[b]++;
                }
            }

            if (random.Next(60) == 0)
            {
                counts.AsSpan().Fill(zero);
            }

            rows.Add([.. counts]);
        }

        double sum = zero;
        Floats(LabelSet.Of(("__name__", "dur_sum"), ("job", job)), _ => sum += random.NextDouble());
        Floats(LabelSet.Of(("__name__", "dur_count"), ("job", job)), i => rows[i][^1]);
        for (var b = 0; b < bounds.Length; b++)
        {
            var bucket = b;
            Floats(LabelSet.Of(("__name__", "dur_bucket"), ("job", job), ("le", bounds[b])), i => rows[i][bucket]);
        }
    }

    private double Wild() => random.Next(12) switch
    {
        0 => double.NaN,
        1 => double.PositiveInfinity,
        2 => double.NegativeInfinity,
        3 => -0.0,
        4 => 1e300,
        5 => 1e-300,
        _ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-3, 6)),
    };

    private void Floats(LabelSet labels, Func<int, double> value) => Samples(labels, i => (value(i), null));

    private void Samples(LabelSet labels, Func<int, (double, NativeHistogram?)> next)
    {
        // Over a range and with gaps, info() mixed up the info series of different instances.
        var steady = !peer.IsAtLeast(3, 8) && labels.MetricName.EndsWith("_info", StringComparison.Ordinal);

        // Before 3.0 windows were closed on both sides: samples then never fall on a whole second, where ends of windows are.
        var shift = !peer.IsAtLeast(3, 0) || random.Next(2) == 0 ? random.Next(1, 999) + (1000 * random.Next(14)) : 0;
        var samples = _series[labels] = [];
        var silent = 0;
        for (var i = 0; i < Count; i++)
        {
            var (value, histogram) = next(i);
            if (silent-- > 0)
            {
                continue;
            }

            var jitter = shift == 0 ? 0 : random.Next(5) == 0 ? -random.Next(1, 2) : 0;
            var at = StartMs + (i * IntervalMs) + shift + jitter;
            if (!steady && random.Next(40) == 0)
            {
                silent = random.Next(1, 30);
                (value, histogram) = random.Next(2) == 0 ? (StaleMarker.Value, null) : (value, histogram);
            }

            samples.Add((at, value, histogram));
        }
    }
}
