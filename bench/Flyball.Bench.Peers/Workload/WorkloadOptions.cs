using System.Globalization;

namespace Flyball.Bench.Peers.Workload;

/// <summary>Which exporters are imitated.</summary>
internal enum Profile
{
    /// <summary>Four fifths machines, one fifth pipelines.</summary>
    Mixed,

    /// <summary>Machines only: nothing comes or goes.</summary>
    Node,

    /// <summary>Pipelines only: half of the series live for minutes.</summary>
    Ci,
}

/// <summary>What is generated. Two equal options give equal bytes.</summary>
internal sealed record WorkloadOptions
{
    public Profile Profile { get; init; }

    /// <summary>Series that are active at any moment.</summary>
    public int Series { get; init; } = 100_000;

    /// <summary>Length of the history that is written before queries are asked.</summary>
    public TimeSpan History { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From one sample of a series to its next.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Samples in a request.</summary>
    public int RequestSize { get; init; } = 5000;

    /// <summary>Connections that send at the same time; a series always comes over the same one.</summary>
    public int Senders { get; init; } = 2;

    /// <summary>The last moment of the history, UTC milliseconds, a multiple of the interval.</summary>
    public long EndMs { get; init; } = 1_795_174_200_000;

    public int Seed { get; init; } = 1;

    public int Rounds => (int)(History / Interval) + 1;

    /// <summary>Further rounds, sent just before the kill.</summary>
    public int TailRounds => Math.Max(1, Rounds / 12);

    public long IntervalMs => (long)Interval.TotalMilliseconds;

    public long StartMs => EndMs - ((Rounds - 1) * IntervalMs);

    /// <summary>A file name that differs where the bytes would.</summary>
    public string Key => string.Create(
        CultureInfo.InvariantCulture,
        $"{Profile}-{Series}x{Rounds}+{TailRounds}-every{Interval.TotalSeconds}s-by{RequestSize}-over{Senders}-until{EndMs / 1000}-{Seed}").ToLowerInvariant();
}
