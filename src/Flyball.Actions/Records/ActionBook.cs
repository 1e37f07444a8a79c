using Flyball.Model.Journaling;
using Flyball.Model.Time;

namespace Flyball.Actions.Records;

/// <summary>What the journal says about actions, folded: who did what when, what is still open, what each policy has used up.</summary>
/// <remarks>
/// Entries are applied in order, each once; nothing else changes it, so after a restart it is what it was. Bounded: of old records only
/// what cooldowns and limits need is kept. Safe from many threads.
/// </remarks>
internal sealed class ActionBook
{
    private const int MostRecords = 10_000;
    private const int MostAllowances = 1000;
    private const int MostGroups = 20_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, ActionRecord> _records = [];
    private readonly LinkedList<string> _order = [];
    private readonly Dictionary<(string Policy, string Group), TimestampMs> _lastAllowed = [];
    private readonly Dictionary<string, Queue<TimestampMs>> _allowances = [];
    private readonly Dictionary<string, TimestampMs> _lastDecisions = [];

    /// <summary>Position of the next entry to apply: the state is that of the journal up to here.</summary>
    public long Position { get; private set; }

    /// <summary>Applies an entry.</summary>
    /// <returns>The record it changed, or null.</returns>
    public ActionRecord? Apply(JournalEntry entry)
    {
        lock (_gate)
        {
            if (entry.Position < Position)
            {
                return null;
            }

            Position = entry.Position + 1;
            _records.TryGetValue(entry.Draft.Subject, out var before);
            if (ActionEntries.Apply(entry, before) is not { } after)
            {
                return null;
            }

            if (entry.Draft.Kind is ActionEntries.Allowed or ActionEntries.DryRun or ActionEntries.Refused)
            {
                NoteDecision(after, entry.At);
            }

            _records[after.Id] = after;
            return after;
        }
    }

    /// <summary>A record by its id; null if there is none (any more).</summary>
    public ActionRecord? Find(string id)
    {
        lock (_gate)
        {
            return _records.GetValueOrDefault(id);
        }
    }

    /// <summary>Records, newest first; a copy.</summary>
    public IReadOnlyList<ActionRecord> NewestFirst()
    {
        lock (_gate)
        {
            return [.. _order.Select(id => _records[id])];
        }
    }

    /// <summary>What was allowed last for a group of a policy; null if nothing was.</summary>
    public TimestampMs? LastAllowed(string policy, string group)
    {
        lock (_gate)
        {
            return _lastAllowed.TryGetValue((policy, group), out var at) ? at : null;
        }
    }

    /// <summary>How many actions of a policy were allowed after a point in time, and when the oldest of them was.</summary>
    public (int Count, TimestampMs Oldest) AllowedSince(string policy, TimestampMs after)
    {
        lock (_gate)
        {
            var times = _allowances.TryGetValue(policy, out var all) ? all.Where(t => t > after).ToArray() : [];
            return (times.Length, times.Length > 0 ? times[0] : default);
        }
    }

    /// <summary>When a policy decided last; null if never.</summary>
    public TimestampMs? LastDecision(string policy)
    {
        lock (_gate)
        {
            return _lastDecisions.TryGetValue(policy, out var at) ? at : null;
        }
    }

    private void NoteDecision(ActionRecord record, TimestampMs at)
    {
        _lastDecisions[record.Policy] = at;
        if (!_records.ContainsKey(record.Id))
        {
            _order.AddFirst(record.Id);
            Forget();
        }

        // What a dry run would have done uses up what doing it would: else it would show more than can happen.
        if (record.Status == ActionStatus.Refused)
        {
            return;
        }

        if (_lastAllowed.Count >= MostGroups)
        {
            foreach (var old in _lastAllowed.OrderBy(g => g.Value.Value).Take(MostGroups / 10).ToArray())
            {
                _lastAllowed.Remove(old.Key);
            }
        }

        _lastAllowed[(record.Policy, record.Group)] = at;
        if (!_allowances.TryGetValue(record.Policy, out var times))
        {
            _allowances[record.Policy] = times = new Queue<TimestampMs>();
        }

        times.Enqueue(at);
        if (times.Count > MostAllowances)
        {
            times.Dequeue();
        }
    }

    private void Forget()
    {
        for (var node = _order.Last; node is not null && _order.Count > MostRecords;)
        {
            var earlier = node.Previous;
            if (!_records.TryGetValue(node.Value, out var record) || !record.IsOpen)
            {
                _records.Remove(node.Value);
                _order.Remove(node);
            }

            node = earlier;
        }
    }
}
