using System.Buffers;
using System.Text.Json;
using Flyball.Model.Alerts;
using Flyball.Model.Text;
using Flyball.Server.PrometheusApi;

namespace Flyball.Server.Live;

/// <summary>Sends alert transitions to listening browsers, in the shape of <c>/api/v1/alerts</c>.</summary>
internal sealed class LiveAlerts(LiveHub hub) : IAlertTransitionSink
{
    public void Publish(IReadOnlyList<AlertTransition> transitions)
    {
        if (!hub.HasListeners)
        {
            return;
        }

        foreach (var transition in transitions)
        {
            hub.Publish("alert", Write(transition));
        }
    }

    private static ReadOnlyMemory<byte> Write(AlertTransition transition)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WritePropertyName("labels"u8);
            ApiAnswer.WriteLabels(json, transition.Labels);
            json.WritePropertyName("annotations"u8);
            ApiAnswer.WriteLabels(json, transition.Annotations);
            json.WriteString("state"u8, transition.To.ToString().ToLowerInvariant());
            json.WriteString("activeAt"u8, ApiAnswer.Rfc3339(transition.ActiveAt));
            json.WriteString("value"u8, GoFloat.ToText(transition.Value));
            json.WriteEndObject();
        }

        return body.WrittenMemory;
    }
}
