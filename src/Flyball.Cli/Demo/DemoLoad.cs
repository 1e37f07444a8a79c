using System.Diagnostics;

namespace Flyball.Cli.Demo;

/// <summary>A few customers who never stop shopping: a small bounded load, and its own measurement of how long checkouts take.</summary>
internal sealed class DemoLoad : IAsyncDisposable
{
    private const int Customers = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1.5);
    private static readonly string[] Visit = ["/", "/products", "/checkout", "/checkout"];

    private readonly Lock _gate = new();
    private readonly Queue<(long At, TimeSpan Took)> _checkouts = new();
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _customers;

    /// <summary>Starts the load.</summary>
    public DemoLoad(Uri shop, TimeProvider time)
    {
        _time = time;
        _client = new HttpClient { BaseAddress = shop, Timeout = TimeSpan.FromSeconds(5) };
        _customers = Task.WhenAll(Enumerable.Range(0, Customers).Select(_ => ShopAsync()));
    }

    /// <summary>Nine in ten of the latest checkouts took at most this long; null if there were too few to say.</summary>
    public TimeSpan? NinetiethPercentile
    {
        get
        {
            lock (_gate)
            {
                while (_checkouts.TryPeek(out var oldest) && _time.GetElapsedTime(oldest.At) > Window)
                {
                    _checkouts.Dequeue();
                }

                if (_checkouts.Count < 5)
                {
                    return null;
                }

                var sorted = _checkouts.Select(c => c.Took).Order().ToArray();
                return sorted[(int)(sorted.Length * 0.9)];
            }
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _customers;
        _client.Dispose();
        _stopping.Dispose();
    }

    private async Task ShopAsync()
    {
        for (var i = 0; !_stopping.IsCancellationRequested; i++)
        {
            try
            {
                await VisitAsync(Visit[i % Visit.Length]);
                await Task.Delay(Pause, _time, _stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // The shop is being deployed. Customers come back.
                await Task.Delay(Pause, _time, CancellationToken.None);
            }
        }
    }

    private async Task VisitAsync(string page)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, page);

        // No context of ours: each visit is the shop's own trace.
        Activity.Current = null;
        var start = _time.GetTimestamp();
        using var response = await _client.SendAsync(request, _stopping.Token);
        if (page == "/checkout" && response.IsSuccessStatusCode)
        {
            lock (_gate)
            {
                _checkouts.Enqueue((_time.GetTimestamp(), _time.GetElapsedTime(start)));
            }
        }
    }
}
