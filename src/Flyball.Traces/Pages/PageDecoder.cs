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

    private const PageParts Early = PageParts.SpanIds | PageParts.Name | PageParts.Kind | PageParts.Status | PageParts.StatusMessage
        | PageParts.Resource | PageParts.Scope | PageParts.Rest;

    private ByteReader _from;
    private readonly SpanPage _page;
    private readonly int _strings;
    private readonly ColumnChoice _choice;
    private ulong[] _scratch;

    private PageDecoder(ReadOnlySpan<byte> bytes, IStringSource strings, ColumnChoice choice)
    {
        _choice = choice;
        _from = new ByteReader(bytes);
        _strings = strings.Count;
        _scratch = [];
        _page = new SpanPage(strings);
    }

    /// <summary>Reads a page.</summary>
    /// <param name="traceIds">Fills in the trace ids of a page that does not carry them; null when it does.</param>
    /// <param name="choice">What is decoded; null for everything.</param>
    public static SpanPage Read(
        ReadOnlySpan<byte> bytes, IStringSource strings, Action<SpanPage, int>? traceIds = null, ColumnChoice? choice = null)
    {
        try
        {
            var decoder = new PageDecoder(bytes, strings, choice ?? ColumnChoice.All);
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

        ReadIds(count);
        ReadTimes(count);
        Text(PageParts.Name, _page.Name, count);
        Narrow(PageParts.Kind, _page.Kind, count);
        Narrow(PageParts.Status, _page.Status, count);
        Text(PageParts.StatusMessage, _page.StatusMessage, count);
        Text(PageParts.Rest, _page.TraceState, count);
        Narrow(PageParts.Rest, _page.Flags, count);
        Narrow(PageParts.Rest, _page.DroppedAttributes, count);
        Narrow(PageParts.Rest, _page.DroppedEvents, count);
        Narrow(PageParts.Rest, _page.DroppedLinks, count);
        Index(PageParts.Resource, _page.Resource, count, _page.Resources.Count);
        Index(PageParts.Scope, _page.Scope, count, _page.Scopes.Count);
        if ((_choice.Parts & ~Early) == PageParts.None)
        {
            // Nothing behind this is wanted: what search asks most often ends here.
            return;
        }

        ReadSets(PageParts.Attributes, _page.Attributes, count);
        if ((_choice.Parts & (PageParts.Events | PageParts.Links)) == PageParts.None)
        {
            return;
        }

        ReadEvents(count);
        ReadLinks(count);
        if (!_from.AtEnd)
        {
            throw new InvalidDataException("something follows the columns of a page");
        }
    }

    private void ReadIds(int count)
    {
        if (_choice.Has(PageParts.SpanIds))
        {
            Wide(_page.SpanId, count);
            ReadParents(count);
            return;
        }

        ColumnCodec.Skip(ref _from, count);
        ColumnCodec.Skip(ref _from, count);
        ColumnCodec.Skip(ref _from, _from.Count(count));
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

        Text(PageParts.Events, events.Name, total);
        Narrow(PageParts.Events, events.Dropped, total);
        ReadSets(PageParts.Events, events.Attributes, total);
    }

    private void ReadLinks(int count)
    {
        var total = ReadCounts(_page.LinkEnds, count);
        var links = _page.Links;
        Wide(links.TraceHigh, total);
        Wide(links.TraceLow, total);
        Wide(links.SpanId, total);
        Text(PageParts.Links, links.TraceState, total);
        Narrow(PageParts.Links, links.Flags, total);
        Narrow(PageParts.Links, links.Dropped, total);
        ReadSets(PageParts.Links, links.Attributes, total);
    }

    private void ReadSets(PageParts part, AttributeSets sets, int count)
    {
        // Events stand before links: where only links are wanted, their attributes are passed over.
        var isWanted = _choice.Has(part);
        Index(part, sets.Shapes, count, _page.Shapes.Count);
        var laneCount = _from.Count(1 << 24);
        var lanes = new Dictionary<long, Lane>(Math.Min(laneCount, 1024));
        for (var i = 0; i < laneCount; i++)
        {
            var slot = (long)_from.Varint();
            var length = _from.Count(1 << 28);
            if (isWanted && (part != PageParts.Attributes || _choice.WantsKey(AttributeSets.KeyOf(slot))))
            {
                lanes.Add(slot, new Lane(ReadLane(slot, length)));
            }
            else
            {
                ColumnCodec.Skip(ref _from, length);
            }
        }

        if (isWanted)
        {
            Distribute(sets, count, lanes, isComplete: part != PageParts.Attributes || _choice.Keys is null);
        }
    }

    private long[] ReadLane(long slot, int length)
    {
        var values = new ulong[length];
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

    // Every row keeps the place of all its values, so that a row is read in one way only; those not wanted are zero.
    private readonly void Distribute(AttributeSets sets, int count, Dictionary<long, Lane> lanes, bool isComplete)
    {
        var lanesOfShape = new (int At, Lane Lane)[]?[_page.Shapes.Count];
        var starts = sets.Starts.Take(count);
        var total = 0;
        for (var row = 0; row < count; row++)
        {
            starts[row] = total;
            total = checked(total + _page.Shapes[sets.Shapes[row]].Length);
        }

        var values = sets.Values.Take(total);
        for (var row = 0; row < count; row++)
        {
            var shape = sets.Shapes[row];
            foreach (var (at, lane) in lanesOfShape[shape] ??= LanesOf(shape, lanes, isComplete))
            {
                values[starts[row] + at] = lane.Values[lane.Next++];
            }
        }
    }

    private readonly (int At, Lane Lane)[] LanesOf(int shape, Dictionary<long, Lane> lanes, bool isComplete)
    {
        var slots = _page.Shapes[shape];
        var found = new List<(int, Lane)>(slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            if (lanes.TryGetValue(slots[i], out var lane))
            {
                found.Add((i, lane));
            }
            else if (isComplete)
            {
                throw new InvalidDataException("a key of a page has no values");
            }
        }

        return [.. found];
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

    private void Narrow(PageParts part, Column<uint> column, int count)
    {
        if (!_choice.Has(part))
        {
            ColumnCodec.Skip(ref _from, count);
            return;
        }

        var wide = Scratch(count);
        ColumnCodec.Read(ref _from, wide);
        var target = column.Take(count);
        for (var i = 0; i < count; i++)
        {
            target[i] = (uint)wide[i];
        }
    }

    private void Narrow(PageParts part, Column<int> column, int count)
    {
        if (!_choice.Has(part))
        {
            ColumnCodec.Skip(ref _from, count);
            return;
        }

        var wide = Scratch(count);
        ColumnCodec.Read(ref _from, wide);
        var target = column.Take(count);
        for (var i = 0; i < count; i++)
        {
            target[i] = (int)wide[i];
        }
    }

    private void Text(PageParts part, Column<int> column, int count) => Index(part, column, count, _strings);

    private void Index(PageParts part, Column<int> column, int count, int untilExclusive)
    {
        Narrow(part, column, count);
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
