using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Templates.Functions;
using Flyball.Templates.Values;

namespace Flyball.Templates.Notifications;

/// <summary>The functions Alertmanager adds for notifications. Source: Alertmanager documentation, "Notification template reference".</summary>
public static class NotificationFunctions
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>These functions and Go's own, reading the time from a clock.</summary>
    public static TemplateFunctions For(TimeProvider time) => TemplateFunctions.Builtin.With(new Dictionary<string, TemplateFunction>
    {
        ["toUpper"] = new(1, 1, c => c.Text(0).ToUpperInvariant()),
        ["toLower"] = new(1, 1, c => c.Text(0).ToLowerInvariant()),
        ["title"] = new(1, 1, c => TextFunctions.Title(c.Text(0).ToLowerInvariant())),
        ["trimSpace"] = new(1, 1, c => c.Text(0).Trim()),
        ["join"] = new(2, 2, c => string.Join(c.Text(0), List(c, 1).Select(GoValue.Print))),
        ["match"] = new(2, 2, RegexFunctions.Match),
        ["reReplaceAll"] = new(3, 3, RegexFunctions.ReplaceAll),
        ["safeHtml"] = new(1, 1, c => new SafeHtml(c.Text(0))),
        ["safeUrl"] = new(1, 1, c => new SafeHtml(c.Text(0))),
        ["urlUnescape"] = new(1, 1, c => Uri.UnescapeDataString(c.Text(0).Replace('+', ' '))),
        ["stringSlice"] = new(0, int.MaxValue, c => Enumerable.Range(0, c.Count).Select(i => (object?)c.Text(i)).ToArray()),
        ["date"] = new(2, 2, c => TimeLayout.Format(Time(c, 1), c.Text(0))),
        ["tz"] = new(2, 2, c => InZone(c.Text(0), Time(c, 1))),
        ["since"] = new(1, 1, c => GoDuration.From(time.GetUtcNow() - Time(c, 0).Value)),
        ["now"] = new(0, 0, _ => new GoTime(time.GetUtcNow())),
        ["humanizeDuration"] = new(1, 1, HumanizeFunctions.HumanizeDuration),
        ["toJson"] = new(1, 1, c => JsonSerializer.Serialize(Plain(c[0]), Relaxed)),
        ["dict"] = new(0, int.MaxValue, Dict),
        ["list"] = new(0, int.MaxValue, c => c.Arguments.ToArray()),
        ["append"] = new(1, int.MaxValue, c => List(c, 0).Concat(c.Arguments.Skip(1)).ToArray()),
        ["base64encode"] = new(1, 1, c => Convert.ToBase64String(Encoding.UTF8.GetBytes(c.Text(0)))),
        ["base64decode"] = new(1, 1, c => Decode(c.Text(0))),
        ["toDate"] = new(2, 2, c => TimeLayout.TryParse(c.Text(0), c.Text(1), out var parsed) ? parsed : GoTime.Zero),
        ["mustToDate"] = new(2, 2, c => TimeLayout.TryParse(c.Text(0), c.Text(1), out var parsed)
            ? parsed
            : throw new TemplateFunctionException($"parsing time {GoStrings.Quote(c.Text(1))} as {GoStrings.Quote(c.Text(0))} failed")),
    });

    private static IReadOnlyList<object?> List(TemplateCall call, int index) =>
        GoValue.AsList(call[index]) ?? throw TemplateFunctionException.WrongType("[]interface {}", call[index]);

    private static GoTime Time(TemplateCall call, int index) => call.Value<GoTime>(index, "time.Time");

    private static GoTime InZone(string name, GoTime time)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            throw new TemplateFunctionException($"unknown time zone {name}");
        }

        var local = TimeZoneInfo.ConvertTime(time.Value, zone);
        return new GoTime(local, zone.IsDaylightSavingTime(local) ? zone.DaylightName : zone.StandardName);
    }

    private static Dictionary<string, object?> Dict(TemplateCall call)
    {
        if (call.Count % 2 != 0)
        {
            throw new TemplateFunctionException("dict expects an even number of arguments");
        }

        var map = new Dictionary<string, object?>();
        for (var i = 0; i < call.Count; i += 2)
        {
            map[call.Text(i)] = call[i + 1];
        }

        return map;
    }

    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written)
            ? Encoding.UTF8.GetString(bytes, 0, written)
            : throw new TemplateFunctionException("illegal base64 data");
    }

    // What a serializer knows how to write.
    private static object? Plain(object? value) => value switch
    {
        null or bool or long or ulong or double or string => value,
        SafeHtml html => html.Value,
        GoTime time => TimeLayout.Format(time, "2006-01-02T15:04:05.999999999Z07:00"),
        GoDuration duration => duration.Nanoseconds,
        _ => GoValue.AsMap(value)?.ToDictionary(e => e.Key, e => Plain(e.Value))
            ?? (object?)GoValue.AsList(value)?.Select(Plain).ToArray()
            ?? value.ToString(),
    };
}
