using System.Text;
using Flyball.Metrics.Head;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Status;

/// <summary>Counts the series that came and went, by what the heads still know.</summary>
/// <remarks>
/// A series came when its first sample lies in the window and no earlier head knows it; it ended when it has had no sample for
/// five minutes, as PromQL sees it. What begins with the oldest head is taken to have been there before.
/// </remarks>
internal sealed class Churn
{
    private const long WindowMs = 3_600_000, StaleMs = 300_000;

    private readonly Dictionary<ulong, (string Name, long Created, long Ended)> _byMetric = [];
    private readonly IReadOnlyList<(HeadPart Head, int Series)> _heads;
    private readonly long _newest;
    private readonly long _from;
    private long _created;
    private long _ended;

    private Churn(IReadOnlyList<(HeadPart Head, int Series)> heads)
    {
        _heads = heads;
        _newest = heads.Max(h => h.Head.NewestMs);
        _from = Math.Max(_newest - WindowMs, heads.Min(h => h.Head.OldestMs) + StaleMs);
    }

    /// <summary>Reads heads; needs no lock.</summary>
    /// <param name="heads">With samples, oldest first, each with the number of its series at one moment.</param>
    public static ChurnReport Of(IReadOnlyList<(HeadPart Head, int Series)> heads, int top)
    {
        if (heads.Count == 0)
        {
            return ChurnReport.None;
        }

        var churn = new Churn(heads);
        for (var i = 0; i < heads.Count; i++)
        {
            churn.Count(i);
        }

        var largest = churn._byMetric.Values
            .OrderByDescending(m => m.Created + m.Ended).ThenBy(m => m.Name, StringComparer.Ordinal)
            .Take(top).Select(m => new MetricChurn(m.Name, m.Created, m.Ended));
        return new ChurnReport(Math.Max(0, churn._newest - churn._from), churn._created, churn._ended, [.. largest]);
    }

    private void Count(int place)
    {
        var (head, count) = _heads[place];
        for (var series = 0; series < count; series++)
        {
            ref var state = ref head.Series.State(series);
            var (first, last) = (state.OldestOffset, state.LatestOffset);
            if (first > last)
            {
                continue;
            }

            var labels = head.Series.Labels(series);
            var came = head.StartMs + first >= _from && !IsIn(labels, 0, place);
            var ended = head.StartMs + last >= _from && head.StartMs + last < _newest - StaleMs && !IsIn(labels, place + 1, _heads.Count);
            if (came || ended)
            {
                Note(labels, came, ended);
            }
        }
    }

    private bool IsIn(ReadOnlySpan<byte> labels, int from, int until)
    {
        for (var i = from; i < until; i++)
        {
            if (_heads[i].Head.Series.Find(labels, LabelSet.HashOf(labels)) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    private void Note(ReadOnlySpan<byte> labels, bool came, bool ended)
    {
        ReadOnlySpan<byte> name = default;
        for (var label = new LabelSet.Enumerator(labels); label.MoveNext();)
        {
            if (label.Current.Name.SequenceEqual("__name__"u8))
            {
                name = label.Current.Value;
                break;
            }
        }

        var hash = LabelSet.HashOf(name);
        var entry = _byMetric.TryGetValue(hash, out var known) ? known : (Encoding.UTF8.GetString(name), 0, 0);
        _byMetric[hash] = (entry.Item1, entry.Item2 + (came ? 1 : 0), entry.Item3 + (ended ? 1 : 0));
        _created += came ? 1 : 0;
        _ended += ended ? 1 : 0;
    }
}
