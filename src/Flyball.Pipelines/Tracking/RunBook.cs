using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Tracking;

/// <summary>The runs in memory: found by key, by trace, or newest first. Bounded: those that give way go to the history.</summary>
/// <remarks>Safe from many threads. Merging holds the lock; what it hands out is immutable. A run of the history that is spoken of again
/// comes back, so that a run is in memory or in the history, and if it is in both then memory is right.</remarks>
/// <param name="mostTasks">Attempts of tasks in memory: runs differ a thousandfold in size. Counts only where there is a history to go to.</param>
internal sealed class RunBook(int mostRuns, int mostTasks, RunHistory? history)
{
    // Written as one page of the history, so that it is worth its name; and the search for the oldest is paid once for all of them.
    private const int MostLeaving = 2048;

    private readonly Lock _gate = new();
    private readonly Dictionary<RunKey, RunRecord> _byKey = [];
    private readonly Dictionary<TraceId, RunRecord> _byTrace = [];

    // Kept in order: sorting all runs again for every query that follows a change would cost more than the query.
    private readonly List<RunRecord> _oldestFirst = [];
    private PipelineRun[]? _newestFirst;
    private int _tasks;

    /// <summary>Number of runs.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Count;
            }
        }
    }

    /// <summary>Runs that gave way to newer ones so far.</summary>
    public long Evicted { get; private set; }

    /// <summary>Called, under the lock, when runs have left for the history.</summary>
    public Action? OnLeft { get; set; }

    /// <summary>Called, under the lock, when a run came back from the history (null: none) and when runs gave way.</summary>
    public Action<PipelineRun?, IReadOnlyCollection<RunKey>>? OnMoved { get; set; }

    /// <summary>Merges a fact and tells, still under the lock and so in order, if it changed its run.</summary>
    public void Merge(RunFact fact, Action<PipelineRun?, PipelineRun>? onChange)
    {
        lock (_gate)
        {
            var isNew = !_byKey.TryGetValue(fact.Run, out var record);
            if (isNew)
            {
                MakeRoom();
                record = FromHistory(fact.Run);
                isNew = record is null;
                record ??= new RunRecord(fact.Run, fact.ReceivedAt);
                _byKey[fact.Run] = record;
            }

            var before = isNew ? null : record!.Current;
            var place = isNew ? -1 : _oldestFirst.BinarySearch(record!, ByBegin.Instance);
            var changed = record!.Merge(fact);
            _tasks += record.Current.Tasks.Count - (before?.Tasks.Count ?? 0);
            if (!changed && !isNew)
            {
                // What nobody is told of may still be in lists that were made before.
                _newestFirst = ReferenceEquals(before, record.Current) ? _newestFirst : null;
                return;
            }

            record.IsInHistory = false;
            KeepOrder(record, place, before);

            if (before is not null && before.TraceId != record.Current.TraceId)
            {
                _byTrace.Remove(before.TraceId);
            }

            _byTrace[record.Current.TraceId] = record;
            _newestFirst = null;
            onChange?.Invoke(before, record.Current);
        }
    }

    public PipelineRun? Find(TraceId trace)
    {
        lock (_gate)
        {
            return _byTrace.GetValueOrDefault(trace)?.Current;
        }
    }

    public PipelineRun? Find(RunKey key)
    {
        lock (_gate)
        {
            return _byKey.GetValueOrDefault(key)?.Current;
        }
    }

    /// <summary>All runs in memory, newest first, and what the history holds at the same moment: no run is missing, and one that is in
    /// both is right in memory.</summary>
    public (PipelineRun[] NewestFirst, HistoryView History) View()
    {
        lock (_gate)
        {
            return (NewestFirst(), history?.View() ?? HistoryView.Empty);
        }
    }

    /// <summary>All runs in memory, newest first; the array is never changed.</summary>
    public PipelineRun[] NewestFirst()
    {
        lock (_gate)
        {
            if (_newestFirst is null)
            {
                _newestFirst = new PipelineRun[_oldestFirst.Count];
                for (var i = 0; i < _newestFirst.Length; i++)
                {
                    _newestFirst[i] = _oldestFirst[_newestFirst.Length - 1 - i].Current;
                }
            }

            return _newestFirst;
        }
    }

    private void KeepOrder(RunRecord record, int place, PipelineRun? before)
    {
        if (before is not null && MemoryRow.BeginOf(before) == MemoryRow.BeginOf(record.Current) && before.TraceId == record.Current.TraceId)
        {
            return;
        }

        if (place >= 0)
        {
            _oldestFirst.RemoveAt(place);
        }

        _oldestFirst.Insert(~_oldestFirst.BinarySearch(record, ByBegin.Instance), record);
    }

    private RunRecord? FromHistory(RunKey key)
    {
        if (history?.Find(key) is not { } run)
        {
            return null;
        }

        var record = new RunRecord(key, run.FirstHeardAt) { IsInHistory = true };
        foreach (var fact in HistoricFacts.Of(run))
        {
            record.Merge(fact);
        }

        _byTrace[record.Current.TraceId] = record;
        _oldestFirst.Insert(~_oldestFirst.BinarySearch(record, ByBegin.Instance), record);
        _newestFirst = null;
        _tasks += record.Current.Tasks.Count;
        OnMoved?.Invoke(record.Current, []);
        return record;
    }

    private void MakeRoom()
    {
        if (_byKey.Count < mostRuns && (history is null || _tasks < mostTasks))
        {
            return;
        }

        var leaving = ChooseLeaving();
        foreach (var record in leaving)
        {
            _byKey.Remove(record.Key);
            _byTrace.Remove(record.Current.TraceId);
            _tasks -= record.Current.Tasks.Count;
            Evicted++;
        }

        _oldestFirst.RemoveAll(leaving.Contains);
        _newestFirst = null;
        OnMoved?.Invoke(null, [.. leaving.Select(r => r.Key)]);
        history?.Take([.. leaving.Where(r => !r.IsInHistory).Select(r => r.Current)]);
        OnLeft?.Invoke();
    }

    // A third of what there may be, so that a page of the history is worth its name.
    private HashSet<RunRecord> ChooseLeaving()
    {
        var chosen = new HashSet<RunRecord>();
        var most = Math.Clamp(mostRuns / 3, 1, MostLeaving);
        var tasks = 0;
        foreach (var record in _byKey.Values.OrderByDescending(r => r.Current.State == RunState.Finished).ThenBy(r => r.LastHeard))
        {
            chosen.Add(record);
            tasks += record.Current.Tasks.Count;
            if (chosen.Count == most || (history is not null && tasks >= mostTasks / 3))
            {
                break;
            }
        }

        return chosen;
    }

    private sealed class ByBegin : IComparer<RunRecord>
    {
        public static readonly ByBegin Instance = new();

        public int Compare(RunRecord? x, RunRecord? y)
        {
            var order = MemoryRow.BeginOf(x!.Current).CompareTo(MemoryRow.BeginOf(y!.Current));
            return order != 0 ? order : x.Current.TraceId.CompareTo(y.Current.TraceId);
        }
    }
}
