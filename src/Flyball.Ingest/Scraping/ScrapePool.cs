using Flyball.Ingest.Bodies;
using Flyball.Ingest.Discovery;

namespace Flyball.Ingest.Scraping;

/// <summary>The targets of one scrape configuration and their loops.</summary>
/// <remarks>Discoveries publish from their own tasks; <see cref="_gate"/> makes one change of targets at a time.
/// A target that is gone keeps a task of its own until its series have been ended.</remarks>
internal sealed class ScrapePool : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ScrapeServices _services;
    private readonly HttpClient _client;
    private readonly ScrapeHeaders _headers;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, RunningLoop> _running = [];
    private readonly Dictionary<int, IReadOnlyList<TargetGroup>> _groups = [];
    private readonly List<Task> _tasks = [];
    private readonly IReadOnlyDictionary<string, ScrapeLoop> _inherited;
    private IReadOnlyList<DroppedTarget> _dropped = [];
    private int _droppedCount;
    private bool _closed;
    private int _disposed;

    /// <summary>Makes a pool without targets; see <see cref="Start"/>.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="inherited">Stopped loops of the pool this one replaces, by target key: their caches live on.</param>
    public ScrapePool(ScrapeConfig config, ScrapeServices services, string userAgent, IReadOnlyDictionary<string, ScrapeLoop>? inherited = null)
    {
        Config = config;
        _services = services;
        _inherited = inherited ?? new Dictionary<string, ScrapeLoop>();
        _client = PoolClient.Create(config.Http);
        _headers = new ScrapeHeaders(config, userAgent);
    }

    /// <summary>The configuration.</summary>
    public ScrapeConfig Config { get; }

    /// <summary>Loops that run now.</summary>
    public IReadOnlyList<ScrapeLoop> Loops
    {
        get
        {
            lock (_gate)
            {
                return [.. _running.Values.Select(r => r.Loop)];
            }
        }
    }

    /// <summary>Targets that relabelling dropped, up to the configured number, and how many there were.</summary>
    public (IReadOnlyList<DroppedTarget> Kept, int Count) Dropped
    {
        get
        {
            lock (_gate)
            {
                return (_dropped, _droppedCount);
            }
        }
    }

    /// <summary>Starts looking for targets.</summary>
    public void Start()
    {
        lock (_gate)
        {
            for (var i = 0; i < Config.Discoveries.Count; i++)
            {
                var index = i;
                var discovery = Discover(Config.Discoveries[i]);
                _tasks.Add(Task.Run(() => RunDiscoveryAsync(discovery, index)));
            }
        }
    }

    /// <summary>Starts with one target that needs no discovery.</summary>
    public void StartWith(ScrapeTarget target, IScrapeSource source)
    {
        lock (_gate)
        {
            StartLoop(target, source);
        }
    }

    /// <summary>Stops all loops, to hand them to the pool that replaces this one or to end their series.</summary>
    public async Task<IReadOnlyDictionary<string, ScrapeLoop>> StopLoopsAsync()
    {
        List<RunningLoop> loops;
        lock (_gate)
        {
            _closed = true;
            loops = [.. _running.Values];
            _running.Clear();
        }

        foreach (var running in loops)
        {
            await running.StopAsync();
        }

        return loops.ToDictionary(r => r.Loop.Target.Key, r => r.Loop);
    }

    /// <summary>Ends the series of stopped loops whose targets nobody took over, each after its grace period.</summary>
    public async Task EndSeriesAsync(IEnumerable<ScrapeLoop> loops) => await Task.WhenAll(loops.Select(EndSeriesAsync));

    /// <summary>Stops everything at once; series are left as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync();
        await StopLoopsAsync();
        Task[] tasks;
        lock (_gate)
        {
            tasks = [.. _tasks];
        }

        await Task.WhenAll(tasks);
        _client.Dispose();
        _stopping.Dispose();
    }

    private IDiscovery Discover(DiscoveryConfig config) => config switch
    {
        StaticDiscoveryConfig fixedTargets => new StaticDiscovery(fixedTargets),
        FileDiscoveryConfig files => new FileDiscovery(files, _services.Time, _services.Logger),
        HttpDiscoveryConfig http => new HttpDiscovery(http, _services.Time, _services.Logger),
        _ => throw new ArgumentException($"there is no discovery for {config.GetType().Name}", nameof(config)),
    };

    private async Task RunDiscoveryAsync(IDiscovery discovery, int index)
    {
        try
        {
            await discovery.RunAsync(groups => Apply(index, groups), _stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The pool stops.
        }
        catch (Exception e)
        {
            // The targets found so far go on; that no more are found must not go unnoticed.
            ScrapeLog.DiscoveryBroke(_services.Logger, Config.JobName, e);
        }
    }

    private void Apply(int discovery, IReadOnlyList<TargetGroup> groups)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _groups[discovery] = groups;
            Reconcile(MakeTargets());
        }
    }

    // Under the gate.
    private Dictionary<string, ScrapeTarget> MakeTargets()
    {
        var factory = new TargetFactory(Config);
        var targets = new Dictionary<string, ScrapeTarget>();
        var dropped = new List<DroppedTarget>();
        _droppedCount = 0;
        foreach (var group in _groups.OrderBy(g => g.Key).SelectMany(g => g.Value))
        {
            foreach (var labels in group.Targets)
            {
                if (factory.Make(labels, group.Labels, out var discovered, out var problem) is { } target)
                {
                    targets.TryAdd(target.Key, target);
                }
                else if (problem is not null)
                {
                    ScrapeLog.TargetLeftOut(_services.Logger, Config.JobName, problem);
                }
                else if (++_droppedCount <= Config.KeepDroppedTargets || Config.KeepDroppedTargets == 0)
                {
                    dropped.Add(new DroppedTarget(discovered, Config.JobName));
                }
            }
        }

        _dropped = dropped;
        return targets;
    }

    // Under the gate.
    private void Reconcile(Dictionary<string, ScrapeTarget> wanted)
    {
        foreach (var (key, running) in _running.Where(r => !wanted.ContainsKey(r.Key)).ToList())
        {
            _running.Remove(key);
            _tasks.Add(RetireAsync(running));
        }

        _tasks.RemoveAll(t => t.IsCompletedSuccessfully);
        var overLimit = Config.TargetLimit > 0 && wanted.Count > Config.TargetLimit;
        if (overLimit)
        {
            ScrapeLog.TooManyTargets(_services.Logger, Config.JobName, wanted.Count, Config.TargetLimit);
        }

        foreach (var (key, target) in wanted)
        {
            // Crossing the limit in either direction changes where the pages of all targets come from.
            if (_running.TryGetValue(key, out var running) && running.OverLimit != overLimit)
            {
                _running.Remove(key);
                _tasks.Add(running.StopAsync());
                running = null;
            }

            if (running is null)
            {
                StartLoop(target, overLimit ? new RefusedSource(wanted.Count, Config.TargetLimit) : SourceOf(target));
            }
        }
    }

    // Under the gate.
    private void StartLoop(ScrapeTarget target, IScrapeSource source)
    {
        var appender = _inherited.TryGetValue(target.Key, out var old) && old.TakeOver(Config) is { } cache
            ? new ScrapeAppender(Config, target.Labels) { Cache = cache }
            : new ScrapeAppender(Config, target.Labels);
        var loop = new ScrapeLoop(target, appender, source, _services);
        _running[target.Key] = new RunningLoop(loop, source is RefusedSource, _stopping.Token);
    }

    private HttpSource SourceOf(ScrapeTarget target) =>
        new(_client, _headers, target, Config.BodySizeLimit, _services.Time);

    private async Task RetireAsync(RunningLoop running)
    {
        await running.StopAsync();
        await EndSeriesAsync(running.Loop);
    }

    // Another server, or this one under another configuration, may scrape the target now: its samples must come before
    // the markers that would end them. Hence the grace, and the time of the first scrape that was missed. Prometheus documentation, "Configuration".
    private async Task EndSeriesAsync(ScrapeLoop loop)
    {
        try
        {
            var until = loop.NextDue + (loop.Target.Interval.ToTimeSpan() * 1.1) - _services.Time.GetUtcNow();
            await Task.Delay(until > TimeSpan.Zero ? until : TimeSpan.Zero, _services.Time, _stopping.Token);
            if (!loop.IsTakenOver && loop.State.Latest.LastScrape is not null)
            {
                await loop.EndSeriesAsync(loop.NextDue, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The server stops: its series are to be continued.
        }
    }

    /// <summary>A loop with its task and the means to stop it.</summary>
    private sealed class RunningLoop
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _task;

        public RunningLoop(ScrapeLoop loop, bool overLimit, CancellationToken poolStops)
        {
            Loop = loop;
            OverLimit = overLimit;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(poolStops);
            _task = Task.Run(() => loop.RunAsync(_stop.Token), CancellationToken.None);
        }

        public ScrapeLoop Loop { get; }

        public bool OverLimit { get; }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _task;
            _stop.Dispose();
        }
    }

    /// <summary>The page of a target that may not be scraped because there are too many.</summary>
    private sealed class RefusedSource(int targets, long limit) : IScrapeSource
    {
        public ValueTask FetchAsync(BodyBuffer body, CancellationToken cancellationToken) =>
            throw new ScrapeFailedException($"target_limit exceeded (number of targets: {targets}, limit: {limit})");
    }
}
