using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>Puts the rows of many pages in the order of a segment, each span once.</summary>
/// <remarks>Traces by their first start, spans of a trace by start. Of several rows with the same trace id, span id and kind
/// the one with the latest end stays, and of equal ends the one that came last (decision 0301).</remarks>
internal sealed class RowOrder(int capacity)
{
    private readonly Dictionary<TraceId, int> _ordinals = [];
    private readonly List<ulong> _firstStarts = [];
    private readonly List<int> _counts = [];
    private readonly Column<Row> _rows = new(capacity);

    /// <summary>Where a row of the result lies.</summary>
    public readonly record struct Place(int Page, int Index);

    private readonly record struct Row(int Trace, int Kind, int Page, int Index, ulong SpanId, ulong Start, ulong End);

    /// <summary>A trace in the result.</summary>
    public readonly record struct TraceRun(TraceId Id, int FirstRow);

    /// <summary>Notes the rows of a page.</summary>
    public void Add(SpanPage page, int pageNumber)
    {
        for (var row = 0; row < page.Count; row++)
        {
            var trace = row > 0 && page.TraceLow[row] == page.TraceLow[row - 1] && page.TraceHigh[row] == page.TraceHigh[row - 1]
                ? _rows[_rows.Count - 1].Trace
                : OrdinalOf(page.TraceOf(row));
            _firstStarts[trace] = Math.Min(_firstStarts[trace], page.Start[row]);
            _counts[trace]++;
            _rows.Add(new Row(trace, page.Kind[row], pageNumber, row, page.SpanId[row], page.Start[row], page.End[row]));
        }
    }

    private int OrdinalOf(TraceId id)
    {
        if (!_ordinals.TryGetValue(id, out var trace))
        {
            _ordinals[id] = trace = _firstStarts.Count;
            _firstStarts.Add(ulong.MaxValue);
            _counts.Add(0);
        }

        return trace;
    }

    /// <summary>The rows in their final order.</summary>
    public Place[] Sort(out List<TraceRun> traces)
    {
        var ids = new TraceId[_ordinals.Count];
        foreach (var (id, ordinal) in _ordinals)
        {
            ids[ordinal] = id;
        }

        var order = new int[ids.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) => _firstStarts[a] != _firstStarts[b] ? _firstStarts[a].CompareTo(_firstStarts[b]) : ids[a].CompareTo(ids[b]));
        return Compact(Scatter(order), order, ids, out traces);
    }

    // One pass that puts the rows of each trace together; a comparison sort over all rows would cost ten times as much. Numbers of rows
    // instead of rows: of a large merge there would be no place for all of them twice.
    private int[] Scatter(int[] order)
    {
        var next = new int[order.Length];
        var at = 0;
        foreach (var trace in order)
        {
            next[trace] = at;
            at += _counts[trace];
        }

        var sorted = new int[_rows.Count];
        for (var row = 0; row < sorted.Length; row++)
        {
            sorted[next[_rows[row].Trace]++] = row;
        }

        return sorted;
    }

    private Place[] Compact(int[] sorted, int[] order, TraceId[] ids, out List<TraceRun> traces)
    {
        traces = new List<TraceRun>(order.Length);
        var scratch = new Row[_counts.Count == 0 ? 0 : _counts.Max()];
        var places = new Place[sorted.Length];
        int read = 0, write = 0;
        foreach (var trace in order)
        {
            var rows = scratch.AsSpan(0, _counts[trace]);
            foreach (ref var row in rows)
            {
                row = _rows[sorted[read++]];
            }

            traces.Add(new TraceRun(ids[trace], write));
            var kept = RemoveDuplicates(rows);
            kept.Sort(ByStart);
            foreach (ref readonly var row in kept)
            {
                places[write++] = new Place(row.Page, row.Index);
            }
        }

        return write == places.Length ? places : places[..write];
    }

    private static Span<Row> RemoveDuplicates(Span<Row> rows)
    {
        rows.Sort(ByIdentity);
        var kept = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            if (kept == 0 || rows[kept - 1].SpanId != rows[i].SpanId || rows[kept - 1].Kind != rows[i].Kind)
            {
                rows[kept++] = rows[i];
            }
        }

        return rows[..kept];
    }

    private static int ByIdentity(Row a, Row b)
    {
        var order = a.SpanId.CompareTo(b.SpanId);
        order = order != 0 ? order : a.Kind.CompareTo(b.Kind);
        order = order != 0 ? order : b.End.CompareTo(a.End);
        order = order != 0 ? order : b.Page.CompareTo(a.Page);
        return order != 0 ? order : b.Index.CompareTo(a.Index);
    }

    private static int ByStart(Row a, Row b)
    {
        var order = a.Start.CompareTo(b.Start);
        order = order != 0 ? order : a.SpanId.CompareTo(b.SpanId);
        return order != 0 ? order : a.Kind.CompareTo(b.Kind);
    }
}
