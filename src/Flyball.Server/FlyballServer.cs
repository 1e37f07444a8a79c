using Flyball.Access;
using Flyball.Durable.Files;
using Flyball.Server.Configuration;
using Flyball.Server.Hosting;
using Flyball.Server.Live;
using Flyball.Server.PrometheusApi;
using Flyball.Server.SelfMetrics;
using Flyball.Server.Wiring;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging;

namespace Flyball.Server;

/// <summary>A running Flyball: everything the program is, behind one address.</summary>
/// <remarks>Start it once, dispose it to stop: scraping ends first, then requests are finished, rules and actions come to rest, and
/// the stores are closed last.</remarks>
public sealed class FlyballServer : IAsyncDisposable
{
    private readonly ServerOptions _options;
    private readonly ILogger _log;
    private readonly ConfigState _config;
    private readonly SemaphoreSlim _reloading = new(1);
    private readonly Stack<object> _open = new();
    private readonly TaskCompletionSource _quit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Notifications _notifications;
    private QueryLog _queryLog = null!;
    private Rooms _rooms = null!;
    private WebHost? _web;

    private FlyballServer(ServerOptions options, ConfigState config, ILogger log)
    {
        _options = options;
        _config = config;
        _log = log;
        _notifications = new Notifications(options.Time, options.MostNotificationListeners);
    }

    /// <summary>Completes when somebody asked over HTTP to stop the server; whoever started it disposes it then.</summary>
    public Task StopRequested => _quit.Task;

    /// <summary>Where the console and every API are.</summary>
    public Uri Address => _web!.Address;

    /// <summary>Reads the configuration, starts to listen and opens the stores.</summary>
    /// <remarks>Completes when the server is ready. Until then who asks is told that it is alive, and how far it is.</remarks>
    /// <exception cref="ServerStartException">The configuration is wrong or the address is refused; says what to do.</exception>
    /// <exception cref="IOException">Data cannot be read or written, or an address is in use.</exception>
    public static async Task<FlyballServer> StartAsync(ServerOptions options, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var config = LoadFirst(options);
        var listen = ListenConfigOf(options, config);
        if (ListenGuard.Refusal(listen.All, config.Access.IsConfigured, options.Insecure) is { } refusal)
        {
            throw new ServerStartException(refusal);
        }

        Directory.CreateDirectory(options.DataDirectory);
        var state = new ConfigState(config, TimestampMs.Now(options.Time));
        var server = new FlyballServer(options, state, logs.CreateLogger<FlyballServer>());
        try
        {
            await server.StartAsync(config, listen, logs, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the configuration again and puts it in force; if anything is wrong with it the one in force stays.</summary>
    /// <returns>What is wrong, or null.</returns>
    public async Task<string?> ReloadAsync(CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken);
        try
        {
            var outcome = Load(_options, _config.Current);
            var error = outcome.Problems.Count > 0 ? string.Join('\n', outcome.Problems) : null;
            if (error is null)
            {
                error = await TryApplyAsync(outcome.Config!, cancellationToken);
            }

            if (error is not null)
            {
                _config.Failed(error);
                _notifications.Set(Notifications.ReloadFailed, active: true);
                ServerLog.ReloadFailed(_log, error);
                return error;
            }

            _config.Succeeded(outcome.Config!, TimestampMs.Now(_options.Time));
            _notifications.Set(Notifications.ReloadFailed, active: false);
            ServerLog.Reloaded(_log, _options.ConfigFile ?? "built-in defaults");
            return null;
        }
        finally
        {
            _reloading.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // The first to come is the first to go: its requests are finished before what they use is closed.
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        while (_open.TryPop(out var part))
        {
            switch (part)
            {
                case IAsyncDisposable asynchronous:
                    await asynchronous.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
                default:
                    break;
            }
        }

        _reloading.Dispose();
    }

    private static FlyballConfig LoadFirst(ServerOptions options)
    {
        var outcome = Load(options, current: null);
        return outcome.Config ?? throw new ServerStartException(
            "the configuration cannot be used:\n  " + string.Join("\n  ", outcome.Problems) + "\nmend it, and try it with: flyball check config " + options.ConfigFile);
    }

    private static ConfigOutcome Load(ServerOptions options, FlyballConfig? current) =>
        options.ConfigFile is { } file
            ? ConfigLoader.LoadFile(file)
            : new ConfigOutcome(current ?? DefaultConfig.Create(), [], []);

    private static EffectiveListen ListenConfigOf(ServerOptions options, FlyballConfig config) => EffectiveListen.Of(options, config.Listen);

    private async Task StartAsync(FlyballConfig config, EffectiveListen listen, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        foreach (var warning in config.Warnings)
        {
            ServerLog.ConfigWarning(_log, warning.ToString());
        }

        var features = FeatureFlags.Parse(_options.EnableFeatures);
        foreach (var warning in features.Warnings)
        {
            ServerLog.ConfigWarning(_log, warning);
        }

        var registry = Own(new MetricRegistry(_log));
        _queryLog = Own(new QueryLog(PhysicalFileSystem.Instance, _options.Time, _log));
        Own(_config);
        Own(new ProcessMetrics());
        var live = new LiveHub();
        var readiness = new Readiness();
        _web = await WebHost.StartAsync(new AccessControl(config.Access), readiness, listen, logs, cancellationToken);
        _rooms = Own(await Rooms.OpenAsync(
            _options,
            config,
            features,
            [new LiveAlerts(live)],
            page => SelfMetricsPage.Write(page, registry.Collect()),
            readiness,
            logs,
            cancellationToken));
        _rooms.RuleAsked = _queryLog.Write;
        _rooms.Runs.AddObserver(new LiveRuns(live, _options.Time));
        _rooms.Policies.AddObserver(new LiveActions(live));
        Own(new LiveJournal(live, _rooms.Journal));
        var targets = new LiveTargets(live);
        _rooms.Scrapes.TargetChanged += (_, change) => targets.OnTargetChanged(change.Target);
        _web.Open(
            new WebParts(_options, _config, _rooms, registry, features, _queryLog, _notifications, live, readiness, ReloadAsync, () => _quit.TrySetResult()),
            logs);
        readiness.Doing("putting the configuration in force");
        await ApplyAsync(config, cancellationToken);
        readiness.Set(ready: true);
        ServerLog.Ready(_log, _web.Address, _options.DataDirectory);
    }

    private async Task<string?> TryApplyAsync(FlyballConfig config, CancellationToken cancellationToken)
    {
        try
        {
            _web!.Access.Apply(config.Access);
            await ApplyAsync(config, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            return e.Message;
        }
    }

    private Task ApplyAsync(FlyballConfig config, CancellationToken cancellationToken)
    {
        _queryLog.Open(config.Global.QueryLogFile is { } file ? Path.Combine(config.BaseFolder, file) : null);
        return _rooms.ApplyAsync(config, (_options.ExternalUrl ?? _web!.Address).ToString().TrimEnd('/'), cancellationToken);
    }

    private T Own<T>(T part)
        where T : notnull
    {
        _open.Push(part);
        return part;
    }
}

/// <summary>The server cannot start as it was asked to; the message is for a person and says what to do.</summary>
public sealed class ServerStartException(string message) : Exception(message);
