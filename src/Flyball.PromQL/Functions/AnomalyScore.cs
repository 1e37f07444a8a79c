using Flyball.PromQL.Evaluation;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Functions;

/// <summary><c>anomaly_score(v range, season)</c>: how far the newest sample is from what is usual at this point of the season,
/// in robust standard deviations.</summary>
/// <remarks>
/// The usual is the median of the samples whole seasons ago, give or take a forty-eighth of the season; the spread is 1.4826 times
/// the median of their distances from it, or 1.2533 times the mean distance where that median is zero (both estimate the standard
/// deviation of a normal distribution). Source: Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993), the modified z-score.
/// A season of 0 compares with the whole window. What is not finite does not count as usual.
/// </remarks>
internal sealed class AnomalyScore : FloatsOverTime
{
    private const int LeastNeighbours = 3;
    private const double PhaseShare = 1.0 / 48;
    private const double DeviationPerMedian = 1.4826;
    private const double DeviationPerMean = 1.2533;

    protected override int Least => LeastNeighbours + 1;

    protected override bool MayGiveNothing => true;

    public override void Evaluate(in RangeInput input, SeriesRow output)
    {
        foreach (var season in input.Call.Parameters[0])
        {
            if (!(season >= 0) || double.IsInfinity(season))
            {
                throw new PromQLQueryException(
                    QueryFailure.Execution, "invalid season. Expected: 0 <= season, in seconds, got: " + NumberText.FormatGeneral(season));
            }
        }

        base.Evaluate(input, output);
    }

    protected override double Compute(in RangeInput input, int step, ReadOnlySpan<double> window)
    {
        var times = input.Times[input.From[step]..input.Until[step]];
        var usual = Neighbours(times, window, input.Call.Parameters[0][step] * 1000);
        return usual.Count < LeastNeighbours ? Absent.Value : Score(window[^1], usual);
    }

    private static List<double> Neighbours(ReadOnlySpan<long> times, ReadOnlySpan<double> window, double seasonMs)
    {
        var found = new List<double>();
        for (var i = 0; i < window.Length - 1; i++)
        {
            if (double.IsFinite(window[i]) && IsSamePhase(times[^1] - times[i], seasonMs))
            {
                found.Add(window[i]);
            }
        }

        return found;
    }

    private static bool IsSamePhase(long agoMs, double seasonMs)
    {
        if (seasonMs == 0)
        {
            return true;
        }

        var seasons = Math.Round(agoMs / seasonMs);
        return seasons >= 1 && Math.Abs(agoMs - (seasons * seasonMs)) <= seasonMs * PhaseShare;
    }

    private static double Score(double value, List<double> usual)
    {
        var values = usual.ToArray();
        var middle = Quantiles.Of(0.5, values);
        var distances = Array.ConvertAll(values, v => Math.Abs(v - middle));
        var mean = distances.Average();
        var median = Quantiles.Of(0.5, distances);
        var spread = median > 0 ? DeviationPerMedian * median : DeviationPerMean * mean;
        var distance = value - middle;
        return spread > 0 || distance != 0 ? distance / spread : 0;
    }
}
