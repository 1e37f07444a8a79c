using Flyball.Model.Spans;
using Flyball.Traces.Bytes;

namespace Flyball.Traces.Pages;

/// <summary>Writes a page as columns. Not thread-safe; reuse it, it keeps its scratch memory.</summary>
/// <remarks>
/// <code>
/// spans: uvarint
/// shapes, resources, scopes      sequences: count uvarint, column of lengths, column of items
/// [trace high, trace low]        only where the reader does not know them from a trace table
/// span id
/// parent                         0 none, 1 not in this page (its id follows below), 2 + zigzag(row - row of the parent)
/// parents elsewhere              count uvarint, column of ids
/// start                          zigzag difference to the span before
/// length                         zigzag(end - start)
/// name, kind, status, status message, trace state, flags, dropped attributes, dropped events, dropped links, resource, scope
/// attributes                     <see cref="WriteSets"/>
/// events per span, then: time - start of its span (zigzag), name, dropped, attributes
/// links per span, then: trace high, trace low, span id, trace state, flags, dropped, attributes
/// </code>
/// </remarks>
internal sealed class PageEncoder(bool thorough)
{
    private readonly ParentRows _parents = new();
    private readonly Lanes _lanes = new();
    private ulong[] _scratch = new ulong[4096];

    /// <summary>Appends an encoded page.</summary>
    /// <param name="withTraceIds">Whether the page carries its trace ids itself.</param>
    public void Write(SpanPage page, bool withTraceIds, ByteWriter to)
    {
        to.Varint((ulong)page.Count);
        WriteSequences(page.Shapes, to);
        WriteSequences(page.Resources, to);
        WriteSequences(page.Scopes, to);
        if (withTraceIds)
        {
            Column(page.TraceHigh.Items, to);
            Column(page.TraceLow.Items, to);
        }

        Column(page.SpanId.Items, to);
        WriteParents(page, to);
        WriteTimes(page, to);
        Column(page.Name.Items, to);
        Column(page.Kind.Items, to);
        Column(page.Status.Items, to);
        Column(page.StatusMessage.Items, to);
        Column(page.TraceState.Items, to);
        Column(page.Flags.Items, to);
        Column(page.DroppedAttributes.Items, to);
        Column(page.DroppedEvents.Items, to);
        Column(page.DroppedLinks.Items, to);
        Column(page.Resource.Items, to);
        Column(page.Scope.Items, to);
        WriteSets(page.Attributes, page.Shapes, to);
        WriteEvents(page, to);
        WriteLinks(page, to);
    }

    private void WriteParents(SpanPage page, ByteWriter to)
    {
        _parents.Fill(page);
        var codes = Scratch(page.Count);
        var elsewhere = new Column<ulong>();
        for (var row = 0; row < page.Count; row++)
        {
            var parent = page.ParentId[row];
            if (parent == 0)
            {
                codes[row] = 0;
            }
            else if (_parents.TryFind(page, row, parent, out var parentRow))
            {
                codes[row] = 2 + ZigZag.Encode(row - parentRow);
            }
            else
            {
                codes[row] = 1;
                elsewhere.Add(parent);
            }
        }

        ColumnCodec.Write(codes, to, thorough);
        to.Varint((ulong)elsewhere.Count);
        ColumnCodec.Write(elsewhere.Items, to, thorough);
    }

    private void WriteTimes(SpanPage page, ByteWriter to)
    {
        var differences = Scratch(page.Count);
        ulong before = 0;
        for (var row = 0; row < page.Count; row++)
        {
            differences[row] = ZigZag.Encode((long)(page.Start[row] - before));
            before = page.Start[row];
        }

        ColumnCodec.Write(differences, to, thorough);
        for (var row = 0; row < page.Count; row++)
        {
            differences[row] = ZigZag.Encode((long)(page.End[row] - page.Start[row]));
        }

        ColumnCodec.Write(differences, to, thorough);
    }

    private void WriteEvents(SpanPage page, ByteWriter to)
    {
        WriteCounts(page.EventEnds.Items, to);
        var events = page.Events;
        var differences = Scratch(events.Time.Count);
        for (var row = 0; row < page.Count; row++)
        {
            var (from, until) = page.EventsOf(row);
            for (var i = from; i < until; i++)
            {
                differences[i] = ZigZag.Encode((long)(events.Time[i] - page.Start[row]));
            }
        }

        ColumnCodec.Write(differences, to, thorough);
        Column(events.Name.Items, to);
        Column(events.Dropped.Items, to);
        WriteSets(events.Attributes, page.Shapes, to);
    }

    private void WriteLinks(SpanPage page, ByteWriter to)
    {
        WriteCounts(page.LinkEnds.Items, to);
        var links = page.Links;
        Column(links.TraceHigh.Items, to);
        Column(links.TraceLow.Items, to);
        Column(links.SpanId.Items, to);
        Column(links.TraceState.Items, to);
        Column(links.Flags.Items, to);
        Column(links.Dropped.Items, to);
        WriteSets(links.Attributes, page.Shapes, to);
    }

    // Attributes of one key and kind lie together in a lane, in row order: equal and similar values become neighbours.
    //   shape per row (column)   lanes: uvarint   { key and kind: uvarint, values: uvarint, column of values }*
    private void WriteSets(AttributeSets sets, SequenceTable shapes, ByteWriter to)
    {
        Column(sets.Shapes.Items, to);
        _lanes.Fill(sets, shapes);
        to.Varint((ulong)_lanes.Count);
        for (var lane = 0; lane < _lanes.Count; lane++)
        {
            var slot = _lanes.SlotOf(lane);
            var values = _lanes.ValuesOf(lane);
            to.Varint((ulong)slot);
            to.Varint((ulong)values.Length);
            if (AttributeSets.KindOf(slot) == AttributeKind.Integer)
            {
                SignedColumn(values, to);
            }
            else
            {
                Column(values, to);
            }
        }
    }

    private void WriteSequences(SequenceTable table, ByteWriter to)
    {
        to.Varint((ulong)table.Count);
        var lengths = Scratch(table.Count);
        for (var i = 0; i < table.Count; i++)
        {
            lengths[i] = (ulong)table[i].Length;
        }

        ColumnCodec.Write(lengths, to, thorough);
        Column(table.Items, to);
    }

    private void WriteCounts(ReadOnlySpan<int> ends, ByteWriter to)
    {
        var counts = Scratch(ends.Length);
        for (var i = 0; i < ends.Length; i++)
        {
            counts[i] = (ulong)(ends[i] - (i == 0 ? 0 : ends[i - 1]));
        }

        ColumnCodec.Write(counts, to, thorough);
    }

    private void Column(ReadOnlySpan<ulong> values, ByteWriter to) => ColumnCodec.Write(values, to, thorough);

    private void Column(ReadOnlySpan<long> values, ByteWriter to) =>
        ColumnCodec.Write(System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(values), to, thorough);

    private void Column(ReadOnlySpan<int> values, ByteWriter to) =>
        Column(System.Runtime.InteropServices.MemoryMarshal.Cast<int, uint>(values), to);

    private void Column(ReadOnlySpan<uint> values, ByteWriter to)
    {
        var wide = Scratch(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            wide[i] = values[i];
        }

        ColumnCodec.Write(wide, to, thorough);
    }

    private void SignedColumn(ReadOnlySpan<long> values, ByteWriter to)
    {
        var coded = Scratch(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            coded[i] = ZigZag.Encode(values[i]);
        }

        ColumnCodec.Write(coded, to, thorough);
    }

    private Span<ulong> Scratch(int count)
    {
        if (_scratch.Length < count)
        {
            _scratch = new ulong[Math.Max(count, _scratch.Length * 2)];
        }

        return _scratch.AsSpan(0, count);
    }
}
