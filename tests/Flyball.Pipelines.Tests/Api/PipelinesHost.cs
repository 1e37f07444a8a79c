using Flyball.Model.Spans;
using Flyball.Pipelines.Api;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Tests.Api;

/// <summary>Hooks and API on a real server on a port of its own.</summary>
internal sealed class PipelinesHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PipelinesHost(WebApplication app, TrackerBench bench)
    {
        _app = app;
        Bench = bench;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public TrackerBench Bench { get; }

    public HttpClient Client { get; }

    public static async Task<PipelinesHost> StartAsync(
        HookOptions? options = null, ISpanSource? spans = null, RunTrackerOptions? tracker = null, RunHistory? history = null)
    {
        var bench = await TrackerBench.StartAsync(options: tracker, history: history);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPipelineHooks(bench.Tracker, options ?? new HookOptions(), bench.Clock);
        app.MapQuestionsApi(bench.Tracker, bench.Clock);
        app.MapRunsApi(bench.Tracker, new RunsApiSources { Spans = spans }, bench.Clock);
        await app.StartAsync();
        return new PipelinesHost(app, bench);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        await Bench.DisposeAsync();
    }
}
