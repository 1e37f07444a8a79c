using System.Text.Json;
using Flyball.Alerting.Matching;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Silences;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Api;

/// <summary>Reads what clients of Alertmanager's API v2 send. Texts of refusals are Alertmanager's.</summary>
internal static class AlertmanagerBody
{
    /// <summary>Reads one alert of a posted list.</summary>
    /// <param name="refusal">Why it is not taken, if the answer is null.</param>
    public static PostedAlert? ReadAlert(JsonElement element, int index, out string refusal)
    {
        refusal = "";
        if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("labels", out var labels))
        {
            throw new BodyRefusedException(422, 602, $"{index}.labels in body is required");
        }

        var alert = new PostedAlert(ReadLabels(labels))
        {
            Annotations = element.TryGetProperty("annotations", out var annotations) ? ReadLabels(annotations) : LabelSet.Empty,
            StartsAt = ReadTime(element, "startsAt"),
            EndsAt = ReadTime(element, "endsAt"),
            GeneratorUrl = element.TryGetProperty("generatorURL", out var url) && url.ValueKind == JsonValueKind.String ? url.GetString()! : "",
        };
        if (alert.Labels.IsEmpty)
        {
            refusal = "at least one label pair required";
        }
        else if (alert is { StartsAt: { } start, EndsAt: { } end } && end < start)
        {
            refusal = "start time must be before end time";
        }

        return refusal.Length == 0 ? alert : null;
    }

    /// <summary>Reads a posted silence.</summary>
    /// <exception cref="BodyRefusedException">It is not of the right form.</exception>
    public static Silence ReadSilence(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object
            || !element.TryGetProperty("matchers", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw new BodyRefusedException(422, 602, "matchers in body is required");
        }

        if (list.GetArrayLength() == 0)
        {
            throw new BodyRefusedException(422, 612, "matchers in body should have at least 1 items");
        }

        var start = ReadTime(element, "startsAt") ?? throw new BodyRefusedException(422, 602, "startsAt in body is required");
        var end = ReadTime(element, "endsAt") ?? throw new BodyRefusedException(422, 602, "endsAt in body is required");
        return new Silence(ReadText(element, "id"), [.. list.EnumerateArray().Select(ReadMatcher)], start, end)
        {
            CreatedBy = ReadText(element, "createdBy"),
            Comment = ReadText(element, "comment"),
        };
    }

    private static Matcher ReadMatcher(JsonElement element, int index)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new BodyRefusedException(422, 602, $"matchers.{index} in body must be an object");
        }

        var isRegex = element.TryGetProperty("isRegex", out var regex) && regex.ValueKind == JsonValueKind.True;
        var isEqual = !element.TryGetProperty("isEqual", out var equal) || equal.ValueKind != JsonValueKind.False;
        var name = ReadText(element, "name");
        if (name.Length == 0)
        {
            throw new BodyRefusedException(400, 0, $"silence invalid: invalid label matcher {index}: invalid label name \"\"");
        }

        try
        {
            return AlertMatchers.Make((isRegex, isEqual) switch { (true, true) => "=~", (true, false) => "!~", (false, false) => "!=", _ => "=" }, name, ReadText(element, "value"));
        }
        catch (MatcherSyntaxException e)
        {
            var pattern = ReadText(element, "value");
            throw new BodyRefusedException(400, 0, $"silence invalid: invalid label matcher {index}: invalid regular expression \"{pattern}\": {e.Message}");
        }
    }

    private static LabelSet ReadLabels(JsonElement element)
    {
        var builder = new LabelSetBuilder();
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                if (property.Name.Length == 0 || property.Value.ValueKind != JsonValueKind.String)
                {
                    throw new BodyRefusedException(400, 400, $"the value of label \"{property.Name}\" must be a string");
                }

                builder.Set(property.Name, property.Value.GetString()!);
            }
        }

        return builder.Build();
    }

    private static string ReadText(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    // Go's zero time is how clients say "not given".
    private static DateTimeOffset? ReadTime(JsonElement element, string name)
    {
        var text = ReadText(element, name);
        if (text.Length == 0)
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var time)
            ? time.Year <= 1 ? null : time
            : throw new BodyRefusedException(400, 400, $"parsing {name} \"{text}\" failed: write a time like 2026-01-05T12:00:00Z");
    }
}

/// <summary>A body is not of the form the API asks for.</summary>
internal sealed class BodyRefusedException(int status, int code, string message) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>The code of the error object; 0 = the answer is the bare message.</summary>
    public int Code { get; } = code;
}
