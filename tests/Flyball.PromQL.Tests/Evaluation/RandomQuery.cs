namespace Flyball.PromQL.Tests.Evaluation;

/// <summary>Random queries that parse and type-check, over the metrics <c>x</c>, <c>y_total</c>, <c>h_bucket</c>.</summary>
internal static class RandomQuery
{
    private static readonly string[] Metrics = ["x", "y_total", "h_bucket", "x{i=\"3\"}", "x{i=~\"1.*\"}", "{g=\"1\"}", "missing", "x offset 1m", "y_total @ 300"];
    private static readonly string[] RangeFunctions =
    [
        "rate", "increase", "delta", "irate", "idelta", "changes", "resets", "deriv", "sum_over_time", "avg_over_time", "min_over_time",
        "max_over_time", "count_over_time", "stddev_over_time", "stdvar_over_time", "last_over_time", "first_over_time", "present_over_time",
        "absent_over_time", "mad_over_time", "ts_of_max_over_time",
    ];

    private static readonly string[] Functions =
    [
        "abs", "ceil", "floor", "exp", "ln", "sqrt", "sgn", "round", "sin", "timestamp", "hour", "day_of_week", "absent", "sort", "sort_desc",
        "histogram_count", "-", "+",
    ];

    private static readonly string[] Aggregations = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"];
    private static readonly string[] Operators = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", ">", "<=", ">=", "> bool", "and", "or", "unless"];
    private static readonly string[] Matchings = ["", " on(i)", " ignoring(le)", " on(i) group_left()", " on(g) group_right(i)", " on()"];

    public static string Vector(Random random, int depth)
    {
        if (depth == 0)
        {
            return Pick(random, Metrics);
        }

        string Inner() => Vector(random, depth - 1);
        switch (random.Next(11))
        {
            case 0:
                return Pick(random, Metrics);
            case 1:
                return $"{Pick(random, RangeFunctions)}({Pick(random, ["x", "y_total", "h_bucket"])}[{random.Next(1, 9)}m])";
            case 2:
                return $"{Pick(random, RangeFunctions)}(({Inner()})[{random.Next(1, 9)}m:{random.Next(20, 90)}s])";
            case 3:
                return $"{Pick(random, Functions)}({Inner()})";
            case 4:
                return $"{Pick(random, Aggregations)}{Pick(random, ["", " by (g)", " without (i)", " by (i, g)"])} ({Inner()})";
            case 5:
                return $"{Pick(random, ["topk", "bottomk", "limitk", "quantile"])}{Pick(random, ["", " by (g)"])} ({Scalar(random)}, {Inner()})";
            case 6:
            case 7:
                var op = Pick(random, Operators);
                var matching = Pick(random, Matchings);
                matching = op is "and" or "or" or "unless" && matching.Contains("group", StringComparison.Ordinal) ? "" : matching;
                return $"({Inner()}) {op}{matching} ({Inner()})";
            case 8:
                var scalarOp = Pick(random, Operators[..14]);
                return random.Next(2) == 0 ? $"({Inner()}) {scalarOp} {Scalar(random)}" : $"{Scalar(random)} {scalarOp} ({Inner()})";
            case 9:
                return $"histogram_quantile({Scalar(random)}, {Inner()})";
            default:
                return $"label_replace({Inner()}, \"i\", \"$1\", \"g\", \"(.*)\")";
        }
    }

    private static string Scalar(Random random) => Pick(random, ["0", "1", "2.5", "-1", "0.9", "time()", "scalar(x{i=\"1\"})", "Inf", "NaN", "1e300"]);

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
