namespace Flyball.PromQL.Functions;

/// <summary>All functions of range vectors by name.</summary>
internal static class RangeFunctions
{
    /// <summary>What <c>count_over_time</c> becomes where a source has counted already.</summary>
    public static RangeFunction SumOverTime { get; } = new SumOverTime(average: false);

    private static readonly Dictionary<string, RangeFunction> All = new()
    {
        ["rate"] = new RateFunction(isCounter: true, isRate: true),
        ["increase"] = new RateFunction(isCounter: true, isRate: false),
        ["delta"] = new RateFunction(isCounter: false, isRate: false),
        ["irate"] = new InstantRateFunction(isRate: true),
        ["idelta"] = new InstantRateFunction(isRate: false),
        ["changes"] = new ChangeFunction(resets: false),
        ["resets"] = new ChangeFunction(resets: true),
        ["deriv"] = new LinearRegression(predict: false),
        ["predict_linear"] = new LinearRegression(predict: true),
        ["double_exponential_smoothing"] = new DoubleExponentialSmoothing(),
        ["sum_over_time"] = new SumOverTime(average: false),
        ["avg_over_time"] = new SumOverTime(average: true),
        ["min_over_time"] = new ExtremeOverTime(max: false, time: false),
        ["max_over_time"] = new ExtremeOverTime(max: true, time: false),
        ["count_over_time"] = new CountOverTime(onlyPresence: false),
        ["present_over_time"] = new CountOverTime(onlyPresence: true),
        ["absent_over_time"] = new CountOverTime(onlyPresence: true),
        ["stddev_over_time"] = new VarianceOverTime(root: true),
        ["stdvar_over_time"] = new VarianceOverTime(root: false),
        ["quantile_over_time"] = new QuantileOverTime(),
        ["mad_over_time"] = new MedianDeviationOverTime(),
        ["anomaly_score"] = new AnomalyScore(),
        ["changepoint"] = new ChangePoint(),
        ["first_over_time"] = new EdgeOverTime(last: false, time: false),
        ["last_over_time"] = new EdgeOverTime(last: true, time: false),
        ["ts_of_first_over_time"] = new EdgeOverTime(last: false, time: true),
        ["ts_of_last_over_time"] = new EdgeOverTime(last: true, time: true),
        ["ts_of_min_over_time"] = new ExtremeOverTime(max: false, time: true),
        ["ts_of_max_over_time"] = new ExtremeOverTime(max: true, time: true),
    };

    private static readonly string[] AnchoredSafe = ["changes", "delta", "increase", "rate", "resets"];
    private static readonly string[] SmoothedSafe = ["delta", "increase", "rate"];

    public static RangeFunction? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>Refuses <c>anchored</c> and <c>smoothed</c> where they have no meaning.</summary>
    public static void CheckEdges(string name, Syntax.EdgeMode edges)
    {
        var (word, safe) = edges == Syntax.EdgeMode.Anchored ? ("anchored", AnchoredSafe) : ("smoothed", SmoothedSafe);
        if (edges != Syntax.EdgeMode.Plain && !safe.Contains(name))
        {
            throw new PromQLQueryException(
                QueryFailure.Execution, $"{word} modifier can only be used with: {string.Join(", ", safe)} - not with {name}");
        }
    }
}
