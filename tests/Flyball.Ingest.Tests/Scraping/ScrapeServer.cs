using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Tests.Scraping;

/// <summary>A target in this process on a free port of loopback; each test says how it answers.</summary>
internal sealed class ScrapeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScrapeServer(WebApplication app) => _app = app;

    /// <summary>Host and port.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    public static async Task<ScrapeServer> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new ScrapeServer(app);
    }

    /// <summary>A target that always answers with the page of the moment.</summary>
    public static Task<ScrapeServer> StartAsync(Func<string> page) => StartAsync(context =>
    {
        context.Response.ContentType = "text/plain; version=0.0.4";
        return context.Response.WriteAsync(page());
    });

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
