namespace Flyball.Bench.Density;

/// <summary>Endless series of values in the manners of measured things.</summary>
internal static class Noise
{
    public static IEnumerable<double> Still(double value)
    {
        while (true)
        {
            yield return value;
        }
    }

    /// <summary>Grows by about the same at every step.</summary>
    public static IEnumerable<double> Counter(Random random, double mean, double deviation, double unit)
    {
        var total = Math.Round(random.NextDouble() * 100_000 * mean / unit);
        while (true)
        {
            total += Math.Max(0, Math.Round((mean + (Normal(random) * deviation)) / unit));
            yield return Of(total, unit);
        }
    }

    /// <summary>Grows now and then, by about <paramref name="size"/> units.</summary>
    public static IEnumerable<double> Rare(Random random, double chance, double size, double unit)
    {
        var total = (double)random.Next(0, 100_000);
        while (true)
        {
            total += random.NextDouble() < chance ? Math.Ceiling(-Math.Log(1 - random.NextDouble()) * size) : 0;
            yield return Of(total, unit);
        }
    }

    /// <summary>Grows by amounts that differ by orders of magnitude.</summary>
    public static IEnumerable<double> Bursts(Random random, double median, double spread) => BurstsOf(random, median, spread, 1);

    public static IEnumerable<double> BurstsOf(Random random, double median, double spread, double unit)
    {
        var total = Math.Round(random.NextDouble() * 1_000_000 * median);
        while (true)
        {
            total += Math.Round(median * Math.Exp(Normal(random) * spread));
            yield return Of(total, unit);
        }
    }

    /// <summary>A gauge that wanders.</summary>
    public static IEnumerable<double> Walk(Random random, double start, double step, double unit)
    {
        var at = Math.Round(start / unit);
        while (true)
        {
            at += Math.Round(Normal(random) * step / unit * (random.NextDouble() < 0.1 ? 5 : 0.5));
            yield return Of(Math.Max(0, at), unit);
        }
    }

    /// <summary>A gauge that goes one way, in small steps and pauses.</summary>
    public static IEnumerable<double> Drift(Random random, double start, double slope, double unit)
    {
        var at = start;
        while (true)
        {
            at += random.NextDouble() < 0.4 ? 2.5 * slope * random.NextDouble() : 0;
            yield return Of(Math.Round(at / unit), unit);
        }
    }

    /// <summary>A gauge around a mean it comes back to.</summary>
    public static IEnumerable<double> Mean(Random random, double mean, double deviation, double unit)
    {
        var at = 0.0;
        while (true)
        {
            at = (at * 0.8) + (Normal(random) * deviation * 0.6);
            yield return Of(Math.Round(mean * Math.Exp(at) / unit), unit);
        }
    }

    /// <summary>A small whole number that changes with some chance.</summary>
    public static IEnumerable<double> Levels(Random random, int around, int reach, double chance)
    {
        double at = around;
        while (true)
        {
            if (random.NextDouble() < chance)
            {
                at = Math.Max(0, around + Math.Round(Normal(random) * reach));
            }

            yield return at;
        }
    }

    /// <summary>A measured value that is replaced with some chance.</summary>
    public static IEnumerable<double> Sometimes(Random random, double chance, double size, double unit)
    {
        var at = Of(Math.Round(size * random.NextDouble() / unit), unit);
        while (true)
        {
            if (random.NextDouble() < chance)
            {
                at = Of(Math.Round(size * random.NextDouble() / unit), unit);
            }

            yield return at;
        }
    }

    public static IEnumerable<double> Sawtooth(Random random, double low, double rise, double unit)
    {
        var at = low;
        while (true)
        {
            at += rise * (0.5 + random.NextDouble());
            at = at > low * 2 ? low * (1 + (random.NextDouble() * 0.05)) : at;
            yield return Of(Math.Round(at / unit), unit);
        }
    }

    /// <summary>Durations of what ended at each step; 0 where nothing did.</summary>
    public static IEnumerable<double> Ends(Random random, double chance)
    {
        while (true)
        {
            yield return random.NextDouble() < chance ? Of(Math.Round(90_000 * Math.Exp(Normal(random) * 0.9)), 0.001) : 0;
        }
    }

    public static IEnumerable<double> Counted(double[] ends, Func<double, double> weight)
    {
        var total = 0.0;
        foreach (var end in ends)
        {
            total = end > 0 ? Of(Math.Round((total + weight(end)) / 0.001), 0.001) : total;
            yield return total;
        }
    }

    public static IEnumerable<double> Last(double[] ends)
    {
        var last = 0.0;
        foreach (var end in ends)
        {
            last = end > 0 ? end : last;
            yield return last;
        }
    }

    // Dividing by the inverse gives the double nearest to the decimal, as parsing its text would.
    private static double Of(double units, double unit) => unit < 1 ? units / Math.Round(1 / unit) : units * unit;

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
