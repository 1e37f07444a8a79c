using System.Collections.Concurrent;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Tests.Receivers;

/// <summary>A real HTTP server on loopback that records what it is posted and answers as told.</summary>
internal sealed class ScriptedWebhook : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly Channel<(string Path, JsonElement Message)> _messages = Channel.CreateUnbounded<(string, JsonElement)>();

    private ScriptedWebhook(WebApplication server) => _server = server;

    /// <summary>Status codes of the next answers; 200 when there is none left.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    /// <summary>Header Authorization of the last request.</summary>
    public string Authorization { get; private set; } = "";

    public Uri Address { get; private set; } = null!;

    public static async Task<ScriptedWebhook> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var webhook = new ScriptedWebhook(builder.Build());
        webhook._server.MapPost("/{name?}", webhook.TakeAsync);
        await webhook._server.StartAsync();
        webhook.Address = new Uri(webhook._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return webhook;
    }

    /// <summary>The next message, waiting for it.</summary>
    public async Task<JsonElement> NextAsync() => (await _messages.Reader.ReadAsync(TestContext.Current.CancellationToken)
        .AsTask().WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).Message;

    /// <summary>The messages that have come since the last look.</summary>
    public IReadOnlyList<JsonElement> Drain() => [.. DrainWithPaths().Select(m => m.Message)];

    /// <summary>The messages that have come since the last look, each with the path it came to.</summary>
    public IReadOnlyList<(string Path, JsonElement Message)> DrainWithPaths()
    {
        var messages = new List<(string, JsonElement)>();
        while (_messages.Reader.TryRead(out var message))
        {
            messages.Add(message);
        }

        return messages;
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        Authorization = http.Request.Headers.Authorization.ToString();
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var status = Answers.TryDequeue(out var scripted) ? scripted : 200;
        http.Response.StatusCode = status;
        _messages.Writer.TryWrite((http.Request.Path.Value!.Trim('/'), body.RootElement.Clone()));
        await http.Response.WriteAsync(status == 200 ? "" : "as told");
    }
}
