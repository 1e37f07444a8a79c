using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Adds up the counts of a sender that lives too briefly to do it itself: <c>flyball-step metric</c> is over after one count.</summary>
/// <remarks>
/// Totals are in memory: after a restart they begin at zero, as the counters of any restarted process do. A point that comes twice, because
/// the answer to the first was lost, adds nothing. Safe from many threads.
/// </remarks>
internal sealed class DeltaTotals
{
    /// <summary>More series than this are not begun; their points are refused.</summary>
    public const int MostSeries = 20_000;

    private const int PointsRemembered = 8192;

    private static readonly DurationMs Gap = new(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<LabelSet, (double Total, TimestampMs At)> _totals = [];
    private readonly HashSet<(string Metric, ulong Start, ulong At)> _known = [];
    private readonly Queue<(string Metric, ulong Start, ulong At)> _order = [];

    /// <summary>Whether one more series can be begun.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _totals.Count < MostSeries;
            }
        }
    }

    /// <summary>Notes a point by the interval it counts, in nanoseconds.</summary>
    /// <returns>False if it has been counted already.</returns>
    public bool IsNew(string metric, ulong start, ulong at)
    {
        lock (_gate)
        {
            if (!_known.Add((metric, start, at)))
            {
                return false;
            }

            _order.Enqueue((metric, start, at));
            if (_order.Count > PointsRemembered)
            {
                _known.Remove(_order.Dequeue());
            }

            return true;
        }
    }

    /// <summary>Adds to a series.</summary>
    /// <returns>Its totals before and after, and when: a little after the last one where points of parallel senders overtake each other.</returns>
    public (double Before, double Total, TimestampMs At) Add(LabelSet labels, double delta, TimestampMs at)
    {
        lock (_gate)
        {
            var (before, last) = _totals.TryGetValue(labels, out var known) ? known : (0, TimestampMs.Min);
            at = last == TimestampMs.Min || at >= last + Gap ? at : last + Gap;
            _totals[labels] = (before + delta, at);
            return (before, before + delta, at);
        }
    }
}
