using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Alerting.Routing;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Receivers;

/// <summary>The message of a webhook: Alertmanager's form, version 4, byte for byte as Go writes it.</summary>
internal static class WebhookMessage
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the message.</summary>
    /// <param name="maxAlerts">Most alerts in the message; 0 = all.</param>
    public static byte[] Write(Notification notification, int maxAlerts)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            Write(json, notification, maxAlerts);
        }

        buffer.WriteByte((byte)'\n');
        return EscapeForHtml(buffer.ToArray());
    }

    private static void Write(Utf8JsonWriter json, Notification notification, int maxAlerts)
    {
        var all = notification.Alerts;
        var sent = maxAlerts > 0 && all.Count > maxAlerts ? maxAlerts : all.Count;
        json.WriteStartObject();
        json.WriteString("receiver", notification.Receiver);
        json.WriteString("status", notification.IsFiring ? "firing" : "resolved");
        json.WriteStartArray("alerts");
        foreach (var alert in all.Take(sent))
        {
            Write(json, alert);
        }

        json.WriteEndArray();
        Write(json, "groupLabels", notification.GroupLabels);
        Write(json, "commonLabels", Common(all.Select(a => a.Labels)));
        Write(json, "commonAnnotations", Common(all.Select(a => a.Annotations)));
        json.WriteString("externalURL", notification.ExternalUrl);
        json.WriteString("version", "4");
        json.WriteString("groupKey", notification.GroupKey);
        json.WriteNumber("truncatedAlerts", all.Count - sent);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, NotifiedAlert alert)
    {
        json.WriteStartObject();
        json.WriteString("status", alert.IsResolved ? "resolved" : "firing");
        Write(json, "labels", alert.Labels);
        Write(json, "annotations", alert.Annotations);
        json.WriteString("startsAt", Time(alert.StartsAt));
        json.WriteString("endsAt", alert.EndsAt is { } end ? Time(end) : "0001-01-01T00:00:00Z");
        json.WriteString("generatorURL", alert.GeneratorUrl);
        json.WriteString("fingerprint", AlertFingerprint.ToText(alert.Fingerprint));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, LabelSet labels)
    {
        json.WriteStartObject(name);
        foreach (var label in labels)
        {
            json.WriteString(label.Name, label.Value);
        }

        json.WriteEndObject();
    }

    // The pairs that all sets have.
    private static LabelSet Common(IEnumerable<LabelSet> sets)
    {
        LabelSetBuilder? common = null;
        foreach (var set in sets)
        {
            if (common is null)
            {
                common = new LabelSetBuilder().Start(set);
                continue;
            }

            foreach (var (name, value) in common.ToPairs())
            {
                if (set[name] != value)
                {
                    common.Remove(name);
                }
            }
        }

        return common?.Build() ?? LabelSet.Empty;
    }

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    // Go's encoder escapes these three in strings, and nowhere else can they stand.
    private static byte[] EscapeForHtml(byte[] json)
    {
        if (json.AsSpan().IndexOfAny("<>&"u8) < 0)
        {
            return json;
        }

        var escaped = new List<byte>(json.Length + 64);
        foreach (var b in json)
        {
            switch (b)
            {
                case (byte)'<':
                    escaped.AddRange("\\u003c"u8);
                    break;
                case (byte)'>':
                    escaped.AddRange("\\u003e"u8);
                    break;
                case (byte)'&':
                    escaped.AddRange("\\u0026"u8);
                    break;
                default:
                    escaped.Add(b);
                    break;
            }
        }

        return [.. escaped];
    }
}
