namespace Flyball.PromQL.Functions;

/// <summary><c>changepoint(v range)</c>: when, in Unix seconds, the level of a series changed; nothing if it did not.</summary>
/// <remarks>
/// Pettitt's test: with the samples' ranks r, the statistic U(k) = 2·(r1 + … + rk) − k·(n + 1) compares what came up to sample k with what
/// came after it. The change is where |U| is largest, K; it counts where its probability by chance, 2·exp(−6K² / (n³ + n²)), is at most
/// one in a hundred. Ranks make it indifferent to outliers and to the shape of the distribution. NaN samples are left out.
/// Source: A. N. Pettitt, "A Non-Parametric Approach to the Change-Point Problem", Applied Statistics 28 (1979).
/// </remarks>
internal sealed class ChangePoint : FloatsOverTime
{
    private const double MostByChance = 0.01;

    protected override bool MayGiveNothing => true;

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        var from = input.From[step];
        var indexes = new List<int>(window.Length);
        for (var i = 0; i < window.Length; i++)
        {
            if (!double.IsNaN(window[i]))
            {
                indexes.Add(i);
            }
        }

        var values = new double[indexes.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = window[indexes[i]];
        }

        return Find(values) is { } first ? input.Times[from + indexes[first]] / 1000.0 : Evaluation.Absent.Value;
    }

    /// <summary>The first sample of the new level, or null.</summary>
    private static int? Find(double[] values)
    {
        double n = values.Length;
        var ranks = RanksOf(values);
        double sum = 0, largest = 0;
        var at = 0;
        for (var k = 1; k < values.Length; k++)
        {
            sum += ranks[k - 1];
            var statistic = Math.Abs((2 * sum) - (k * (n + 1)));
            if (statistic > largest)
            {
                (largest, at) = (statistic, k);
            }
        }

        var byChance = 2 * Math.Exp(-6 * largest * largest / ((n * n * n) + (n * n)));
        return at > 0 && byChance <= MostByChance ? at : null;
    }

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    private static double[] RanksOf(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (var from = 0; from < order.Length;)
        {
            var until = from + 1;
            while (until < order.Length && values[order[until]].Equals(values[order[from]]))
            {
                until++;
            }

            for (var i = from; i < until; i++)
            {
                ranks[order[i]] = (from + until + 1) / 2.0;
            }

            from = until;
        }

        return ranks;
    }
}
