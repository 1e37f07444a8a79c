using System.Globalization;
using System.Text.Json;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Backfill;

/// <summary>How far a target came.</summary>
/// <param name="Since">From when on the present or next pass reads.</param>
/// <param name="Page">The page to go on with; null = the first.</param>
/// <param name="StartedAt">When the present pass began; null = none is under way.</param>
internal sealed record BackfillCursor(DateTimeOffset Since, string? Page = null, DateTimeOffset? StartedAt = null)
{
    /// <summary>As text to keep.</summary>
    public string ToText() => JsonSerializer.Serialize(new Dictionary<string, string?>
    {
        ["since"] = Text(Since), ["page"] = Page, ["startedAt"] = StartedAt is { } at ? Text(at) : null,
    });

    /// <summary>Reads what was kept; null for what is no cursor.</summary>
    public static BackfillCursor? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var document = Json.Parse(System.Text.Encoding.UTF8.GetBytes(text), out _);
        return document is not null && Time(document.RootElement.Text("since")) is { } since
            ? new BackfillCursor(since, document.RootElement.Text("page"), Time(document.RootElement.Text("startedAt")))
            : null;
    }

    private static string Text(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
