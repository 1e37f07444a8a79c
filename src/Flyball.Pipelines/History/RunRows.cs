using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.History;

/// <summary>Every run once, as rows: those in memory, and the latest copies of those in the history. Dispose it soon.</summary>
/// <remarks>A row is a cursor: it is valid until the next one is asked for. Not thread-safe.</remarks>
internal sealed class RunRows((PipelineRun[] NewestFirst, HistoryView History) view) : IDisposable
{
    private readonly PipelineRun[] _inMemory = view.NewestFirst;
    private readonly HistoryView _history = view.History;
    private HashSet<TraceId>? _right;
    private HashFilter? _mayBeRight;

    /// <summary>The rows that may matter to a stretch of time, page by page: whole pages before or behind it are left out.</summary>
    /// <param name="earliest">Nothing that ended before matters; nanoseconds.</param>
    /// <param name="latest">Nothing that began later matters; nanoseconds.</param>
    public IEnumerable<RunRow> Around(ulong earliest, ulong latest)
    {
        foreach (var run in _inMemory)
        {
            yield return new MemoryRow(run);
        }

        foreach (var run in TakenOnly())
        {
            yield return new MemoryRow(run);
        }

        var columns = new PageColumns();
        foreach (var page in _history.Pages)
        {
            if (page.FirstBegin > latest || Math.Max(page.LastBegin, page.LastEnd) < earliest)
            {
                continue;
            }

            columns.Clear();
            var row = page.Rows(columns);
            for (row.Row = 0; row.Row < page.Count; row.Row++)
            {
                if (!IsOutdated(row))
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>All rows by begin, the newest first; ending early leaves older pages unread.</summary>
    public IEnumerable<RunRow> NewestFirst()
    {
        // Everything that is ordered in itself, by the greatest begin it still has; a page is only looked into when its turn comes.
        var sources = new PriorityQueue<IEnumerator<RunRow>, (ulong, TraceId)>(Comparer<(ulong, TraceId)>.Create((a, b) => b.CompareTo(a)));
        var last = new TraceId(ulong.MaxValue, ulong.MaxValue);
        sources.Enqueue(_inMemory.Select(RunRow (r) => new MemoryRow(r)).GetEnumerator(), (ulong.MaxValue, last));
        sources.Enqueue(NewestTaken().GetEnumerator(), (ulong.MaxValue, last));
        foreach (var page in _history.Pages)
        {
            sources.Enqueue(NewestOf(page).GetEnumerator(), (page.LastBegin, last));
        }

        while (sources.TryDequeue(out var source, out var place))
        {
            if (place.Item2 != last)
            {
                yield return source.Current;
            }

            if (source.MoveNext())
            {
                sources.Enqueue(source, (source.Current.Begin, source.Current.TraceId));
            }
        }
    }

    public void Dispose() => _history.Dispose();

    private IEnumerable<RunRow> NewestTaken() =>
        TakenOnly().OrderByDescending(MemoryRow.BeginOf).ThenByDescending(r => r.TraceId).Select(r => new MemoryRow(r));

    private IEnumerable<RunRow> NewestOf(RunPage page)
    {
        var row = page.Rows();
        for (row.Row = page.Count - 1; row.Row >= 0; row.Row--)
        {
            if (!IsOutdated(row))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<PipelineRun> TakenOnly()
    {
        var inMemory = _history.Taken.Count == 0 ? [] : _inMemory.Select(r => r.TraceId).ToHashSet();
        return _history.Taken.Where(r => !inMemory.Contains(r.TraceId));
    }

    // What came back from the history is right in memory; what was taken again is right there.
    private bool IsOutdated(PageRow row)
    {
        if (_right is null)
        {
            _right = [.. _inMemory.Concat(_history.Taken).Select(r => r.TraceId)];
            _mayBeRight = new HashFilter(Math.Max(64, _right.Count * 4));
            foreach (var id in _right)
            {
                _mayBeRight.Add(id.High);
            }
        }

        var trace = row.TraceId;
        return row.Page.IsSuperseded(row.Row) || (_mayBeRight!.MayContain(trace.High) && _right.Contains(trace));
    }
}
