using Flyball.Ingest.Api;
using Flyball.Ingest.Otlp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Tests.Otlp;

/// <summary>A real Kestrel on two random loopback ports with both receivers, as the server wires them.</summary>
internal sealed class OtlpServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpServer(WebApplication app, RecordingSpanSink sink)
    {
        _app = app;
        Sink = sink;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        Http = new Uri(addresses[0]);
        Grpc = new Uri(addresses[1]);
        Client = new HttpClient { BaseAddress = Http };
    }

    public RecordingSpanSink Sink { get; }

    public Uri Http { get; }

    public Uri Grpc { get; }

    public HttpClient Client { get; }

    public static async Task<OtlpServer> StartAsync(OtlpOptions? options = null, Flyball.Model.Samples.ISampleSink? samples = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        var sink = new RecordingSpanSink();
        app.MapOtlpHttp(sink, options, samples);
        app.MapOtlpGrpc(sink, options, samples);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new OtlpServer(app, sink);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
