using Flyball.Model.Runs;

namespace Flyball.Pipelines.History;

/// <summary>What the history holds at one moment; stays as it is until it is disposed. Dispose it soon: it keeps deleted pages on disk.</summary>
internal sealed class HistoryView(RunPage[] pages, PipelineRun[] taken, Action release) : IDisposable
{
    private Action? _release = release;

    /// <summary>Nothing.</summary>
    public static HistoryView Empty => new([], [], static () => { });

    /// <summary>In the order in which they were written.</summary>
    public IReadOnlyList<RunPage> Pages => pages;

    /// <summary>Runs that are in no page yet; where a page has a copy, these count.</summary>
    public IReadOnlyList<PipelineRun> Taken => taken;

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
