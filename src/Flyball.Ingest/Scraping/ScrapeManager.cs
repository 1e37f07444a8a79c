using System.Text.Json;
using System.Text.Json.Serialization;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Scraping;

/// <summary>Settings of a <see cref="ScrapeManager"/>.</summary>
public sealed record ScrapeManagerOptions
{
    /// <summary>Moves this server's scrapes to other points of the interval than another server's of the same targets.</summary>
    public ulong Seed { get; init; }

    /// <summary>Header <c>User-Agent</c> of scrapes.</summary>
    public string UserAgent { get; init; } = "Flyball/0.1.0";

    /// <summary>Targets inside this process, scraped whatever the configuration says.</summary>
    public IReadOnlyList<InProcessTarget> InProcess { get; init; } = [];
}

/// <summary>Scrapes all targets of a configuration; the door of this room for everything pulled.</summary>
/// <remarks>Thread-safe. Dispose it to stop; series are then left without staleness markers, to go on after a restart.</remarks>
public sealed class ScrapeManager : IAsyncDisposable
{
    private static readonly JsonSerializerOptions FingerprintOptions = new() { Converters = { new LabelSetText() } };

    private readonly SemaphoreSlim _applying = new(1, 1);
    private readonly ScrapeServices _services;
    private readonly ScrapeManagerOptions _options;
    private readonly List<Task> _ending = [];
    private readonly List<ScrapePool> _retired = [];
    private readonly List<ScrapePool> _inProcess = [];
    private volatile SortedDictionary<string, ScrapePool> _pools = new(StringComparer.Ordinal);

    /// <summary>Starts the in-process targets; pools come with <see cref="ApplyAsync"/>.</summary>
    public ScrapeManager(ISampleSink sink, TimeProvider time, ILogger<ScrapeManager> logger, ScrapeManagerOptions? options = null)
    {
        _options = options ?? new ScrapeManagerOptions();
        _services = new ScrapeServices(sink, time, logger, _options.Seed, new BatchPool(), loop => TargetChanged?.Invoke(this, new TargetChangedEventArgs(StatusOf(loop, loop.Pool))));
        foreach (var target in _options.InProcess)
        {
            _inProcess.Add(StartInProcess(target));
        }
    }

    /// <summary>A target went up or down. Raised by its scrape loop: return quickly.</summary>
    /// <remarks>The sender is this manager.</remarks>
    public event EventHandler<TargetChangedEventArgs>? TargetChanged;

    /// <summary>When the next scrape is due; null while no loop has got that far.</summary>
    internal DateTimeOffset? NextDue =>
        _inProcess.Concat(_pools.Values).SelectMany(p => p.Loops).Where(l => l.NextDue != default).Min(l => (DateTimeOffset?)l.NextDue);

    /// <summary>Makes these the pools. Unchanged ones run on untouched; targets of changed ones keep their schedule; targets
    /// that are gone get staleness markers after a grace period.</summary>
    /// <param name="configs">Job names are unique.</param>
    public async Task ApplyAsync(IReadOnlyList<ScrapeConfig> configs, CancellationToken cancellationToken)
    {
        await _applying.WaitAsync(cancellationToken);
        try
        {
            var before = _pools;
            var after = new SortedDictionary<string, ScrapePool>(StringComparer.Ordinal);
            var kept = 0;
            foreach (var config in configs)
            {
                if (before.TryGetValue(config.JobName, out var pool) && FingerprintOf(pool.Config) == FingerprintOf(config))
                {
                    after.Add(config.JobName, pool);
                    kept++;
                }
                else
                {
                    after.Add(config.JobName, await ReplaceAsync(pool, config));
                }
            }

            var gone = before.Values.Where(p => !after.ContainsKey(p.Config.JobName)).ToList();
            foreach (var pool in gone)
            {
                Retire(pool, await pool.StopLoopsAsync());
            }

            _pools = after;
            ScrapeLog.PoolsApplied(_services.Logger, kept, after.Count - kept, gone.Count);
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <summary>All targets now.</summary>
    public TargetsSnapshot Targets()
    {
        var pools = _inProcess.Concat(_pools.Values).OrderBy(p => p.Config.JobName, StringComparer.Ordinal).ToList();
        var active = pools.SelectMany(p => p.Loops.Select(l => StatusOf(l, p.Config.JobName)).OrderBy(t => t.Labels)).ToList();
        return new TargetsSnapshot(
            active,
            [.. pools.SelectMany(p => p.Dropped.Kept)],
            // A configured job may carry the name of one inside this process.
            pools.GroupBy(p => p.Config.JobName).ToDictionary(g => g.Key, g => g.Sum(p => p.Dropped.Count)))
        {
            Pools = [.. pools.Select(p => p.Config.JobName).Distinct()],
        };
    }

    /// <summary>What all targets say about their families, for <c>/api/v1/targets/metadata</c> and <c>/api/v1/metadata</c>.</summary>
    public IReadOnlyList<TargetMetadata> Metadata() =>
        [.. from pool in _inProcess.Concat(_pools.Values)
            from loop in pool.Loops
            from metadata in loop.Appender.Metadata.Snapshot()
            select new TargetMetadata(loop.Target.Labels, metadata)];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        List<ScrapePool> pools;
        await _applying.WaitAsync();
        try
        {
            pools = [.. _pools.Values, .. _inProcess, .. _retired];
            _pools = [];
            _inProcess.Clear();
        }
        finally
        {
            _applying.Release();
        }

        // Retired pools end their waiting tasks when they are disposed, and those want the semaphore once more.
        foreach (var pool in pools)
        {
            await pool.DisposeAsync();
        }

        await Task.WhenAll(_ending);
    }

    private async Task<ScrapePool> ReplaceAsync(ScrapePool? before, ScrapeConfig config)
    {
        var loops = before is null ? null : await before.StopLoopsAsync();
        var pool = new ScrapePool(config, _services, _options.UserAgent, loops);
        pool.Start();
        if (before is not null)
        {
            Retire(before, loops!);
        }

        return pool;
    }

    // Under the semaphore.
    private void Retire(ScrapePool pool, IReadOnlyDictionary<string, ScrapeLoop> loops)
    {
        _ending.RemoveAll(t => t.IsCompletedSuccessfully);
        _retired.Add(pool);
        _ending.Add(EndAsync(pool, loops.Values));
    }

    private async Task EndAsync(ScrapePool pool, IEnumerable<ScrapeLoop> loops)
    {
        await pool.EndSeriesAsync(loops);
        await _applying.WaitAsync();
        _retired.Remove(pool);
        _applying.Release();
        await pool.DisposeAsync();
    }

    private ScrapePool StartInProcess(InProcessTarget target)
    {
        var config = new ScrapeConfig
        {
            JobName = target.Job,
            ScrapeInterval = target.Interval,
            ScrapeTimeout = target.Interval,
            // A program that exposes itself says who it is.
            HonorLabels = true,
        };
        var labels = LabelSet.Of(("job", target.Job), ("instance", target.Instance));
        var pool = new ScrapePool(config, _services, _options.UserAgent);
        var url = new Uri($"inprocess://{target.Job}/metrics");
        pool.StartWith(new ScrapeTarget(labels, labels, url, target.Interval, target.Interval), new InProcessSource(target));
        return pool;
    }

    private static TargetStatus StatusOf(ScrapeLoop loop, string pool)
    {
        var latest = loop.State.Latest;
        var target = loop.Target;
        return new TargetStatus(
            target.Discovered, target.Labels, pool, target.Url, latest.Health, latest.LastError, latest.LastScrape,
            latest.LastScrapeDuration, target.Interval, target.Timeout);
    }

    private static string FingerprintOf(ScrapeConfig config) => JsonSerializer.Serialize(config, FingerprintOptions);

    private sealed class LabelSetText : JsonConverter<LabelSet>
    {
        public override LabelSet Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, LabelSet value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.ToString());
    }
}
