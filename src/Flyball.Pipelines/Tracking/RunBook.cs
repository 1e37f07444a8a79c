using Flyball.Model.Runs;
using Flyball.Model.Spans;

namespace Flyball.Pipelines.Tracking;

/// <summary>The runs in memory: found by key, by trace, or newest first. Bounded.</summary>
/// <remarks>Safe from many threads. Merging holds the lock; what it hands out is immutable.</remarks>
internal sealed class RunBook(int mostRuns)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<RunKey, RunRecord> _byKey = [];
    private readonly Dictionary<TraceId, RunRecord> _byTrace = [];

    // Kept in order: sorting all runs again for every query that follows a change would cost more than the query.
    private readonly List<RunRecord> _oldestFirst = [];
    private PipelineRun[]? _newestFirst;

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

    /// <summary>Merges a fact and tells, still under the lock and so in order, if it changed its run.</summary>
    public void Merge(RunFact fact, Action<PipelineRun?, PipelineRun>? onChange)
    {
        lock (_gate)
        {
            var isNew = !_byKey.TryGetValue(fact.Run, out var record);
            if (isNew)
            {
                MakeRoom();
                record = new RunRecord(fact.Run, fact.ReceivedAt);
                _byKey[fact.Run] = record;
            }

            var before = isNew ? null : record!.Current;
            var place = isNew ? -1 : _oldestFirst.BinarySearch(record!, ByBegin.Instance);
            if (!record!.Merge(fact) && !isNew)
            {
                return;
            }

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

    /// <summary>All runs, newest first; the array is never changed.</summary>
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

    /// <summary>What runs are ordered by: when they were triggered, as far as known.</summary>
    public static ulong BeginOf(PipelineRun run) => (run.CreatedAt ?? run.StartedAt ?? run.FirstHeardAt).Value;

    private void KeepOrder(RunRecord record, int place, PipelineRun? before)
    {
        if (before is not null && BeginOf(before) == BeginOf(record.Current) && before.TraceId == record.Current.TraceId)
        {
            return;
        }

        if (place >= 0)
        {
            _oldestFirst.RemoveAt(place);
        }

        _oldestFirst.Insert(~_oldestFirst.BinarySearch(record, ByBegin.Instance), record);
    }

    // A tenth at once, so that the search for the oldest is paid once per thousands of runs.
    private void MakeRoom()
    {
        if (_byKey.Count < mostRuns)
        {
            return;
        }

        var oldest = _byKey.Values
            .OrderByDescending(r => r.Current.State == RunState.Finished)
            .ThenBy(r => r.LastHeard)
            .Take(Math.Max(1, mostRuns / 10))
            .ToArray();
        foreach (var record in oldest)
        {
            _byKey.Remove(record.Key);
            _byTrace.Remove(record.Current.TraceId);
            Evicted++;
        }

        var gone = oldest.ToHashSet();
        _oldestFirst.RemoveAll(gone.Contains);
        _newestFirst = null;
    }

    private sealed class ByBegin : IComparer<RunRecord>
    {
        public static readonly ByBegin Instance = new();

        public int Compare(RunRecord? x, RunRecord? y)
        {
            var order = BeginOf(x!.Current).CompareTo(BeginOf(y!.Current));
            return order != 0 ? order : x.Current.TraceId.CompareTo(y.Current.TraceId);
        }
    }
}
