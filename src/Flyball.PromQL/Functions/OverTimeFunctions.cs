using System.Runtime.Intrinsics;
using Flyball.Model.Histograms;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary><c>count_over_time</c>, <c>present_over_time</c>: how many samples, or whether any.</summary>
internal sealed class CountOverTime(bool onlyPresence) : RangeFunction
{
    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        for (var step = 0; step < input.Steps; step++)
        {
            var count = input.CountAt(step) + input.HistogramCountAt(step);
            if (count > 0)
            {
                output.Values[step] = onlyPresence ? 1 : count;
            }
        }
    }
}

/// <summary><c>first_over_time</c>, <c>last_over_time</c> and the times of those samples.</summary>
internal sealed class EdgeOverTime(bool last, bool time) : RangeFunction
{
    public override bool KeepsName => !time;

    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        for (var step = 0; step < input.Steps; step++)
        {
            var hasFloat = input.CountAt(step) > 0;
            var hasHistogram = input.HistogramCountAt(step) > 0;
            if (!hasFloat && !hasHistogram)
            {
                continue;
            }

            var i = last ? input.Until[step] - 1 : input.From[step];
            var h = last ? input.HistogramsUntil[step] - 1 : input.HistogramsFrom[step];
            var takeFloat = !hasHistogram || (hasFloat && (input.Times[i] > input.HistogramTimes[h]) == last);
            if (time)
            {
                output.Values[step] = (takeFloat ? input.Times[i] : input.HistogramTimes[h]) / 1000.0;
            }
            else if (takeFloat)
            {
                output.Values[step] = Absent.Present(input.Values[i]);
            }
            else
            {
                output.SetHistogram(step, input.Histograms[h]);
            }
        }
    }
}

/// <summary>Functions of the floats of a window; histograms beside them are ignored, with an info.</summary>
internal abstract class FloatsOverTime : RangeFunction
{
    /// <summary>Fewer floats than this give nothing.</summary>
    protected virtual int Least => 1;

    /// <summary>Whether <see cref="Compute"/> says <see cref="Absent"/> where it has no result.</summary>
    protected virtual bool MayGiveNothing => false;

    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        Begin(input);
        for (var step = 0; step < input.Steps; step++)
        {
            input.StopIfDone(step);
            if (WindowLanes.CanRun(input, step, Least, out var first) && TryLanes(input, first, output.Values))
            {
                step = first + WindowLanes.Count - 1;
                continue;
            }

            var count = input.CountAt(step);
            if (count > 0 && input.HistogramCountAt(step) > 0)
            {
                input.InformOfIgnoredHistograms();
            }

            if (count >= Least)
            {
                var value = Compute(input, step, input.Values[input.From[step]..input.Until[step]]);
                output.Values[step] = MayGiveNothing ? value : Absent.Present(value);
            }
        }
    }

    /// <summary>Prepares for the windows of another series.</summary>
    protected virtual void Begin(in RangeInput input)
    {
    }

    /// <summary>Computes several windows of equal length at once, where that is possible.</summary>
    protected virtual bool TryLanes(in RangeInput input, int step, Span<double> output) => false;

    protected abstract double Compute(in RangeInput input, int step, ReadOnlySpan<double> window);
}

/// <summary><c>stddev_over_time</c>, <c>stdvar_over_time</c>.</summary>
internal sealed class VarianceOverTime(bool root) : FloatsOverTime
{
    protected override bool TryLanes(in RangeInput input, int step, Span<double> output) =>
        WindowLanes.TryVariance(input, step, root, output);

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        double count = 0, mean = 0, meanError = 0, squares = 0, squaresError = 0;
        foreach (var value in window)
        {
            count++;
            var delta = value - (mean + meanError);
            Kahan.Add(delta / count, ref mean, ref meanError);
            Kahan.Add(delta * (value - (mean + meanError)), ref squares, ref squaresError);
        }

        var variance = (squares + squaresError) / count;
        return root ? Math.Sqrt(variance) : variance;
    }
}

/// <summary><c>quantile_over_time</c>.</summary>
internal sealed class QuantileOverTime : FloatsOverTime
{
    protected override void Begin(in RangeInput input) => input.Geometry.Order.Clear();

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        var q = input.Call.Parameters[0][step];
        if (!(q >= 0 && q <= 1))
        {
            input.Scope.Annotations.Warn(input.Call.ArgumentSpan, Quantiles.OutOfRange(q));
        }

        return Quantiles.OfSorted(q, input.Geometry.Order.Of(input.Values, input.From[step], input.Until[step]));
    }
}

/// <summary><c>mad_over_time</c>: the median of the distances from the median.</summary>
internal sealed class MedianDeviationOverTime : FloatsOverTime
{
    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        foreach (var value in window)
        {
            if (double.IsNaN(value))
            {
                return double.NaN;
            }
        }

        var values = window.ToArray();
        var median = Quantiles.Of(0.5, values);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Math.Abs(values[i] - median);
        }

        return Quantiles.Of(0.5, values);
    }
}

/// <summary><c>deriv</c> and <c>predict_linear</c>: a straight line through the floats of the window, by least squares.</summary>
internal sealed class LinearRegression(bool predict) : FloatsOverTime
{
    protected override int Least => 2;

    protected override bool TryLanes(in RangeInput input, int step, Span<double> output)
    {
        Span<long> origins = stackalloc long[WindowLanes.Count];
        for (var i = 0; i < origins.Length; i++)
        {
            origins[i] = predict ? input.Scope.Grid.At(step + i) : input.Times[input.From[step + i]];
        }

        if (!WindowLanes.TryLine(input, step, Vector512.Create<long>(origins), out var slope, out var intercept))
        {
            return false;
        }

        var result = predict ? (slope * Vector512.Create<double>(input.Call.Parameters[0].AsSpan(step))) + intercept : slope;
        return WindowLanes.TryStore(result, intercept, output[step..]);
    }

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        var times = input.Times[input.From[step]..input.Until[step]];
        var origin = predict ? input.Scope.Grid.At(step) : times[0];
        var (slope, intercept) = Fit(times, window, origin);
        return predict ? (slope * input.Call.Parameters[0][step]) + intercept : slope;
    }

    private static (double Slope, double Intercept) Fit(ReadOnlySpan<long> times, ReadOnlySpan<double> values, long origin)
    {
        double n = 0, x = 0, xe = 0, y = 0, ye = 0, xy = 0, xye = 0, xx = 0, xxe = 0;
        var constant = true;
        for (var i = 0; i < values.Length; i++)
        {
            constant &= i == 0 || values[i] == values[0];
            n++;
            var time = (times[i] - origin) / 1e3;
            Kahan.Add(time, ref x, ref xe);
            Kahan.Add(values[i], ref y, ref ye);
            Kahan.Add(time * values[i], ref xy, ref xye);
            Kahan.Add(time * time, ref xx, ref xxe);
        }

        if (constant)
        {
            return double.IsInfinity(values[0]) ? (double.NaN, double.NaN) : (0, values[0]);
        }

        x += xe;
        y += ye;
        xy += xye;
        xx += xxe;
        var slope = (xy - (x * y / n)) / (xx - (x * x / n));
        return (slope, (y / n) - (slope * x / n));
    }
}

/// <summary><c>double_exponential_smoothing</c>: Holt's linear method.</summary>
internal sealed class DoubleExponentialSmoothing : FloatsOverTime
{
    protected override int Least => 2;

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        var smoothing = Check(input.Call.Parameters[0][step], "smoothing", "sf");
        var trending = Check(input.Call.Parameters[1][step], "trend", "tf");
        double before = 0;
        var level = window[0];
        var trend = window[1] - window[0];
        for (var i = 1; i < window.Length; i++)
        {
            if (i > 1)
            {
                trend = (trending * (level - before)) + ((1 - trending) * trend);
            }

            (before, level) = (level, (smoothing * window[i]) + ((1 - smoothing) * (level + trend)));
        }

        return level;
    }

    private static double Check(double factor, string name, string symbol)
    {
        if (factor is <= 0 or >= 1)
        {
            throw new PromQLQueryException(
                QueryFailure.Execution, $"invalid {name} factor. Expected: 0 < {symbol} < 1, got: {factor:F6}");
        }

        return factor;
    }
}

/// <summary><c>min_over_time</c>, <c>max_over_time</c> and the times of those samples.</summary>
/// <remarks>A queue of candidates slides along: each sample enters and leaves it once, however much windows overlap.</remarks>
internal sealed class ExtremeOverTime(bool max, bool time) : RangeFunction
{
    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        var queue = new int[input.Values.Length];
        int head = 0, tail = 0, next = 0;
        var values = input.Values;
        for (var step = 0; step < input.Steps; step++)
        {
            var (from, until) = (input.From[step], input.Until[step]);
            if (until <= from)
            {
                continue;
            }

            if (input.HistogramCountAt(step) > 0)
            {
                input.InformOfIgnoredHistograms();
            }

            for (next = Math.Max(next, from); next < until; next++)
            {
                while (tail > head && Beats(values[next], values[queue[tail - 1]]))
                {
                    tail--;
                }

                queue[tail++] = next;
            }

            while (queue[head] < from)
            {
                head++;
            }

            var best = queue[head];
            output.Values[step] = time ? input.Times[best] / 1000.0 : Absent.Present(values[best]);
        }
    }

    /// <summary>Whether a later sample makes an earlier one irrelevant. NaN loses against everything.</summary>
    private bool Beats(double later, double earlier)
    {
        if (double.IsNaN(earlier))
        {
            return true;
        }

        // Of equal values the first stands for min and max, but the last one's time is asked for.
        return time ? (max ? later >= earlier : later <= earlier) : (max ? later > earlier : later < earlier);
    }
}

/// <summary><c>sum_over_time</c>, <c>avg_over_time</c>.</summary>
internal sealed class SumOverTime(bool average) : RangeFunction
{
    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        for (var step = 0; step < input.Steps; step++)
        {
            input.StopIfDone(step);
            if (WindowLanes.CanRun(input, step, least: 1, out var first) && WindowLanes.TrySum(input, first, average, output.Values))
            {
                step = first + WindowLanes.Count - 1;
                continue;
            }

            var floats = input.CountAt(step);
            var histograms = input.HistogramCountAt(step);
            if (floats > 0 && histograms > 0)
            {
                input.WarnOfMix();
            }
            else if (floats > 0)
            {
                var window = input.Values[input.From[step]..input.Until[step]];
                output.Values[step] = Absent.Present(average ? Mean(window) : Sum(window));
            }
            else if (histograms > 0 && OfHistograms(input, step) is { } result)
            {
                output.SetHistogram(step, result);
            }
        }
    }

    private static double Sum(ReadOnlySpan<double> window)
    {
        double sum = 0, error = 0;
        foreach (var value in window)
        {
            Kahan.Add(value, ref sum, ref error);
        }

        return double.IsInfinity(sum) ? sum : sum + error;
    }

    private static double Mean(ReadOnlySpan<double> window)
    {
        double sum = window[0], error = 0;
        for (var i = 1; i < window.Length; i++)
        {
            var (newSum, newError) = (sum, error);
            Kahan.Add(window[i], ref newSum, ref newError);
            if (double.IsInfinity(newSum))
            {
                return IncrementalMean(window, i, sum / i, error / i);
            }

            (sum, error) = (newSum, newError);
        }

        return (sum / window.Length) + (error / window.Length);
    }

    /// <summary>Goes on where the sum would overflow: the mean so far is corrected by each further value.</summary>
    private static double IncrementalMean(ReadOnlySpan<double> window, int from, double mean, double error)
    {
        for (var i = from; i < window.Length; i++)
        {
            var count = i + 1.0;
            var share = (count - 1) / count;
            mean *= share;
            error *= share;
            Kahan.Add(window[i] / count, ref mean, ref error);
        }

        return mean + error;
    }

    private NativeHistogram? OfHistograms(in RangeInput input, int step)
    {
        var sum = new HistogramSumming(average);
        for (var i = input.HistogramsFrom[step]; i < input.HistogramsUntil[step]; i++)
        {
            if (!sum.TryAdd(input.Histograms[i]))
            {
                input.WarnOfMixedBuckets();
                return null;
            }
        }

        if (sum.HintsCollide)
        {
            input.Warn("conflicting counter resets during histogram aggregation");
        }

        if (sum.BoundsReconciled)
        {
            input.Inform("mismatched custom buckets were reconciled during aggregation");
        }

        return sum.Result();
    }
}
