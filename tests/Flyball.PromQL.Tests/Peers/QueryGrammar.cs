namespace Flyball.PromQL.Tests.Peers;

/// <summary>Random well-typed queries in the language of one version of Prometheus, over the metrics of <see cref="PeerData"/>.</summary>
internal sealed class QueryGrammar(Random random, PeerVersion peer)
{
    private const string Hole = "\u0001";

    private static readonly string[] ScalarOperators = ["+", "-", "*", "/", "%", "^", "atan2", "==", "!=", "<", ">", "<=", ">=", "== bool", "> bool", "<= bool"];
    private static readonly string[] SetOperators = ["and", "or", "unless"];
    private static readonly string[] Labels = ["job", "instance", "code", "le", "version"];
    private static readonly string[] Dates = ["minute", "hour", "day_of_week", "day_of_month", "day_of_year", "days_in_month", "month", "year"];

    private static readonly string[] Maths =
    [
        "abs", "ceil", "floor", "exp", "ln", "log2", "log10", "sqrt", "sgn", "deg", "rad", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
        "cosh", "tanh", "asinh", "acosh", "atanh", "round", "timestamp", "absent", "sort", "sort_desc",
    ];

    private readonly string[] _floats = ["temp", "wild", "small", "flat", "req_total", "dur_bucket", "dur_sum", "dur_count", "build_info"];
    private readonly string[] _histograms = peer.IsAtLeast(3, 0) ? ["lat", "latgauge", "cust", "mixed", "both"] : [];

    /// <summary>Plain range functions, and the versions that have them.</summary>
    private readonly string[] _rangeFunctions = Since(
        peer,
        (2, 0, "rate increase delta irate idelta changes resets deriv avg_over_time min_over_time max_over_time sum_over_time count_over_time stddev_over_time stdvar_over_time last_over_time present_over_time absent_over_time"),
        (2, 48, "mad_over_time"), (3, 5, "ts_of_max_over_time ts_of_min_over_time ts_of_last_over_time"), (3, 7, "first_over_time ts_of_first_over_time"));

    private readonly string[] _histogramFunctions = Since(
        peer, (2, 40, "histogram_count histogram_sum"), (2, 48, "histogram_avg histogram_stddev histogram_stdvar"));

    private readonly string[] _aggregations = ["sum", "avg", "min", "max", "count", "group", "stddev", "stdvar"];

    /// <summary>A query that gives an instant vector, or rarely a scalar.</summary>
    public QueryTree Query() => random.Next(40) switch
    {
        0 or 1 => Scalar(3),
        2 when peer.IsAtLeast(3, 0) => Limit(),
        _ => Vector(random.Next(1, 5)),
    };

    private static string[] Since(PeerVersion peer, params (int Major, int Minor, string Names)[] rows) =>
        [.. rows.Where(r => peer.IsAtLeast(r.Major, r.Minor)).SelectMany(r => r.Names.Split(' '))];

    private static QueryTree Make(string text, params QueryTree[] parts) => new(ValueKind.Vector, text, parts);

    private QueryTree Vector(int depth)
    {
        if (depth == 0)
        {
            return Selector();
        }

        switch (random.Next(20))
        {
            case 0:
                return Selector();
            case 1 or 2 or 3 or 4:
                return RangeCall(depth);
            case 5 or 6 or 7:
                return Aggregation(depth - 1);
            case 8 or 9 or 10:
                return VectorBinary(depth - 1);
            case 11 or 12:
                return ScalarBinary(depth - 1);
            case 13:
                return Make($"{Pick(Maths)}({Hole})", Vector(depth - 1));
            case 14:
                return random.Next(2) == 0 ? Make($"{Pick(Dates)}({Hole})", Vector(depth - 1)) : Clamp(depth - 1);
            case 15:
                return Histogram(depth - 1);
            case 16:
                return Relabel(depth - 1);
            case 17:
                return Make($"{(random.Next(3) == 0 ? "+" : "-")}{Hole}", Vector(depth - 1));
            case 18:
                return Make($"vector({Hole})", Scalar(depth - 1));
            default:
                return Rare(depth - 1);
        }
    }

    private QueryTree Selector() => Make(SelectorText() + Shift());

    private string SelectorText()
    {
        var metric = _histograms.Length > 0 && random.Next(3) == 0 ? Pick(_histograms) : Pick(_floats);
        return random.Next(12) switch
        {
            0 => $"{metric}{{job=\"api\"}}",
            1 => $"{metric}{{job=~\"a.*|x\"}}",
            2 => $"{metric}{{instance!=\"a:1\"}}",
            3 => $"{metric}{{instance!~\"[ab].*\",code!=\"500\"}}",
            4 => $"{{__name__=~\"{metric}|flat\"}}",
            5 => $"{{__name__=~\"(req|dur).*\",job=\"db\"}}",
            6 when peer.IsAtLeast(3, 0) => random.Next(2) == 0 ? "{\"disk.used\"}" : "{\"disk.used\",\"mount point\"=\"/\"}",
            7 => "missing_metric",
            _ => metric,
        };
    }

    private string Shift()
    {
        var at = random.Next(12) switch
        {
            0 => $" @ {(PeerData.StartMs / 1000) + random.Next(0, 2400)}",
            1 => " @ start()",
            2 => " @ end()",
            _ => "",
        };
        var offset = random.Next(8) switch
        {
            0 => $" offset {random.Next(1, 400)}s",
            1 => " offset -2m",
            2 when peer.IsAtLeast(3, 6) => " offset (step() * 2)",
            _ => "",
        };
        return random.Next(2) == 0 ? at + offset : offset + at;
    }

    private QueryTree Range(int depth)
    {
        if (depth == 0 || random.Next(5) != 0)
        {
            var edge = peer.IsAtLeast(3, 7) && random.Next(6) == 0 ? random.Next(2) == 0 ? " anchored" : " smoothed" : "";
            var length = peer.IsAtLeast(3, 4) && random.Next(8) == 0 ? $"{random.Next(1, 5)}m + {random.Next(50)}s" : Pick(["1m", "2m", "5m", "37s", "10m", "90s", "15s", "30s"]);
            return new QueryTree(ValueKind.Matrix, $"{SelectorText()}[{length}]{edge}{Shift()}");
        }

        // Before 3.0 both ends of a window counted: half a second keeps the ends of windows off the inner steps.
        var range = Pick(peer.IsAtLeast(3, 0) ? ["2m", "5m", "7m30s", "10m"] : ["2m500ms", "5m500ms", "7m30s500ms"]);
        return new QueryTree(ValueKind.Matrix, $"({Hole})[{range}:{Pick(["15s", "30s", "1m", "", "47s"])}]{Shift()}", Vector(depth - 1));
    }

    private QueryTree RangeCall(int depth) => random.Next(12) switch
    {
        0 => Make($"quantile_over_time({Hole}, {Hole})", Scalar(1), Range(depth - 1)),
        1 => Make($"predict_linear({Hole}, {Hole})", Range(depth - 1), Scalar(1)),
        2 when peer.IsAtLeast(3, 0) => Make($"double_exponential_smoothing({Hole}, 0.{random.Next(1, 10)}, 0.{random.Next(1, 10)})", Range(depth - 1)),
        _ => Make($"{Pick(_rangeFunctions)}({Hole})", Range(depth - 1)),
    };

    private QueryTree Aggregation(int depth)
    {
        var grouping = random.Next(5) switch
        {
            0 => "",
            1 => $" by ({Pick(Labels)})",
            2 => $" by ({Pick(Labels)}, {Pick(Labels)})",
            3 => $" without ({Pick(Labels)})",
            _ => " by (job)",
        };
        return random.Next(9) switch
        {
            // Of equal values the first one stays: only of selectors and range functions the order is known.
            0 => Make($"{Pick(["topk", "bottomk"])}{grouping} ({random.Next(0, 4)}, {Hole})", random.Next(2) == 0 ? Selector() : RangeCall(1)),
            // Before 3.6 a parameter was taken from the first step.
            1 => Make($"quantile{grouping} ({Hole}, {Hole})", Scalar(peer.IsAtLeast(3, 6) ? 1 : -1), Vector(depth)),
            // Of values as they are: the last digit of a computed one is the mathematics library's.
            2 => Make($"count_values{grouping} (\"value\", {Hole})", Selector()),
            _ => Make($"{Pick(_aggregations)}{grouping} ({Hole})", Vector(depth)),
        };
    }

    /// <summary>On the outside only: the order in which they hand series on is that of a hash table.</summary>
    private QueryTree Limit() => Make(
        $"{Pick(["limitk", "limit_ratio"])}{Pick(["", " by (job)", " without (instance)"])} ({Pick(["0", "1", "2", "0.5", "-0.5", "-0.3"])}, {Hole})",
        random.Next(2) == 0 ? Selector() : RangeCall(1));

    private QueryTree VectorBinary(int depth)
    {
        if (random.Next(4) == 0)
        {
            var on = random.Next(3) switch { 0 => "", 1 => $" on ({Pick(Labels)})", _ => $" ignoring ({Pick(Labels)})" };
            return Make($"({Hole} {Pick(SetOperators)}{on} {Hole})", Vector(depth), Vector(depth));
        }

        var op = Pick(ScalarOperators);
        var left = Vector(depth);
        switch (random.Next(6))
        {
            case 0:
                return Make($"({Hole} {op} {Hole})", left, left);
            case 1:
                return Make($"({Hole} {op} on (job, instance) {Hole})", left, Vector(depth));
            case 2:
                return Make($"({Hole} {op} on (job, instance) group_left (version) {Hole})", left, Make("build_info"));
            case 3:
                return Make($"({Hole} {op} on (job) group_right () {Hole})", Make($"sum by (job) ({Hole})", left), Vector(depth));
            case 4:
                return Make($"({Hole} {op} ignoring ({Pick(Labels)}) group_left () {Hole})", left, Vector(depth));
            default:
                var fill = peer.IsAtLeast(3, 10) && random.Next(2) == 0 ? Pick([" fill (0)", " fill_left (1)", " fill_right (2)"]) : "";
                return Make($"({Hole} {op} ignoring ({Pick(Labels)}){fill} {Hole})", left, Vector(depth));
        }
    }

    private QueryTree ScalarBinary(int depth) => random.Next(2) == 0
        ? Make($"({Hole} {Pick(ScalarOperators)} {Hole})", Vector(depth), Scalar(depth))
        : Make($"({Hole} {Pick(ScalarOperators)} {Hole})", Scalar(depth), Vector(depth));

    private QueryTree Clamp(int depth) => random.Next(4) switch
    {
        0 => Make($"clamp({Hole}, {Hole}, {Hole})", Vector(depth), Scalar(1), Scalar(1)),
        1 => Make($"clamp_min({Hole}, {Hole})", Vector(depth), Scalar(1)),
        2 => Make($"clamp_max({Hole}, {Hole})", Vector(depth), Scalar(1)),
        _ => Make($"round({Hole}, {Hole})", Vector(depth), Scalar(1)),
    };

    private QueryTree Histogram(int depth)
    {
        var inner = random.Next(4) switch
        {
            0 => Make("rate(dur_bucket[5m])"),
            1 when _histograms.Length > 0 => Make($"rate({Pick(_histograms)}[{random.Next(1, 6)}m])"),
            2 when _histograms.Length > 0 => Make($"sum by (job) ({Pick(_histograms)})"),
            _ => Vector(depth),
        };
        return random.Next(3) switch
        {
            0 when peer.IsAtLeast(3, 4) => Make($"histogram_fraction({Hole}, {Hole}, {Hole})", Scalar(1), Scalar(1), inner),
            1 => Make($"{Pick(_histogramFunctions)}({Hole})", inner),
            _ => Make($"histogram_quantile({Pick(["0", "0.5", "0.9", "0.99", "1", "-1", "1.5", "NaN"])}, {Hole})", inner),
        };
    }

    private QueryTree Relabel(int depth) => random.Next(4) switch
    {
        0 => Make($"label_replace({Hole}, \"job\", \"x-$1\", \"instance\", \"(.).*\")", Vector(depth)),
        1 => Make($"label_replace({Hole}, \"new\", \"${{1}}\", \"__name__\", \"(.+)_total|.*\")", Vector(depth)),
        2 => Make($"label_join({Hole}, \"both\", \"-\", \"job\", \"instance\")", Vector(depth)),
        _ => Make($"label_replace({Hole}, \"instance\", \"\", \"\", \"\")", Vector(depth)),
    };

    private QueryTree Rare(int depth)
    {
        var choice = random.Next(4);
        return choice switch
        {
            0 when peer.IsAtLeast(3, 0) => Make($"{Pick(["sort_by_label", "sort_by_label_desc"])}({Hole}, \"instance\", \"job\")", Vector(depth)),
            1 when peer.IsAtLeast(3, 0) => Make($"info({Hole}{Pick(["", ", {env=\"prod\"}", ", {env=~\".+\"}", ", {__name__=\"build_info\"}"])})", Vector(depth)),
            2 => Make($"absent_over_time({Hole})", Range(depth)),
            _ => Make($"absent({Hole})", Vector(depth)),
        };
    }

    private QueryTree Scalar(int depth)
    {
        static QueryTree One(string text, params QueryTree[] parts) => new(ValueKind.Scalar, text, parts);
        return random.Next(depth < 0 ? 4 : depth == 0 ? 5 : 10) switch
        {
            0 => One(Pick(["0", "1", "-1", "2", "0.5"])),
            1 => One(Pick(["NaN", "Inf", "-Inf", "1e300", peer.IsAtLeast(3, 0) ? "1m" : "60", "0x1F"])),
            2 => One(random.Next(-20, 20).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            3 => One("0." + random.Next(1000).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            4 => One("time()"),
            5 or 6 => One($"scalar({Hole})", random.Next(2) == 0 ? Make("temp{job=\"api\",instance=\"a:1\"}") : Vector(depth - 1)),
            7 => One($"({Hole} {Pick(["+", "-", "*", "/", "%", "^", "< bool", ">= bool", "atan2"])} {Hole})", Scalar(depth - 1), Scalar(depth - 1)),
            8 => One($"-{Hole}", Scalar(depth - 1)),
            _ => One("pi()"),
        };
    }

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
