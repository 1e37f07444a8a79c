using System.Buffers;
using System.Text.Json;
using Flyball.Actions.Api;
using Flyball.Model.Journaling;

namespace Flyball.Server.Live;

/// <summary>Follows the journal and sends what is new in it to listening browsers. Dispose it to stop.</summary>
internal sealed class LiveJournal : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public LiveJournal(LiveHub hub, IJournal journal) => _loop = FollowAsync(hub, journal, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private static async Task FollowAsync(LiveHub hub, IJournal journal, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in journal.FollowAsync(journal.Head, cancellationToken))
            {
                if (hub.HasListeners)
                {
                    hub.Publish("journal", Write(entry));
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private static ReadOnlyMemory<byte> Write(JournalEntry entry)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            JournalJson.Write(json, entry);
        }

        return body.WrittenMemory;
    }
}
