using System.Buffers;
using Flyball.Actions.Policy;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Rules;
using Flyball.Durable.Files;
using Flyball.Durable.Journal;
using Flyball.Durable.Log;
using Flyball.Durable.RunLog;
using Flyball.Ingest.Host;
using Flyball.Ingest.Push;
using Flyball.Ingest.Scraping;
using Flyball.Metrics;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Kubernetes;
using Flyball.Pipelines.Step;
using Flyball.Pipelines.History;
using Flyball.Pipelines.TestReports;
using Flyball.Pipelines.Tracking;
using Flyball.Pipelines.VirtualSeries;
using Flyball.PromQL;
using Flyball.Server.Configuration;
using Flyball.Server.Hosting;
using Flyball.Server.SelfMetrics;
using Flyball.Traces;
using Flyball.Traces.SpanMetrics;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.Wiring;

/// <summary>The rooms of a running server, opened and joined. Owned by <see cref="FlyballServer"/>.</summary>
/// <remarks>
/// 1. keepers: stores, journal, run log; 2. what reads them: tracker, virtual series, PromQL; 3. who decides and acts; 4. sinks in front
/// of the stores that tell the deciders what arrived; 5. scraping, which feeds the sinks. Disposed in the opposite order, so that what
/// has been taken is still written.
/// </remarks>
internal sealed class Rooms : IAsyncDisposable
{
    private readonly Stack<object> _open = new();
    private readonly ServerOptions _options;
    private readonly ILoggerFactory _logs;

    private Rooms(ServerOptions options, ILoggerFactory logs)
    {
        _options = options;
        _logs = logs;
    }

    public MetricStore Metrics { get; private set; } = null!;

    public SpanStore Traces { get; private set; } = null!;

    public FileJournal Journal { get; private set; } = null!;

    public RunTracker Runs { get; private set; } = null!;

    public TestResults Tests { get; private set; } = null!;

    public PromQLEngine Engine { get; private set; } = null!;

    public ISeriesSource Series { get; private set; } = null!;

    public PolicyEngine Policies { get; private set; } = null!;

    public AlertRouter Router { get; private set; } = null!;

    public RuleManager Rules { get; private set; } = null!;

    /// <summary>Is told of every query that a rule asked.</summary>
    public Action<RuleQueryRecord>? RuleAsked { get; set; }

    /// <summary>Catches up with runs by REST; null when no source is configured.</summary>
    public BackfillService? Backfill { get; private set; }

    public ArrivingSamples Samples { get; private set; } = null!;

    public ArrivingSpans Spans { get; private set; } = null!;

    public ScrapeManager Scrapes { get; private set; } = null!;

    public PushStore Pushes { get; private set; } = null!;

    /// <summary>Opens everything; nothing is scraped or evaluated before <see cref="ApplyAsync"/>.</summary>
    /// <param name="ownMetrics">Writes the program's own metrics in text format 0.0.4.</param>
    /// <exception cref="IOException">A folder cannot be read or written, or another server has it open.</exception>
    public static async Task<Rooms> OpenAsync(
        ServerOptions options,
        FlyballConfig config,
        FeatureFlags features,
        IReadOnlyList<IAlertTransitionSink> transitions,
        Action<IBufferWriter<byte>> ownMetrics,
        Readiness readiness,
        ILoggerFactory logs,
        CancellationToken cancellationToken)
    {
        var rooms = new Rooms(options, logs);
        try
        {
            await rooms.OpenKeepersAsync(config.Storage.WithFlags(options.RetentionTime, options.RetentionBytes), readiness, cancellationToken);
            readiness.Doing("reading runs back");
            await rooms.OpenRunsAsync(config, features, cancellationToken);
            await rooms.OpenDecidersAsync(config, transitions, cancellationToken);
            rooms.OpenScrapes(config, ownMetrics);
            return rooms;
        }
        catch
        {
            await rooms.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a configuration in force: the first one, or that of a reload.</summary>
    public async Task ApplyAsync(FlyballConfig config, string externalUrl, CancellationToken cancellationToken)
    {
        var settings = new RuleSettings
        {
            EvaluationInterval = config.Global.EvaluationInterval,
            QueryOffset = config.Global.RuleQueryOffset,
            ExternalLabels = config.Global.ExternalLabels,
            ExternalUrl = externalUrl,
        };
        Policies.Reload(config.Actions);
        var router = new RouterSettings { ExternalUrl = externalUrl, ExternalLabels = config.Global.ExternalLabels };
        await Router.ApplyAsync(config.Routing, router, cancellationToken);
        await Rules.ApplyAsync(config.RuleGroups, settings, cancellationToken);
        await Scrapes.ApplyAsync(config.ScrapePools, cancellationToken);
    }

    /// <summary>Checks the journal on disk.</summary>
    public JournalVerdict VerifyJournal(long head, CancellationToken cancellationToken) =>
        JournalVerifier.Verify(PhysicalFileSystem.Instance, Folder("journal"), head, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        while (_open.TryPop(out var room))
        {
            switch (room)
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
    }

    private async Task OpenKeepersAsync(StorageConfig storage, Readiness readiness, CancellationToken cancellationToken)
    {
        var files = PhysicalFileSystem.Instance;
        readiness.Doing("reading the journal back");
        var sync = storage.SyncAlways ? WalSync.Always : WalSync.Interval;
        Journal = Own(FileJournal.Open(files, Folder("journal"), new JournalOptions(), _options.Time, _logs.CreateLogger<FileJournal>(), cancellationToken));
        var metrics = new MetricStoreOptions
        {
            Directory = Folder("metrics"),
            WalSync = sync,
            WalSyncInterval = storage.SyncInterval.ToTimeSpan(),
            OutOfOrderWindow = storage.OutOfOrderWindow.ToTimeSpan(),
            RetentionTime = storage.MetricsKeepFor.ToTimeSpan(),
            RetentionBytes = storage.MetricsKeepBytes,
            ExemplarLimit = storage.MostExemplars,
            SeriesLimit = storage.Limits.MaxSeries,
            SeriesLimitPerMetric = storage.Limits.MaxSeriesPerMetric,
            SeriesLimitPerJob = storage.Limits.MaxSeriesPerJob,
            SeriesLimitPerInstance = storage.Limits.MaxSeriesPerInstance,
            Downsampling = storage.Downsampling,
            CompactionShare = storage.CompactionShare,
        };
        var opening = MetricStoreOpening.Begin(metrics, _options.MetricsFiles, _options.Time, _logs);
        readiness.Replaying(() => opening.Replay);
        var metricsOpen = opening.FinishAsync(cancellationToken);
        var traces = new SpanStoreOptions
        {
            Directory = Folder("traces"),
            Sync = sync,
            KeepFor = storage.TracesKeepFor.ToTimeSpan(),
            KeepBytes = storage.TracesKeepBytes,
            KeepRules = storage.TracesKeepRules,
        };
        // Beside each other: neither knows the other. Whatever is open by the time one fails is still closed.
        var tracesOpen = SpanStore.OpenAsync(traces, files, _options.Time, _logs, cancellationToken);
        try
        {
            Metrics = Own(await metricsOpen);
        }
        finally
        {
            readiness.Doing("reading traces back");
            Traces = Own(await tracesOpen);
        }
    }

    private async Task OpenRunsAsync(FlyballConfig config, FeatureFlags features, CancellationToken cancellationToken)
    {
        var runLog = Own(FileRunLog.Open(
            PhysicalFileSystem.Instance, new RunLogOptions { Directory = Folder("runs") }, _options.Time, _logs.CreateLogger<FileRunLog>()));
        var keep = new RunHistoryOptions
        {
            Directory = Folder("run-history"),
            KeepFor = config.Runs.KeepFor.ToTimeSpan(),
            KeepBytes = config.Runs.KeepBytes,
        };
        var history = Own(RunHistory.Open(keep, PhysicalFileSystem.Instance, _options.Time, _logs.CreateLogger<RunHistory>()));

        // Runs write their metrics through the same sink as everything else, so that rules react to them too; the manager that is told
        // does not exist yet, and nothing is written before the tracker has started.
        Samples = new ArrivingSamples(Metrics, (batch, at) => Rules?.OnAppended(batch, at), _options.Time);
        Runs = Own(new RunTracker(new RunTrackerOptions(), runLog, Traces, Samples, _options.Time, _logs.CreateLogger<RunTracker>(), history));
        await Runs.StartAsync(cancellationToken);
        Tests = Own(TestResults.Open(
            new TestResultsOptions { Directory = Folder("tests"), KeepFor = config.Runs.KeepTestsFor.ToTimeSpan(), MostExecutions = config.Runs.MostExecutions },
            PhysicalFileSystem.Instance, _options.Time, _logs.CreateLogger<TestResults>()));
        if (config.TektonWatch is { } watching)
        {
            var watch = watching.Resolve(Environment.GetEnvironmentVariable);
            Own(new TektonWatch(watch, Runs, _options.Time, _logs.CreateLogger<TektonWatch>())).Start();
        }

        if (config.Backfill.Count > 0)
        {
            var options = new BackfillOptions { Sources = config.Backfill, Cursors = new FileCursors(PhysicalFileSystem.Instance, Folder("backfill")) };
            Backfill = Own(new BackfillService(options, Runs, _options.Time, _logs.CreateLogger<BackfillService>()));
            Backfill.Start();
        }

        var spanMetrics = Own(new SpanMetricsGenerator(config.Storage.SpanMetrics, Samples, _options.Time, _logs.CreateLogger<SpanMetricsGenerator>()));
        Spans = new ArrivingSpans(Traces, new SpanRunObserver(Runs), spanMetrics, _options.Time);
        Series = new CompositeSeriesSource(Metrics, new RunSeriesSource(Runs, _options.Time), new TestSeriesSource(Tests));
        Engine = new PromQLEngine(
            new PromQLOptions
            {
                DefaultSubqueryStep = config.Global.EvaluationInterval.ToTimeSpan(),
                LookbackDelta = _options.LookbackDelta ?? config.Query.Lookback.ToTimeSpan(),
                Features = features.PromQL,
                MaxConcurrent = config.Query.WithFlags(_options).MostConcurrent,
                EvaluateOnCaller = true,
            },
            _options.Time);
    }

    private async Task OpenDecidersAsync(FlyballConfig config, IReadOnlyList<IAlertTransitionSink> transitions, CancellationToken cancellationToken)
    {
        Policies = Own(new PolicyEngine(
            config.Actions,
            new PolicyEngineOptions(),
            Journal,
            new PromQLCondition(Engine, Series, _options.Time),
            _options.Time,
            _logs.CreateLogger<PolicyEngine>()));
        await Policies.StartAsync(cancellationToken);
        Directory.CreateDirectory(Folder("alerting"));
        Router = Own(new AlertRouter(new RouterEnvironment(
            Journal, PhysicalFileSystem.Instance, Folder("alerting"), new Random(Environment.ProcessId), _options.Time, _logs.CreateLogger<AlertRouter>())));
        await Router.StartAsync(cancellationToken);
        Rules = Own(new RuleManager(new RuleEnvironment(
            Engine, Series, Metrics, [Policies, Router, .. transitions], _options.Time, _logs.CreateLogger<RuleManager>())
        {
            Asked = record => RuleAsked?.Invoke(record),
        }));
        Runs.AddObserver(new RunArrivals(Rules));
    }

    private void OpenScrapes(FlyballConfig config, Action<IBufferWriter<byte>> ownMetrics)
    {
        // The server watches itself and its machine without a detour over the network.
        var inProcess = new List<InProcessTarget> { new("flyball", Environment.MachineName, config.Host.Interval, ownMetrics) };
        if (config.Host.Enabled)
        {
            inProcess.Add(HostTarget.Create(config.Host.Interval, _options.Time));
        }

        Pushes = new PushStore(_options.Time);
        inProcess.Add(Pushes.CreateTarget(config.Host.Interval));
        var options = new ScrapeManagerOptions
        {
            Seed = LabelSet.HashOf(System.Text.Encoding.UTF8.GetBytes(Environment.MachineName)),
            UserAgent = "Flyball/" + ProcessMetrics.ProductVersion,
            InProcess = inProcess,
        };
        Scrapes = Own(new ScrapeManager(Samples, _options.Time, _logs.CreateLogger<ScrapeManager>(), options));
    }

    private string Folder(string name) => Path.Combine(_options.DataDirectory, name);

    private T Own<T>(T room)
        where T : notnull
    {
        _open.Push(room);
        return room;
    }
}
