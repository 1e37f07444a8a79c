namespace Flyball.PromQL;

/// <summary>Which parts of the language beyond its stable core are on. Names: Prometheus' <c>--enable-feature</c>.</summary>
public sealed record PromQLFeatures
{
    /// <summary>What Prometheus has without any flag.</summary>
    public static readonly PromQLFeatures Default = new();

    /// <summary>Everything.</summary>
    public static readonly PromQLFeatures All = new()
    {
        ExperimentalFunctions = true,
        ExtendedRangeSelectors = true,
        FillModifiers = true,
        DelayedNameRemoval = true,
        UseStartTimestamps = true,
        TypeAndUnitLabels = true,
    };

    /// <summary>Functions marked experimental, <c>limitk</c> and <c>limit_ratio</c> (promql-experimental-functions).</summary>
    public bool ExperimentalFunctions { get; init; }

    /// <summary><c>anchored</c> and <c>smoothed</c> (promql-extended-range-selectors).</summary>
    public bool ExtendedRangeSelectors { get; init; }

    /// <summary><c>fill</c>, <c>fill_left</c>, <c>fill_right</c> (promql-binop-fill-modifiers).</summary>
    public bool FillModifiers { get; init; }

    /// <summary>Metric names are dropped at the end of the evaluation (promql-delayed-name-removal).</summary>
    public bool DelayedNameRemoval { get; init; }

    /// <summary>Rates see counters begin at their start timestamps (use-start-timestamps).</summary>
    public bool UseStartTimestamps { get; init; }

    /// <summary><c>__type__</c> and <c>__unit__</c> take part as the metric's name does (type-and-unit-labels).</summary>
    public bool TypeAndUnitLabels { get; init; }
}

/// <summary>Settings of the engine.</summary>
public sealed record PromQLOptions
{
    /// <summary>How far back an instant selector looks for its sample.</summary>
    public TimeSpan LookbackDelta { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Step of subqueries that do not give one: the global evaluation interval.</summary>
    public TimeSpan DefaultSubqueryStep { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Parts of the language that are on.</summary>
    public PromQLFeatures Features { get; init; } = PromQLFeatures.Default;

    /// <summary>Queries the caller lets run at once; only shown, as <c>prometheus_engine_queries_concurrent_max</c>.</summary>
    public int MaxConcurrent { get; init; } = 20;

    /// <summary>Threads that may work on one query; 0 = as many as the machine has processors.</summary>
    public int Workers { get; init; }

    /// <summary>Evaluate on the thread that asks, without handing over to another, for which a short query would wait. For callers
    /// whose threads may be kept busy for as long as a query takes, as those of a web server may.</summary>
    public bool EvaluateOnCaller { get; init; }
}

/// <summary>What one query may cost.</summary>
public sealed record QueryLimits
{
    /// <summary>The limits Prometheus has by default.</summary>
    public static readonly QueryLimits Default = new();

    /// <summary>Samples held in memory at once.</summary>
    public int MaxSamples { get; init; } = 50_000_000;

    /// <summary>Series one selector may match; 0 = no limit.</summary>
    public int MaxSeries { get; init; }

    /// <summary>Bytes of samples held in memory at once, sixteen for each; 0 = no limit of its own.</summary>
    public long MaxBytes { get; init; }

    /// <summary>Steps a range query may have besides the first, as Prometheus counts; 0 = no limit.</summary>
    public int MaxPoints { get; init; }

    /// <summary>Time after which the query fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Overrides the engine's lookback for this query; null = the engine's.</summary>
    public TimeSpan? LookbackDelta { get; init; }
}
