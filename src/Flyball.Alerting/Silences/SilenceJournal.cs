using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Flyball.Alerting.Matching;
using Flyball.Model.Journaling;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Silences;

/// <summary>Silences as entries of the journal: <c>silence.created</c>, <c>silence.updated</c>, <c>silence.expired</c>.</summary>
/// <remarks>Each entry carries the whole silence as it is from then on, so the last one of an id is its state.</remarks>
internal static class SilenceJournal
{
    public static JournalDraft Draft(string kind, Silence silence)
    {
        using var details = new MemoryStream();
        using (var json = new Utf8JsonWriter(details))
        {
            json.WriteStartObject();
            json.WriteStartArray("matchers");
            foreach (var matcher in silence.Matchers)
            {
                json.WriteStartObject();
                json.WriteString("name", matcher.Name);
                json.WriteString("op", AlertMatchers.OperatorOf(matcher.Op));
                json.WriteString("value", matcher.Value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("startsAt", silence.StartsAt);
            json.WriteString("endsAt", silence.EndsAt);
            json.WriteString("updatedAt", silence.UpdatedAt);
            json.WriteString("createdBy", silence.CreatedBy);
            json.WriteString("comment", silence.Comment);
            json.WriteEndObject();
        }

        var actor = silence.CreatedBy.Length > 0 ? "user:" + silence.CreatedBy : "system";
        return new JournalDraft(kind, actor, silence.Id, silence.Comment, details.ToArray());
    }

    public static bool TryRead(JournalEntry entry, [NotNullWhen(true)] out Silence? silence)
    {
        silence = null;
        if (entry.Draft.Kind is not ("silence.created" or "silence.updated" or "silence.expired"))
        {
            return false;
        }

        using var json = JsonDocument.Parse(entry.Draft.Details);
        var details = json.RootElement;
        silence = new Silence(
            entry.Draft.Subject,
            [.. details.GetProperty("matchers").EnumerateArray().Select(ReadMatcher)],
            details.GetProperty("startsAt").GetDateTimeOffset(),
            details.GetProperty("endsAt").GetDateTimeOffset())
        {
            UpdatedAt = details.GetProperty("updatedAt").GetDateTimeOffset(),
            CreatedBy = details.GetProperty("createdBy").GetString() ?? "",
            Comment = details.GetProperty("comment").GetString() ?? "",
        };
        return true;
    }

    private static Matcher ReadMatcher(JsonElement matcher) => AlertMatchers.Make(
        matcher.GetProperty("op").GetString()!, matcher.GetProperty("name").GetString()!, matcher.GetProperty("value").GetString()!);
}
