using System.Buffers;
using System.Text.Json;
using Flyball.Actions.Api;
using Flyball.Actions.Records;

namespace Flyball.Server.Live;

/// <summary>Sends changed executions to listening browsers.</summary>
internal sealed class LiveActions(LiveHub hub) : IActionObserver
{
    public void OnActionChanged(ActionRecord record)
    {
        if (!hub.HasListeners)
        {
            return;
        }

        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            ActionJson.Write(json, record);
        }

        hub.Publish("action", body.WrittenMemory);
    }
}
