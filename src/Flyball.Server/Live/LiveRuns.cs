using System.Buffers;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Api;

namespace Flyball.Server.Live;

/// <summary>Sends changed runs to listening browsers, in the shape of the run list.</summary>
internal sealed class LiveRuns(LiveHub hub, TimeProvider time) : IRunObserver
{
    public void OnRunChanged(RunChange change)
    {
        if (!hub.HasListeners)
        {
            return;
        }

        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            RunJson.WriteSummary(json, change.After, TimestampNs.Now(time));
        }

        hub.Publish("run", body.WrittenMemory);
    }
}
