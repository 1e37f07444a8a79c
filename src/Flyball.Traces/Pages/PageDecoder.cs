using System.Runtime.InteropServices;
using Flyball.Model.Spans;
using Flyball.Traces.Bytes;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Pages;

/// <summary>Reads what a <see cref="PageEncoder"/> wrote. Bytes that are no page are an <see cref="InvalidDataException"/>.</summary>
internal ref struct PageDecoder
{
    /// <summary>Most spans a page can hold: what one request of the largest size can carry, with room.</summary>
    public const int MostSpans = 1 << 24;

    private ByteReader _from;
    private readonly SpanPage _page;
    private readonly int _strings;
    private ulong[] _scratch;

    private PageDecoder(ReadOnlySpan<byte> bytes, IStringSource strings)
    {
        _from = new ByteReader(bytes);
        _strings = strings.Count;
        _scratch = [];
        _page = new SpanPage(strings);
    }

    /// <summary>Reads a page.</summary>
    /// <param name="traceIds">Fills in the trace ids of a page that does not carry them; null when it does.</param>
    public static SpanPage Read(ReadOnlySpan<byte> bytes, IStringSource strings, Action<SpanPage, int>? traceIds = null)
    {
        try
        {
            var decoder = new PageDecoder(bytes, strings);
            decoder.ReadPage(traceIds);
            return decoder._page;
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("the columns of a page contradict one another", e);
        }
    }

    private void ReadPage(Action<SpanPage, int>? traceIds)
    {
        var count = _from.Count(MostSpans);
        ReadSequences(_page.Shapes);
        ReadSequences(_page.Resources);
        ReadSequences(_page.Scopes);
        if (traceIds is null)
        {
            Wide(_page.TraceHigh, count);
            Wide(_page.TraceLow, count);
        }
        else
        {
            traceIds(_page, count);
        }

        Wide(_page.SpanId, count);
        ReadParents(count);
        ReadTimes(count);
        Text(_page.Name, count);
        Narrow(_page.Kind, count);
        Narrow(_page.Status, count);
        Text(_page.StatusMessage, count);
        Text(_page.TraceState, count);
        Narrow(_page.Flags, count);
        Narrow(_page.DroppedAttributes, count);
        Narrow(_page.DroppedEvents, count);
        Narrow(_page.DroppedLinks, count);
        Index(_page.Resource, count, _page.Resources.Count);
        Index(_page.Scope, count, _page.Scopes.Count);
        ReadSets(_page.Attributes, count);
        ReadEvents(count);
        ReadLinks(count);
        if (!_from.AtEnd)
        {
            throw new InvalidDataException("something follows the columns of a page");
        }
    }

    private void ReadParents(int count)
    {
        var codes = Scratch(count);
        ColumnCodec.Read(ref _from, codes);
        var elsewhere = new ulong[_from.Count(count)];
        ColumnCodec.Read(ref _from, elsewhere);
        var next = 0;
        var parents = _page.ParentId.Take(count);
        for (var row = 0; row < count; row++)
        {
            parents[row] = codes[row] switch
            {
                0 => 0,
                1 => elsewhere[next++],
                var code => _page.SpanId[checked((int)(row - ZigZag.Decode(code - 2)))],
            };
        }
    }

    private void ReadTimes(int count)
    {
        var differences = Scratch(count);
        ColumnCodec.Read(ref _from, differences);
        var starts = _page.Start.Take(count);
        ulong before = 0;
        for (var row = 0; row < count; row++)
        {
            before += (ulong)ZigZag.Decode(differences[row]);
            starts[row] = before;
        }

        ColumnCodec.Read(ref _from, differences);
        var ends = _page.End.Take(count);
        for (var row = 0; row < count; row++)
        {
            ends[row] = starts[row] + (ulong)ZigZag.Decode(differences[row]);
        }
    }

    private void ReadEvents(int count)
    {
        var total = ReadCounts(_page.EventEnds, count);
        var events = _page.Events;
        var differences = Scratch(total);
        ColumnCodec.Read(ref _from, differences);
        var times = events.Time.Take(total);
        for (var row = 0; row < count; row++)
        {
            var (from, until) = _page.EventsOf(row);
            for (var i = from; i < until; i++)
            {
                times[i] = _page.Start[row] + (ulong)ZigZag.Decode(differences[i]);
            }
        }

        Text(events.Name, total);
        Narrow(events.Dropped, total);
        ReadSets(events.Attributes, total);
    }

    private void ReadLinks(int count)
    {
        var total = ReadCounts(_page.LinkEnds, count);
        var links = _page.Links;
        Wide(links.TraceHigh, total);
        Wide(links.TraceLow, total);
        Wide(links.SpanId, total);
        Text(links.TraceState, total);
        Narrow(links.Flags, total);
        Narrow(links.Dropped, total);
        ReadSets(links.Attributes, total);
    }

    private void ReadSets(AttributeSets sets, int count)
    {
        Index(sets.Shapes, count, _page.Shapes.Count);
        var laneCount = _from.Count(1 << 24);
        var lanes = new Dictionary<long, Lane>(Math.Min(laneCount, 1024));
        for (var i = 0; i < laneCount; i++)
        {
            var slot = (long)_from.Varint();
            lanes.Add(slot, new Lane(ReadLane(slot)));
        }

        Distribute(sets, count, lanes);
    }

    private long[] ReadLane(long slot)
    {
        var values = new ulong[_from.Count(1 << 28)];
        ColumnCodec.Read(ref _from, values);
        var kind = AttributeSets.KindOf(slot);
        if (kind == AttributeKind.Integer)
        {
            foreach (ref var value in values.AsSpan())
            {
                value = (ulong)ZigZag.Decode(value);
            }
        }
        else if (AttributeSets.IsString(kind))
        {
            foreach (var value in values)
            {
                CheckString(value);
            }
        }

        return MemoryMarshal.Cast<ulong, long>(values).ToArray();
    }

    private readonly void Distribute(AttributeSets sets, int count, Dictionary<long, Lane> lanes)
    {
        var lanesOfShape = new Lane[]?[_page.Shapes.Count];
        var total = 0;
        foreach (var lane in lanes.Values)
        {
            total += lane.Values.Length;
        }

        var values = sets.Values.Take(total);
        var starts = sets.Starts.Take(count);
        var at = 0;
        for (var row = 0; row < count; row++)
        {
            starts[row] = at;
            var shape = sets.Shapes[row];
            foreach (var lane in lanesOfShape[shape] ??= LanesOf(shape, lanes))
            {
                values[at++] = lane.Values[lane.Next++];
            }
        }
    }

    private readonly Lane[] LanesOf(int shape, Dictionary<long, Lane> lanes)
    {
        var slots = _page.Shapes[shape];
        var found = new Lane[slots.Length];
        for (var i = 0; i < slots.Length; i++)
        {
            found[i] = lanes.TryGetValue(slots[i], out var lane)
                ? lane
                : throw new InvalidDataException("a key of a page has no values");
        }

        return found;
    }

    private void ReadSequences(SequenceTable table)
    {
        var lengths = new ulong[_from.Count(MostSpans)];
        ColumnCodec.Read(ref _from, lengths);
        ulong total = 0;
        foreach (var length in lengths)
        {
            total = checked(total + length);
        }

        if (total > 1 << 28)
        {
            throw new InvalidDataException("the sequences of a page are too long");
        }

        var items = new ulong[total];
        ColumnCodec.Read(ref _from, items);
        var at = 0;
        foreach (var length in lengths)
        {
            table.Intern(MemoryMarshal.Cast<ulong, long>(items.AsSpan(at, (int)length)));
            at += (int)length;
        }

        if (table.Count != lengths.Length)
        {
            throw new InvalidDataException("a sequence of a page occurs twice");
        }
    }

    private int ReadCounts(Column<int> ends, int count)
    {
        var counts = Scratch(count);
        ColumnCodec.Read(ref _from, counts);
        var target = ends.Take(count);
        ulong end = 0;
        for (var i = 0; i < count; i++)
        {
            end = checked(end + counts[i]);
            target[i] = checked((int)end);
        }

        return target.IsEmpty ? 0 : target[^1] <= 1 << 28 ? target[^1] : throw new InvalidDataException("a page has too many rows");
    }

    private void Wide(Column<ulong> column, int count) => ColumnCodec.Read(ref _from, column.Take(count));

    private void Narrow(Column<uint> column, int count)
    {
        var wide = Scratch(count);
        ColumnCodec.Read(ref _from, wide);
        var target = column.Take(count);
        for (var i = 0; i < count; i++)
        {
            target[i] = (uint)wide[i];
        }
    }

    private void Narrow(Column<int> column, int count)
    {
        var wide = Scratch(count);
        ColumnCodec.Read(ref _from, wide);
        var target = column.Take(count);
        for (var i = 0; i < count; i++)
        {
            target[i] = (int)wide[i];
        }
    }

    private void Text(Column<int> column, int count) => Index(column, count, _strings);

    private void Index(Column<int> column, int count, int untilExclusive)
    {
        Narrow(column, count);
        foreach (var index in column.Items)
        {
            if ((uint)index >= (uint)untilExclusive)
            {
                throw new InvalidDataException("a page points outside its tables");
            }
        }
    }

    private readonly void CheckString(ulong id)
    {
        if (id >= (ulong)_strings)
        {
            throw new InvalidDataException("a page points outside its strings");
        }
    }

    private Span<ulong> Scratch(int count)
    {
        if (_scratch.Length < count)
        {
            _scratch = new ulong[count];
        }

        return _scratch.AsSpan(0, count);
    }

    private sealed class Lane(long[] values)
    {
        public readonly long[] Values = values;

        public int Next;
    }
}
