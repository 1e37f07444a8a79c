using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flyball.Bench.Loop;

/// <summary>What surrounds the loop: an exporter whose faults appear on demand, and the receiver that would mend them.</summary>
internal sealed class World : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _waiting = new();
    private readonly ConcurrentDictionary<string, bool> _faults = new();

    private World(WebApplication app) => _app = app;

    public Uri Address { get; private set; } = new("http://127.0.0.1");

    public static async Task<World> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var world = new World(builder.Build());
        world._app.MapGet("/metrics", world.Exposition);
        world._app.MapPost("/action/{id}", (string id) => world.Called(id));
        world._app.MapPost("/webhook", world.WebhookAsync);
        await world._app.StartAsync();
        world.Address = new Uri(world._app.Urls.First());
        return world;
    }

    /// <summary>Waits for the call that names a fault.</summary>
    /// <returns>When it came, as a timestamp of <see cref="Stopwatch"/>.</returns>
    public async Task<long> CallForAsync(string id, TimeSpan patience)
    {
        var waiting = _waiting.GetOrAdd(id, _ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));
        return await waiting.Task.WaitAsync(patience);
    }

    public void Expect(string id) => _waiting.TryAdd(id, new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously));

    public void RaiseFault(string id) => _faults[id] = true;

    public void ClearFaults() => _faults.Clear();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Exposition()
    {
        var text = new StringBuilder("# TYPE fault gauge\n");
        foreach (var id in _faults.Keys)
        {
            text.Append("fault{id=\"").Append(id).Append("\"} 1\n");
        }

        return Results.Text(text.ToString(), "text/plain; version=0.0.4");
    }

    private void Called(string id)
    {
        var now = Stopwatch.GetTimestamp();
        if (_waiting.TryGetValue(id, out var waiting))
        {
            waiting.TrySetResult(now);
        }
    }

    private async Task WebhookAsync(HttpContext context)
    {
        using var message = await JsonDocument.ParseAsync(context.Request.Body);
        foreach (var alert in message.RootElement.GetProperty("alerts").EnumerateArray())
        {
            Called(alert.GetProperty("labels").GetProperty("id").GetString() ?? "");
        }
    }
}
