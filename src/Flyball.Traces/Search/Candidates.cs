using Flyball.Model.Spans;

namespace Flyball.Traces.Search;

/// <summary>The traces with matches found so far; knows from which start on an older page cannot change the newest ones.</summary>
internal sealed class Candidates(int limit)
{
    private readonly Dictionary<TraceId, ulong> _newestMatch = [];
    private readonly PriorityQueue<TraceId, ulong> _newest = new();

    /// <summary>Spans that start before this cannot bring a trace into the answer; 0 while there is room.</summary>
    public ulong Threshold { get; private set; }

    public void Add(TraceId id, ulong start)
    {
        if (_newestMatch.TryGetValue(id, out var known))
        {
            _newestMatch[id] = Math.Max(known, start);
            return;
        }

        if (start < Threshold)
        {
            return;
        }

        _newestMatch[id] = start;
        _newest.Enqueue(id, start);
        if (_newest.Count > limit)
        {
            Evict();
        }
    }

    /// <summary>The newest traces, newest first.</summary>
    public IReadOnlyList<TraceId> Newest() =>
        [.. _newestMatch.OrderByDescending(p => p.Value).ThenBy(p => p.Key).Take(limit).Select(p => p.Key)];

    private void Evict()
    {
        while (_newest.Count > limit)
        {
            var id = _newest.Dequeue();
            if (_newestMatch[id] is var actual && _newest.TryPeek(out _, out var next) && actual > next)
            {
                // A later page raised it after it was queued: back into the queue with its true place.
                _newest.Enqueue(id, actual);
                continue;
            }

            _newestMatch.Remove(id);
        }

        Threshold = _newest.TryPeek(out _, out var least) ? least : 0;
    }
}
