using System.Globalization;
using System.Text.Json;

namespace Flyball.Cli.Commands;

/// <summary>The plan of a query as a tree with columns.</summary>
internal static class ExplainTree
{
    // A wider name pushes its own numbers to the right instead of everybody's.
    private const int WidestName = 60;

    private static readonly string[] Heads = ["steps", "series in", "out", "pages", "samples", "touched", "total ms", "own ms", "source ms"];

    /// <summary>The lines to print: a head, a line for each part, and below it what its selector may have meant.</summary>
    public static IReadOnlyList<string> Render(JsonElement plan)
    {
        var rows = new List<Row> { new("part", Heads, null) };
        Add(rows, plan, "", "");
        var name = Math.Min(WidestName, rows.Max(r => r.Name.Length));
        var widths = Heads.Select((_, i) => rows.Max(r => r.Cells[i].Length)).ToArray();
        return [.. rows.SelectMany(row => Lines(row, name, widths))];
    }

    private static void Add(List<Row> rows, JsonElement part, string branch, string indent)
    {
        var children = part.GetProperty("children");
        var isLeaf = children.GetArrayLength() == 0;
        var suggestion = part.TryGetProperty("suggestion", out var text) ? indent + (isLeaf ? "   " : "│  ") + text.GetString() : null;
        rows.Add(new Row(branch + part.GetProperty(isLeaf ? "expression" : "operator").GetString(), CellsOf(part), suggestion));
        var left = children.GetArrayLength();
        foreach (var child in children.EnumerateArray())
        {
            var isLast = --left == 0;
            Add(rows, child, indent + (isLast ? "└─ " : "├─ "), indent + (isLast ? "   " : "│  "));
        }
    }

    private static string[] CellsOf(JsonElement part) =>
    [
        Count(part, "steps"), Count(part, "seriesIn"), Count(part, "seriesOut"), Count(part, "pagesRead"), Count(part, "samplesRead"), Count(part, "samplesTouched"),
        Milliseconds(part, "inclusiveSeconds"), Milliseconds(part, "exclusiveSeconds"), Milliseconds(part, "sourceSeconds"),
    ];

    private static string Count(JsonElement part, string key) => part.GetProperty(key).GetInt64().ToString(CultureInfo.InvariantCulture);

    private static string Milliseconds(JsonElement part, string key) =>
        (part.GetProperty(key).GetDouble() * 1000).ToString("0.000", CultureInfo.InvariantCulture);

    private static IEnumerable<string> Lines(Row row, int name, int[] widths)
    {
        yield return row.Name.PadRight(name) + string.Concat(row.Cells.Select((cell, i) => "  " + cell.PadLeft(widths[i])));
        if (row.Suggestion is not null)
        {
            yield return row.Suggestion;
        }
    }

    private sealed record Row(string Name, string[] Cells, string? Suggestion);
}
