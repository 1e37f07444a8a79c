using System.Globalization;
using System.Text.Json;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Silences;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Api;

/// <summary>The objects of Alertmanager's API v2. Source: its OpenAPI document.</summary>
internal static class AlertmanagerJson
{
    public static void Write(Utf8JsonWriter json, RoutedAlertSnapshot alert)
    {
        json.WriteStartObject();
        json.WriteLabels("annotations", alert.Annotations);
        json.WriteString("endsAt", Time(alert.EndsAt));
        json.WriteString("fingerprint", alert.Fingerprint);
        json.WriteStartArray("receivers");
        foreach (var receiver in alert.Receivers)
        {
            WriteReceiver(json, receiver);
        }

        json.WriteEndArray();
        json.WriteString("startsAt", Time(alert.StartsAt));
        json.WriteStartObject("status");
        WriteTexts(json, "inhibitedBy", alert.InhibitedBy);
        WriteTexts(json, "mutedBy", alert.MutedBy);
        WriteTexts(json, "silencedBy", alert.SilencedBy);
        json.WriteString("state", alert.State == RoutedAlertState.Active ? "active" : "suppressed");
        json.WriteEndObject();
        json.WriteString("updatedAt", Time(alert.UpdatedAt));
        if (alert.GeneratorUrl.Length > 0)
        {
            json.WriteString("generatorURL", alert.GeneratorUrl);
        }

        json.WriteLabels("labels", alert.Labels);
        json.WriteEndObject();
    }

    public static void WriteReceiver(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, AlertGroupSnapshot group, IEnumerable<RoutedAlertSnapshot> alerts)
    {
        json.WriteStartObject();
        json.WriteStartArray("alerts");
        foreach (var alert in alerts)
        {
            Write(json, alert);
        }

        json.WriteEndArray();
        json.WriteLabels("labels", group.Labels);
        json.WritePropertyName("receiver");
        WriteReceiver(json, group.Receiver);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Silence silence, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("id", silence.Id);
        json.WriteStartObject("status");
        json.WriteString("state", StateOf(silence, now));
        json.WriteEndObject();
        json.WriteString("updatedAt", Time(silence.UpdatedAt));
        json.WriteString("comment", silence.Comment);
        json.WriteString("createdBy", silence.CreatedBy);
        json.WriteString("endsAt", Time(silence.EndsAt));
        json.WriteStartArray("matchers");
        foreach (var matcher in silence.Matchers)
        {
            json.WriteStartObject();
            json.WriteBoolean("isEqual", matcher.Op is MatchOp.Equal or MatchOp.Regex);
            json.WriteBoolean("isRegex", matcher.Op is MatchOp.Regex or MatchOp.NotRegex);
            json.WriteString("name", matcher.Name);
            json.WriteString("value", matcher.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("startsAt", Time(silence.StartsAt));
        json.WriteEndObject();
    }

    public static string StateOf(Silence silence, DateTimeOffset now) => silence.StateAt(now) switch
    {
        SilenceState.Pending => "pending",
        SilenceState.Active => "active",
        _ => "expired",
    };

    public static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
