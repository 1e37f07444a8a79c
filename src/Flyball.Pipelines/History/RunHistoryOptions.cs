namespace Flyball.Pipelines.History;

/// <summary>How the history of runs is kept.</summary>
public sealed record RunHistoryOptions
{
    /// <summary>The folder; created when missing. Nobody else may write to it.</summary>
    public required string Directory { get; init; }

    /// <summary>Runs that began longer ago than this are deleted, a page at a time; <see cref="TimeSpan.Zero"/> = kept for ever.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(400);

    /// <summary>Bytes of pages beyond which the oldest are deleted; 0 = any number.</summary>
    public long KeepBytes { get; init; }
}
