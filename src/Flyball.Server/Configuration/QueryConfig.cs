using Flyball.Configuration;
using Flyball.Model.Time;
using Flyball.PromQL;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>query</c>: what one query may cost, and how many run at once.</summary>
/// <remarks>Taken at start: a reload does not change what is already being enforced.</remarks>
public sealed record QueryConfig
{
    /// <summary>What Prometheus has by default.</summary>
    public static readonly QueryConfig Default = new();

    /// <summary>What one query may cost.</summary>
    public QueryLimits Limits { get; init; } = QueryLimits.Default with { MaxPoints = 11_000 };

    /// <summary>How far back instant selectors look.</summary>
    public DurationMs Lookback { get; init; } = DurationMs.FromSeconds(300);

    /// <summary>Queries that run at once, over all callers.</summary>
    public int MostConcurrent { get; init; } = 20;

    /// <summary>Queries one caller may have running at once.</summary>
    public int MostPerCaller { get; init; } = 10;

    /// <summary>Queries that wait for their turn; further ones are refused.</summary>
    public int MostWaiting { get; init; } = 1000;

    /// <summary>Bytes of answers kept for dashboards that ask again; 0 = none.</summary>
    public long CacheBytes { get; init; } = 32 << 20;

    /// <summary>Takes over what the command line says; it wins over the file.</summary>
    public QueryConfig WithFlags(ServerOptions options) => this with
    {
        MostConcurrent = options.QueryConcurrency ?? MostConcurrent,
        Limits = Limits with { Timeout = options.QueryTimeout ?? Limits.Timeout, MaxSamples = options.QueryMaxSamples ?? Limits.MaxSamples },
    };

    /// <summary>Reads the section.</summary>
    public static QueryConfig Load(YamlSection? section)
    {
        if (section is null)
        {
            return Default;
        }

        var limits = Default.Limits;
        var config = new QueryConfig
        {
            Limits = limits with
            {
                MaxSamples = (int)(section.Integer("max_samples", 1, int.MaxValue) ?? limits.MaxSamples),
                MaxSeries = (int)(section.Integer("max_series", 0, int.MaxValue) ?? limits.MaxSeries),
                MaxBytes = section.Bytes("max_memory") ?? limits.MaxBytes,
                MaxPoints = (int)(section.Integer("max_points", 1, 10_000_000) ?? limits.MaxPoints),
                Timeout = section.Duration("timeout")?.ToTimeSpan() ?? limits.Timeout,
            },
            Lookback = section.Duration("lookback_delta") ?? Default.Lookback,
            MostConcurrent = (int)(section.Integer("max_concurrency", 1, 10_000) ?? Default.MostConcurrent),
            MostPerCaller = (int)(section.Integer("max_concurrency_per_caller", 1, 10_000) ?? Default.MostPerCaller),
            MostWaiting = (int)(section.Integer("max_waiting", 0, 1_000_000) ?? Default.MostWaiting),
            CacheBytes = section.Bytes("cache_size") ?? Default.CacheBytes,
        };
        section.Finish();
        return config;
    }
}
