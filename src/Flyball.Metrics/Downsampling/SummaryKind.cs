namespace Flyball.Metrics.Downsampling;

/// <summary>What a summary keeps of the samples of one stretch; each kind has its own blocks.</summary>
internal enum SummaryKind
{
    /// <summary>The last sample, as it was; with it the staleness marker that follows it, if one does.</summary>
    Last,

    /// <summary>The least value.</summary>
    Min,

    /// <summary>The greatest value.</summary>
    Max,

    /// <summary>The sum of all values.</summary>
    Sum,

    /// <summary>How many samples there were.</summary>
    Count,

    /// <summary>The samples that tell how much a counter grew: the first, the last two, and both sides of every reset.</summary>
    Counter,
}

/// <summary>Names of the kinds, and which kind answers which function.</summary>
internal static class SummaryKinds
{
    public static IReadOnlyList<SummaryKind> All { get; } = Enum.GetValues<SummaryKind>();

    /// <summary>The folder of a kind's blocks.</summary>
    public static string NameOf(SummaryKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>The kind from which a function computes what it would compute from all samples; null if there is none.</summary>
    /// <param name="function">Empty for an instant selector.</param>
    public static SummaryKind? ExactFor(string function, bool isInstant) => function switch
    {
        "" when isInstant => SummaryKind.Last,
        "last_over_time" or "present_over_time" or "absent_over_time" => SummaryKind.Last,
        "min_over_time" => SummaryKind.Min,
        "max_over_time" => SummaryKind.Max,
        "sum_over_time" => SummaryKind.Sum,
        "count_over_time" => SummaryKind.Count,
        _ => null,
    };

    /// <summary>The kind that comes nearest where the samples themselves are gone.</summary>
    public static SummaryKind NearestFor(string function, bool isInstant) => ExactFor(function, isInstant) ?? function switch
    {
        "rate" or "increase" or "irate" or "delta" or "idelta" or "deriv" or "resets" or "changes" => SummaryKind.Counter,
        _ => SummaryKind.Last,
    };
}
