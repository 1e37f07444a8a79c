using System.Text;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Names of OTLP metrics and attributes as Prometheus names: UnderscoreEscapingWithSuffixes (OpenTelemetry protocol specification).</summary>
internal static class MetricNames
{
    private static readonly Dictionary<string, string> Units = new()
    {
        ["d"] = "days", ["h"] = "hours", ["min"] = "minutes", ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds",
        ["ns"] = "nanoseconds", ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes",
        ["TiBy"] = "tibibytes", ["KBy"] = "kilobytes", ["MBy"] = "megabytes", ["GBy"] = "gigabytes", ["TBy"] = "terabytes",
        ["m"] = "meters", ["V"] = "volts", ["A"] = "amperes", ["J"] = "joules", ["W"] = "watts", ["g"] = "grams", ["Cel"] = "celsius",
        ["Hz"] = "hertz", ["1"] = "", ["%"] = "percent",
    };

    private static readonly Dictionary<string, string> PerUnits = new()
    {
        ["s"] = "second", ["m"] = "minute", ["h"] = "hour", ["d"] = "day", ["w"] = "week", ["mo"] = "month", ["y"] = "year",
    };

    /// <summary>The name of a metric with the suffixes of its unit and type; "" when nothing is left of it.</summary>
    public static string Metric(string name, string unit, bool isMonotonic, bool isGauge)
    {
        var tokens = Tokens(name);
        var (main, per) = SplitUnit(unit);
        AddUnit(tokens, main);
        if (per.Length > 0 && !tokens.Contains(per))
        {
            tokens.Add("per");
            AddUnit(tokens, per);
        }

        if (isMonotonic)
        {
            MoveToEnd(tokens, "total");
        }

        if (isGauge && unit == "1")
        {
            MoveToEnd(tokens, "ratio");
        }

        var joined = string.Join('_', tokens);
        return joined.Length > 0 && char.IsAsciiDigit(joined[0]) ? "_" + joined : joined;
    }

    /// <summary>The unit in words, e.g. <c>bytes_per_second</c>.</summary>
    public static string Unit(string unit)
    {
        var (main, per) = SplitUnit(unit);
        return per.Length == 0 ? main : main.Length == 0 ? "per_" + per : main + "_per_" + per;
    }

    /// <summary>The name of a label; null when nothing but underscores is left of the attribute's name.</summary>
    public static string? Label(string attribute)
    {
        var label = new StringBuilder(attribute.Length + 4);
        foreach (var rune in attribute.EnumerateRunes())
        {
            label.Append(rune.IsAscii && char.IsAsciiLetterOrDigit((char)rune.Value) ? (char)rune.Value : '_');
        }

        var text = label.ToString();
        if (text.AsSpan().Trim('_').IsEmpty)
        {
            return null;
        }

        return char.IsAsciiDigit(text[0]) ? "key_" + text : text[0] == '_' && text[1] != '_' ? "key" + text : text;
    }

    private static List<string> Tokens(string name)
    {
        var tokens = new List<string>();
        var token = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || c == ':')
            {
                token.Append(c);
            }
            else if (token.Length > 0)
            {
                tokens.Add(token.ToString());
                token.Clear();
            }
        }

        if (token.Length > 0)
        {
            tokens.Add(token.ToString());
        }

        return tokens;
    }

    private static (string Main, string Per) SplitUnit(string unit)
    {
        var slash = unit.IndexOf('/');
        var main = (slash < 0 ? unit : unit[..slash]).Trim();
        var per = slash < 0 ? "" : unit[(slash + 1)..].Trim();
        return (Word(main, Units), Word(per, PerUnits));
    }

    private static string Word(string unit, Dictionary<string, string> words) =>
        unit.AsSpan().ContainsAny('{', '}') ? "" : words.TryGetValue(unit, out var word) ? word : string.Join('_', Tokens(unit));

    private static void AddUnit(List<string> tokens, string unit)
    {
        foreach (var token in Tokens(unit))
        {
            if (!tokens.Contains(token) || unit.Contains('_'))
            {
                tokens.Add(token);
            }
        }
    }

    private static void MoveToEnd(List<string> tokens, string token)
    {
        tokens.RemoveAll(t => t == token);
        tokens.Add(token);
    }
}
