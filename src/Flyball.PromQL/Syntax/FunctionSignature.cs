namespace Flyball.PromQL.Syntax;

/// <summary>Name and types of a function, as the type checker sees it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Returns">What it gives.</param>
/// <param name="Arguments">What it takes; the last may repeat.</param>
/// <param name="Variadic">0: exactly these; n: the last may be absent, and up to n of it may stand; -1: any number of it.</param>
/// <param name="Experimental">Only with the feature for experimental functions.</param>
internal sealed record FunctionSignature(
    string Name, ValueKind Returns, ValueKind[] Arguments, int Variadic = 0, bool Experimental = false)
{
    private const ValueKind S = ValueKind.Scalar, T = ValueKind.String, V = ValueKind.Vector, M = ValueKind.Matrix;

    private static readonly Dictionary<string, FunctionSignature> All = MakeAll();

    /// <summary>Names of all functions.</summary>
    public static IReadOnlyCollection<string> Names => All.Keys;

    public static bool TryGet(string name, out FunctionSignature? function) => All.TryGetValue(name, out function);

    private static Dictionary<string, FunctionSignature> MakeAll()
    {
        var all = new List<FunctionSignature>();
        foreach (var name in "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg histogram_count histogram_sum histogram_stddev histogram_stdvar ln log10 log2 rad sgn sin sinh sort sort_desc sqrt tan tanh timestamp".Split(' '))
        {
            all.Add(new(name, V, [V]));
        }

        foreach (var name in "absent_over_time avg_over_time changes count_over_time delta deriv idelta increase irate last_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time".Split(' '))
        {
            all.Add(new(name, V, [M]));
        }

        foreach (var name in "first_over_time mad_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time".Split(' '))
        {
            all.Add(new(name, V, [M], Experimental: true));
        }

        foreach (var name in "days_in_month day_of_month day_of_week day_of_year hour minute month year".Split(' '))
        {
            all.Add(new(name, V, [V], Variadic: 1));
        }

        foreach (var name in "start end step range".Split(' '))
        {
            all.Add(new(name, S, [], Experimental: true));
        }

        all.AddRange(
        [
            new("anomaly_score", V, [M, S]), new("changepoint", V, [M]),
            new("clamp", V, [V, S, S]), new("clamp_max", V, [V, S]), new("clamp_min", V, [V, S]),
            new("double_exponential_smoothing", V, [M, S, S], Experimental: true),
            new("histogram_fraction", V, [S, S, V]), new("histogram_quantile", V, [S, V]),
            new("histogram_quantiles", V, [V, T, S, S], Variadic: 9, Experimental: true),
            new("info", V, [V, V], Variadic: 1, Experimental: true),
            new("label_join", V, [V, T, T, T], Variadic: -1), new("label_replace", V, [V, T, T, T, T]),
            new("max_of", S, [S, S], Experimental: true), new("min_of", S, [S, S], Experimental: true),
            new("pi", S, []), new("predict_linear", V, [M, S]), new("quantile_over_time", V, [S, M]),
            new("round", V, [V, S], Variadic: 1), new("scalar", S, [V]),
            new("sort_by_label", V, [V, T], Variadic: -1, Experimental: true),
            new("sort_by_label_desc", V, [V, T], Variadic: -1, Experimental: true),
            new("start_timestamp", V, [V], Experimental: true),
            new("time", S, []), new("vector", V, [S]),
        ]);
        return all.ToDictionary(f => f.Name);
    }
}
