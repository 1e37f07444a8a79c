using System.Text.Json;

namespace Flyball.Cli.Demo;

/// <summary>An alert changed its state.</summary>
internal sealed record AlertSeen(string Name, string State, DateTimeOffset At);

/// <summary>Reads the server's stream of changes, and wakes whoever waits for one.</summary>
internal sealed class DemoEvents : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<AlertSeen> _alerts = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly Task _reading;
    private TaskCompletionSource _changed = NewSource();

    /// <summary>Starts to read.</summary>
    public DemoEvents(DemoApi api, TimeProvider time)
    {
        _time = time;
        _reading = ReadAsync(api);
    }

    /// <summary>Completes at the next change after this was asked for.</summary>
    public Task NextChange
    {
        get
        {
            lock (_gate)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>When an alert first got into a state after a time; null if it did not.</summary>
    public AlertSeen? Find(string name, string state, DateTimeOffset after)
    {
        lock (_gate)
        {
            return _alerts.Find(a => a.Name == name && a.State == state && a.At >= after);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _reading;
        _stopping.Dispose();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(DemoApi api)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await using var stream = await api.OpenLiveAsync(_stopping.Token);
                using var reader = new StreamReader(stream);
                await ReadEventsAsync(reader);
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                // The server restarts, or is not up yet.
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ReadEventsAsync(StreamReader reader)
    {
        var kind = "";
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                kind = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                Take(kind, line[6..]);
            }
        }
    }

    private void Take(string kind, string data)
    {
        lock (_gate)
        {
            if (kind == "alert")
            {
                using var document = JsonDocument.Parse(data);
                var alert = document.RootElement;
                _alerts.Add(new AlertSeen(
                    alert.GetProperty("labels").GetProperty("alertname").GetString() ?? "",
                    alert.GetProperty("state").GetString() ?? "",
                    _time.GetUtcNow()));
            }

            _changed.TrySetResult();
            _changed = NewSource();
        }
    }
}
