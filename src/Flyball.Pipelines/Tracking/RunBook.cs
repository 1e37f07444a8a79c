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
            if (!record!.Merge(fact) && !isNew)
            {
                return;
            }

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
            return _newestFirst ??= [.. _byKey.Values.Select(r => r.Current)
                .OrderByDescending(BeginOf).ThenByDescending(r => r.TraceId)];
        }
    }

    /// <summary>What runs are ordered by: when they were triggered, as far as known.</summary>
    public static ulong BeginOf(PipelineRun run) => (run.CreatedAt ?? run.StartedAt ?? run.FirstHeardAt).Value;

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
    }
}
