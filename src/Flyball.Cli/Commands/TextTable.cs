using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Flyball.Cli.Commands;

/// <summary>Tables for people: columns as wide as what is in them, numbers to the right, empty columns left out.</summary>
internal static class TextTable
{
    private const int MostWidth = 60;
    private const int CommitLength = 10;

    /// <summary>An array of objects as lines, with a heading.</summary>
    /// <param name="columns">Fields and their kinds (docs/api.md, "Questions").</param>
    public static string Of(IReadOnlyList<(string Name, string Kind)> columns, JsonElement rows)
    {
        var cells = rows.EnumerateArray().Select(r => columns.Select(c => r.TryGetProperty(c.Name, out var v) ? Cell(v, c.Kind) : "").ToArray()).ToArray();
        var shown = Enumerable.Range(0, columns.Count).Where(c => cells.Length == 0 || cells.Any(r => r[c].Length > 0)).ToArray();
        var widths = shown.ToDictionary(c => c, c => cells.Select(r => r[c].Length).Append(Heading(columns[c].Name).Length).Max());
        var text = new StringBuilder();
        foreach (var row in cells.Prepend([.. columns.Select(c => Heading(c.Name))]))
        {
            var line = shown.Select(c => IsNumber(columns[c].Kind) ? row[c].PadLeft(widths[c]) : row[c].PadRight(widths[c]));
            text.Append(string.Join("  ", line).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A field's name as people read it: <c>medianSeconds</c> is MEDIAN, <c>firstBad</c> is FIRST BAD.</summary>
    public static string Heading(string name)
    {
        var bare = name.EndsWith("Seconds", StringComparison.Ordinal) ? name[..^"Seconds".Length] : name;
        return string.Concat(bare.Select((c, i) => char.IsUpper(c) && i > 0 ? $" {c}" : $"{c}")).ToUpperInvariant();
    }

    /// <summary>A value as its kind is read best.</summary>
    public static string Cell(JsonElement value, string kind)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            var number = value.GetDouble();
            return kind switch
            {
                "seconds" => Duration(number),
                "share" => number.ToString("0.0 %", CultureInfo.InvariantCulture),
                "number" => number.ToString("0.0", CultureInfo.InvariantCulture),
                _ => value.GetRawText(),
            };
        }

        // Texts come from commit messages and the like: nothing in them may steer the terminal.
        var text = string.Concat((value.GetString() ?? "").Select(c => char.IsControl(c) ? ' ' : c));
        return kind switch
        {
            "time" => text.Length >= 19 ? text[..19].Replace('T', ' ') : text,
            "commit" => text.Length > CommitLength ? text[..CommitLength] : text,
            _ => text.Length > MostWidth ? text[..(MostWidth - 1)] + "…" : text,
        };
    }

    private static bool IsNumber(string kind) => kind is "seconds" or "share" or "number" or "count";

    private static string Duration(double seconds)
    {
        if (seconds < 60)
        {
            return seconds.ToString("0.0", CultureInfo.InvariantCulture) + "s";
        }

        var span = TimeSpan.FromSeconds(Math.Round(seconds));
        return span.TotalHours < 1 ? $"{span.Minutes}m{span.Seconds:00}s"
            : span.TotalDays < 1 ? $"{span.Hours}h{span.Minutes:00}m"
            : $"{(int)span.TotalDays}d{span.Hours:00}h";
    }
}
