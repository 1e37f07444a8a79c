using System.Buffers;
using System.Text.Json;
using Flyball.Ingest.Scraping;
using Flyball.Server.PrometheusApi;

namespace Flyball.Server.Live;

/// <summary>Sends targets that went up or down to listening browsers.</summary>
internal sealed class LiveTargets(LiveHub hub)
{
    public void OnTargetChanged(TargetStatus target)
    {
        if (!hub.HasListeners)
        {
            return;
        }

        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            TargetEndpoints.WriteTarget(json, target);
        }

        hub.Publish("target", body.WrittenMemory);
    }
}
