using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces;

/// <summary>The spans of one trace, wherever they lie, each once and in order of start.</summary>
internal sealed class TraceRows
{
    private readonly List<Row> _rows = [];

    public readonly record struct Row(SpanPage Page, int Index)
    {
        public ulong SpanId => Page.SpanId[Index];

        public int Kind => Page.Kind[Index];

        public ulong Start => Page.Start[Index];

        public ulong End => Page.End[Index];
    }

    public IReadOnlyList<Row> Items => _rows;

    /// <summary>Reads a trace.</summary>
    /// <exception cref="IOException">A segment is damaged or cannot be read.</exception>
    public static TraceRows Read(StoreView view, TraceId id)
    {
        var trace = new TraceRows();
        foreach (var segment in view.Segments)
        {
            if (segment.TryFindTrace(id, out var from, out var until))
            {
                for (var page = segment.PageOf(from); page <= segment.PageOf(until - 1); page++)
                {
                    var first = segment.Footer.Pages[page].FirstRow;
                    trace.AddRange(view.LoadPage(segment, page), Math.Max(from - first, 0), until - first);
                }
            }
        }

        foreach (var (page, row) in view.InMemory(id))
        {
            trace._rows.Add(new Row(page, row));
        }

        trace.Converge();
        return trace;
    }

    /// <summary>The spans as a batch of their own; null when there are none.</summary>
    public SpanBatch? ToBatch()
    {
        if (_rows.Count == 0)
        {
            return null;
        }

        var batch = new SpanBatch();
        var writer = new PageToBatch(batch);
        foreach (var row in _rows)
        {
            writer.Add(row.Page, row.Index);
        }

        return batch;
    }

    private void AddRange(SpanPage page, int from, int until)
    {
        for (var row = from; row < Math.Min(until, page.Count); row++)
        {
            _rows.Add(new Row(page, row));
        }
    }

    // Of several rows of one span the latest end stays; the sort is stable in order of arrival, so of equal ends the last.
    private void Converge()
    {
        var best = new Dictionary<(ulong, int), Row>(_rows.Count);
        foreach (var row in _rows)
        {
            var key = (row.SpanId, row.Kind);
            if (!best.TryGetValue(key, out var known) || row.End >= known.End)
            {
                best[key] = row;
            }
        }

        _rows.Clear();
        _rows.AddRange(best.Values);
        _rows.Sort((a, b) =>
        {
            var order = a.Start.CompareTo(b.Start);
            order = order != 0 ? order : a.SpanId.CompareTo(b.SpanId);
            return order != 0 ? order : a.Kind.CompareTo(b.Kind);
        });
    }
}
