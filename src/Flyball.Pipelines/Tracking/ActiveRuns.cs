using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>How many runs have not ended, by pipeline and state: counted at each change, never by going through all runs.</summary>
/// <remarks>Not thread-safe; <see cref="RunMetrics"/> guards it. Told of every run that comes into memory, changes, or leaves it.</remarks>
internal sealed class ActiveRuns
{
    private readonly Dictionary<RunKey, (ActiveGroup Group, ulong FirstHeard)> _groupOf = [];
    private readonly Dictionary<ActiveGroup, int> _counts = [];
    private readonly PriorityQueue<RunKey, ulong> _byFirstHeard = new();
    private TimestampNs _lostBefore;

    /// <summary>Groups with their numbers; those that had runs once and have none now say 0 until they are forgotten.</summary>
    public IEnumerable<KeyValuePair<ActiveGroup, int>> Counts => _counts;

    /// <summary>Takes note of what a run is now.</summary>
    public void Set(PipelineRun run)
    {
        if (run.State == RunState.Finished || run.FirstHeardAt <= _lostBefore)
        {
            Remove(run.Key);
            return;
        }

        var group = new ActiveGroup(run.Key.System, run.Key.Instance, run.Pipeline, run.State);
        if (_groupOf.TryGetValue(run.Key, out var known))
        {
            if (known.Group == group)
            {
                return;
            }

            _counts[known.Group]--;
        }
        else
        {
            _byFirstHeard.Enqueue(run.Key, run.FirstHeardAt.Value);
        }

        _groupOf[run.Key] = (group, run.FirstHeardAt.Value);
        _counts[group] = _counts.GetValueOrDefault(group) + 1;
    }

    /// <summary>Takes note that a run has left memory.</summary>
    public void Remove(RunKey run)
    {
        if (_groupOf.Remove(run, out var known))
        {
            _counts[known.Group]--;
        }
    }

    /// <summary>Counts no longer what was first heard of at a time or before: nobody will ever tell its end.</summary>
    public void LoseBefore(TimestampNs time)
    {
        _lostBefore = time;
        while (_byFirstHeard.TryPeek(out var run, out var heard) && heard <= time.Value)
        {
            _byFirstHeard.Dequeue();
            Remove(run);
        }

        TrimQueue();
    }

    /// <summary>How many runs first heard of before a time go on, by pipeline, whatever their state; pipelines with runs that go on but none so
    /// old say 0.</summary>
    public Dictionary<ActiveGroup, int> CountOlderThan(TimestampNs time)
    {
        var older = new Dictionary<ActiveGroup, int>();
        foreach (var (group, heard) in _groupOf.Values)
        {
            var pipeline = group with { State = RunState.Pending };
            older[pipeline] = older.GetValueOrDefault(pipeline) + (heard < time.Value ? 1 : 0);
        }

        return older;
    }

    /// <summary>Forgets groups without runs.</summary>
    public void ForgetEmpty()
    {
        foreach (var (group, count) in _counts)
        {
            if (count == 0)
            {
                _counts.Remove(group);
            }
        }
    }

    // Runs that ended leave their place in the queue behind: it is made anew when most of it is such.
    private void TrimQueue()
    {
        if (_byFirstHeard.Count > 1024 && _byFirstHeard.Count > _groupOf.Count * 2)
        {
            var kept = _byFirstHeard.UnorderedItems.Where(i => _groupOf.ContainsKey(i.Element)).DistinctBy(i => i.Element).ToArray();
            _byFirstHeard.Clear();
            _byFirstHeard.EnqueueRange(kept);
        }
    }
}

/// <summary>What runs that have not ended are counted by.</summary>
internal readonly record struct ActiveGroup(string System, string Instance, string Pipeline, RunState State);
