using Flyball.Model.Time;

namespace Flyball.Model.Runs;

/// <summary>A run is no longer what it was.</summary>
/// <param name="Before">What it was; null if it is new.</param>
/// <param name="After">What it is.</param>
/// <param name="ChangedSeries">Names of the virtual series with new samples, e.g. <c>ci_task_failing</c>: what reactive rules wait for.</param>
/// <param name="CausedAt">When the event that changed it arrived.</param>
public sealed record RunChange(
    PipelineRun? Before, PipelineRun After, IReadOnlyList<string> ChangedSeries, TimestampNs CausedAt);

/// <summary>Whoever wants to know of changed runs: live views, reactive rules.</summary>
public interface IRunObserver
{
    /// <summary>Tells a change, in the order in which the changes happened. Returns quickly: the work it causes happens elsewhere.</summary>
    void OnRunChanged(RunChange change);
}

/// <summary>Where facts are kept so that runs survive a restart.</summary>
/// <remarks>Safe from many threads.</remarks>
public interface IRunLog
{
    /// <summary>Keeps facts, in order.</summary>
    /// <returns>Completes when they are on disk.</returns>
    /// <exception cref="IOException">They could not be written; none is kept.</exception>
    ValueTask AppendAsync(IReadOnlyList<RunFact> facts, CancellationToken cancellationToken);

    /// <summary>Reads what is kept, oldest first.</summary>
    IAsyncEnumerable<RunFact> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Lets go of the facts of runs that are kept elsewhere now.</summary>
    /// <returns>Completes when they are gone; facts of other runs are as safe as before, whatever happens meanwhile.</returns>
    /// <exception cref="IOException">It could not be done; nothing is lost, calling again later goes on.</exception>
    ValueTask ForgetAsync(Func<RunKey, bool> isKeptElsewhere, CancellationToken cancellationToken);
}
