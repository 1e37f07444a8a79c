using System.Text;

namespace Flyball.PromQL.Child;

/// <summary>Queries made to hurt: by depth, length, time, text, numbers or the size of what they ask for.</summary>
internal static class HostileQuery
{
    private static readonly string[] Numbers =
    [
        "1e308", "-1e308", "1e-320", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "NaN", "+Inf", "-Inf", "0", "-0", "1e19",
        "0x7fffffffffffffff", "1e400", "2147483648", "0.5",
    ];

    private static readonly string[] Durations =
    [
        "1ms", "5m", "100y", "292y", "1000000y", "9223372036854775807ms", "106751d", "292277024y", "0s", "1y1ms", "1e18", "step()", "range()*1e9", "1e300s",
    ];

    private static readonly string[] Bombs =
    [
        "(a+)+b", "(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)(.*)(.*)z", "((a?){30}){30}", "(((((x{100}){100}){100}){100}){100})", "a{1000}", "(a{1000}){1000}",
        "(|a|aa|aaa|a*)*$", "[\\x00-\\x{10FFFF}]{500}", "(?i)(((((a|b)*c)*d)*e)*f)*", "\\pL{200}.*\\pN{200}", ".*.*.*.*.*.*.*.*.*.*=.*",
    ];

    private static readonly string[] RangeFunctions =
        ["rate", "increase", "quantile_over_time", "mad_over_time", "max_over_time", "stddev_over_time", "deriv", "changes", "absent_over_time", "double_exponential_smoothing"];

    private static readonly string[] Wholes = ["x", "y_total", "h_bucket", "{i=~\".*\"}", "{__name__=~\".+\"}", "x{g!=\"1\"}"];

    /// <summary>The query of a number, always the same.</summary>
    public static string Make(int number)
    {
        var random = new Random(number);
        return (number % 14) switch
        {
            0 => Nested(random),
            1 => Chain(random),
            2 => Subqueries(random, random.Next(1, 8)),
            3 => $"{Pick(random, RangeFunctions)}({Pick(random, Wholes)}[{Pick(random, Durations)}] {Shift(random)})",
            4 => $"{Pick(random, Wholes)} {Shift(random)} {Pick(random, ["+", "^", "%", "atan2", "==bool", "</"])} {Pick(random, Numbers)}",
            5 => Bomb(random),
            6 => LabelGrowth(random),
            7 => Join(random),
            8 => $"{Pick(random, ["topk", "bottomk", "limitk", "limit_ratio", "quantile"])}({Pick(random, Numbers)}, {Pick(random, Wholes)})",
            9 => $"count_values(\"{Pick(random, ["v", "i", "__name__", "ü"])}\", {Pick(random, Wholes)} * {Pick(random, Numbers)} + time())",
            10 => $"{Pick(random, ["histogram_quantile", "round", "clamp_min"])}({Pick(random, Numbers)}, {Pick(random, Wholes)} * {Pick(random, Numbers)})",
            11 => LongText(random),
            12 => Garbled(random),
            _ => $"{Pick(random, ["sum", "avg", "stddev", "count"])} by (i, g, le) ({Subqueries(random, 2)}) / on (i) group_left {Join(random)}",
        };
    }

    private static string Nested(Random random)
    {
        var depth = 1 << random.Next(3, 16);
        var (open, close) = Pick(random, [("(", ")"), ("-", ""), ("sum(", ")"), ("abs(", ")"), ("x + (", ")"), ("scalar(vector(", "))"), ("{a=\"", "\"}"), ("x[", "]"), ("sum by (", ")")]);
        return Repeat(open, depth) + Pick(random, Wholes) + (random.Next(4) == 0 ? "" : Repeat(close, depth));
    }

    private static string Chain(Random random)
    {
        var link = Pick(random, [" + ", " ^ ", " or ", " unless ", " == bool ", " * on (i) group_left ", " offset 1m + ", ",", " and on () "]);
        var term = Pick(random, ["1", "x", "x{i=\"1001\"}", "sum(x)", "1e308", "nothing"]);
        return string.Join(link, Enumerable.Repeat(term, 1 << random.Next(1, 15)));
    }

    private static string Subqueries(Random random, int depth)
    {
        var query = Pick(random, Wholes);
        for (var i = 0; i < depth; i++)
        {
            var step = Pick(random, ["", "1ms", "1s", "1m", "1y", "step()"]);
            query = $"max_over_time(({query})[{Pick(random, Durations)}:{step}] {Shift(random)})";
        }

        return query;
    }

    private static string Shift(Random random) =>
        Pick(random, ["", "", $"offset {Pick(random, Durations)}", $"offset -{Pick(random, Durations)}", $"@ {Pick(random, Numbers)}", "@ end()", $"@ start() offset {Pick(random, Durations)}"]);

    private static string Bomb(Random random)
    {
        var bomb = Pick(random, Bombs).Replace("\\", @"\\");
        return random.Next(3) switch
        {
            0 => $"{{i{Pick(random, ["=~", "!~"])}\"{bomb}\", __name__=~\".+\"}}",
            1 => $"label_replace({{__name__=~\".+\"}}, \"a\", \"$1$2$3\", \"i\", \"{bomb}\")",
            _ => $"x{{i=~\"{string.Join('|', Enumerable.Range(0, random.Next(2, 30_000)).Select(i => "v" + (i * 7919)))}\"}}",
        };
    }

    // Each level makes a label several times as long as the one before.
    private static string LabelGrowth(Random random)
    {
        var query = random.Next(2) == 0 ? "x" : "x{i=\"1001\"}";
        var joins = random.Next(2) == 0;
        for (var level = random.Next(1, 24); level > 0; level--)
        {
            query = joins
                ? $"label_join({query}, \"i\", \"--\", \"i\", \"i\", \"i\", \"i\")"
                : $"label_replace({query}, \"i\", \"$1$1$1$1$1$1\", \"i\", \"(.*)\")";
        }

        return query;
    }

    private static string Join(Random random)
    {
        var op = Pick(random, ["*", "and", "or", "unless", "==", "+"]);
        var matching = Pick(random, ["on ()", "on (g) group_left", "on (i)", "ignoring (i, le, g) group_right", "on (i, g, le) group_left (le)", "on () fill(1)"]);
        return $"({Pick(random, Wholes)}) {op} {matching} ({Pick(random, Wholes)} {Shift(random)})";
    }

    private static string LongText(Random random)
    {
        var length = 1 << random.Next(8, 21);
        return random.Next(6) switch
        {
            0 => new string('9', length),
            1 => "x{a=\"" + new string('\\', length) + "\"}",
            2 => "\"" + Repeat("\\u00fc", length / 8) + "\"",
            3 => new string(' ', length) + "x # " + new string('c', length),
            4 => "x{" + string.Join(',', Enumerable.Range(0, Math.Min(length, 20_000)).Select(i => $"l{i}=\"\"")) + "}",
            _ => "sum by (" + string.Join(',', Enumerable.Range(0, Math.Min(length, 20_000)).Select(i => $"l{i}")) + ") (x)",
        };
    }

    private static string Garbled(Random random)
    {
        var text = new StringBuilder(Make(random.Next(10_000) * 14 + random.Next(11)));
        for (var i = random.Next(1, 12); i > 0 && text.Length > 0; i--)
        {
            text[random.Next(Math.Min(text.Length, 4000))] = (char)random.Next(random.Next(2) == 0 ? 128 : 65_536);
        }

        return text.ToString();
    }

    private static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();

    private static T Pick<T>(Random random, T[] among) => among[random.Next(among.Length)];
}
