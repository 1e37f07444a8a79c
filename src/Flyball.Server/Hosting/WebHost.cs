using System.IO.Compression;
using Flyball.Access;
using Flyball.Actions.Api;
using Flyball.Alerting.Api;
using Flyball.Ingest.Api;
using Flyball.Model.Time;
using Flyball.Pipelines.Api;
using Flyball.PromQL.Caching;
using Flyball.Server.Configuration;
using Flyball.Server.Console;
using Flyball.Server.JaegerApi;
using Flyball.Server.Live;
using Flyball.Server.PrometheusApi;
using Flyball.Server.PrometheusApi.RemoteRead;
using Flyball.Server.SelfMetrics;
using Flyball.Server.TempoApi;
using Flyball.Server.Wiring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.Hosting;

/// <summary>What the web host needs of the server.</summary>
internal sealed record WebParts(
    ServerOptions Options,
    ConfigState Config,
    Rooms Rooms,
    MetricRegistry Metrics,
    FeatureFlags Features,
    QueryLog QueryLog,
    Notifications Notifications,
    LiveHub Live,
    Readiness Readiness,
    Func<CancellationToken, Task<string?>> Reload,
    Action Quit);

/// <summary>Kestrel with every face of the program mounted on it.</summary>
/// <remarks>It listens from the first moment, so that who asks while the log is read back hears how far that is; the faces come with
/// <see cref="Open"/>.</remarks>
internal sealed class WebHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private RemoteReadEndpoint? _remoteReads;
    private readonly CancellationTokenSource _stopping = new();

    private readonly bool _loopbackOnly;
    private volatile RequestDelegate? _faces;
    private QueryGate? _gate;

    private WebHost(WebApplication app, AccessControl access, bool loopbackOnly)
    {
        _app = app;
        _loopbackOnly = loopbackOnly;
        Access = access;
    }

    /// <summary>Who may come in.</summary>
    public AccessControl Access { get; }

    /// <summary>The main address, with the port that was really taken.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Starts to listen; until <see cref="Open"/> the answer is that the server is not ready, and why.</summary>
    /// <exception cref="IOException">An address is in use.</exception>
    public static async Task<WebHost> StartAsync(
        AccessControl access, Readiness readiness, EffectiveListen listen, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        // Empty: the usual builder reads appsettings.json and watches the working folder with all below it, which are none of ours.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IHostLifetime, OwnedLifetime>();
        builder.Services.AddRoutingCore();
        builder.Services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.Providers.Add<GzipCompressionProvider>();
        });
        builder.Services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(10));
        builder.WebHost.ConfigureKestrel(options => Listen(options, listen));
        var host = new WebHost(builder.Build(), access, listen.All.All(a => a.IsLoopback));
        try
        {
            host._app.Run(context => host._faces is { } faces ? faces(context) : StartingAnswers.AnswerAsync(context, readiness));
            await host._app.StartAsync(cancellationToken);
            host.Address = AddressOf(host._app, listen.Http);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Mounts every face of the program; from here on requests reach them.</summary>
    public void Open(WebParts parts, ILoggerFactory logs)
    {
        var log = logs.CreateLogger<WebHost>();
        var pipeline = new ApplicationBuilder(_app.Services);
        pipeline.UseExceptionHandler(errors => errors.Run(context => AnswerFailureAsync(context, log)));
        pipeline.UseResponseCompression();
        if (PrefixOf(parts.Options) is { Length: > 0 } prefix)
        {
            pipeline.UsePathBase(prefix);
        }

        pipeline.UseAccessControl(Access, _loopbackOnly);
        new Cors(parts.Options.CorsOrigin).Use(pipeline);
        pipeline.UsePlainRefusals();
        pipeline.UseRouting();
        var console = parts.Options.ConsoleDirectory ?? ConsoleFiles.FindFolder();
        pipeline.UseConsoleFiles(console);
        pipeline.UseEndpoints(routes =>
        {
            Mount(routes, parts, logs);
            routes.MapConsole(console);
        });
        _faces = pipeline.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _gate?.Dispose();
        _remoteReads?.Dispose();
        _stopping.Dispose();
    }

    private static void Listen(KestrelServerOptions options, EffectiveListen listen)
    {
        // A long answer is written on while what is there already travels.
        options.Limits.MaxResponseBufferSize = 1 << 20;
        options.AddServerHeader = false;
        options.Listen(listen.Http.Address, listen.Http.Port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        if (listen.OtlpGrpc is { } grpc)
        {
            // Without TLS there is no negotiation: clients of gRPC begin with HTTP/2 at once.
            options.Listen(grpc.Address, grpc.Port, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        }

        if (listen.OtlpHttp is { } http)
        {
            options.Listen(http.Address, http.Port, endpoint => endpoint.Protocols = HttpProtocols.Http1);
        }
    }

    private static Uri AddressOf(WebApplication app, ListenAddress wanted)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        // Kestrel lists addresses in the order they were configured; the main one is the first.
        var port = new Uri(addresses.First()).Port;
        var host = wanted.IsLoopback ? wanted.Address.ToString() : "127.0.0.1";
        return new Uri(host.Contains(':', StringComparison.Ordinal) ? $"http://[{host}]:{port}" : $"http://{host}:{port}");
    }

    private void Mount(IEndpointRouteBuilder routes, WebParts parts, ILoggerFactory logs)
    {
        var rooms = parts.Rooms;
        routes.MapLifecycle(parts.Readiness, parts.Reload, parts.Options.EnableLifecycle ? parts.Quit : null);
        routes.MapApiGet("/status/walreplay", (context, _) => ApiAnswer.SuccessAsync(context, json => StartingAnswers.WriteReplay(json, parts.Readiness)));
        routes.MapSelfMetrics(parts.Metrics);
        routes.MapFlyballStatus(parts, () => Address.ToString());
        routes.MapLive(parts.Live, parts.Options.Time, _stopping.Token);

        MountPrometheus(routes, parts);
        routes.MapRulesApi(rooms.Rules);
        routes.MapAlertmanagerApi(rooms.Router);

        routes.MapOtlpHttp(rooms.Spans, samples: rooms.Samples);
        routes.MapOtlpGrpc(rooms.Spans, samples: rooms.Samples);
        routes.MapRemoteWrite(rooms.Samples, parts.Options.Time);
        routes.MapPushgateway(rooms.Pushes, parts.Options.EnableAdminApi);
        routes.MapTempoApi(rooms.Traces, parts.Options.Time, parts.Config.Current.Storage.TraceBounds);
        routes.MapJaegerApi(rooms.Traces, parts.Options.Time);
        var hooks = new HookOptions { Secrets = system => parts.Config.Current.Hooks.SecretsOf(system) };
        routes.MapPipelineHooks(rooms.Runs, hooks, parts.Options.Time, logs);
        routes.MapBackfillApi(rooms.Backfill);
        var company = new RunCompany(rooms.Rules, rooms.Policies);
        routes.MapQuestionsApi(rooms.Runs, parts.Options.Time);
        routes.MapRunsApi(
            rooms.Runs,
            new RunsApiSources { Spans = rooms.Traces, WriteAlerts = company.WriteAlerts, WriteActions = company.WriteActionsAsync },
            parts.Options.Time);
        routes.MapTestsApi(rooms.Tests, rooms.Runs, parts.Options.Time);
        routes.MapActionsApi(rooms.Policies, rooms.Journal, rooms.VerifyJournal);
    }

    private void MountPrometheus(IEndpointRouteBuilder routes, WebParts parts)
    {
        var (options, rooms) = (parts.Options, parts.Rooms);
        var limits = parts.Config.Current.Query.WithFlags(options);
        _gate = new QueryGate(limits.MostConcurrent, limits.MostPerCaller, limits.MostWaiting, options.Time);
        new QueryEndpoints(rooms.Engine, rooms.Series, _gate, parts.QueryLog, options.Time)
        {
            Limits = limits.Limits,
            Cache = limits.CacheBytes == 0 ? null : new RangeResultCache(rooms.Engine, rooms.Metrics, limits.CacheBytes),
        }.Map(routes);
        new SeriesEndpoints(rooms.Series).Map(routes);
        new SearchEndpoints(rooms.Series, () => rooms.Metrics.Metadata, options.MostSearchResults).Map(routes);
        new TsdbEndpoints(rooms.Metrics).Map(routes);
        new AdminEndpoints(rooms.Metrics, options.EnableAdminApi, options.Time).Map(routes);
        new TargetEndpoints(rooms.Scrapes, () => rooms.Metrics.Metadata).Map(routes);
        new RelabelEndpoints(parts.Config).Map(routes);
        new StatusEndpoints(parts.Config, options, parts.Features, TimestampMs.Now(options.Time)).Map(routes);
        new SelfMetricsJson(parts.Metrics).Map(routes);
        OpenApiEndpoint.Map(routes);
        new NotificationEndpoints(parts.Notifications, _stopping.Token).Map(routes);
        _remoteReads = new RemoteReadEndpoint(rooms.Series, () => parts.Config.Current.Global.ExternalLabels, options.RemoteRead);
        _remoteReads.Map(routes);
        new FederateEndpoint(rooms.Series, () => parts.Config.Current.Global.ExternalLabels, rooms.Engine.Options.LookbackDelta, options.Time).Map(routes);
    }

    private static string PrefixOf(ServerOptions options)
    {
        var path = (options.RoutePrefix ?? options.ExternalUrl?.AbsolutePath ?? "").Trim('/');
        return path.Length == 0 ? "" : "/" + path;
    }

    // An exception here is our mistake or a broken disk: the caller gets a sentence, the log gets the cause.
    private static async Task AnswerFailureAsync(HttpContext context, ILogger log)
    {
        var cause = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        if (cause is Microsoft.AspNetCore.Http.BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            await context.Response.WriteAsJsonAsync(new { error = bad.Message }, context.RequestAborted);
            return;
        }

        ServerLog.RequestFailed(log, context.Request.Path, cause ?? new InvalidOperationException("unknown"));
        await ApiAnswer.ErrorAsync(context, ApiException.Internal("the server failed to answer; its log says why"));
    }
}
