using System.Buffers.Binary;
using Flyball.Metrics.Index;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Blocks;

/// <summary>The label index of a block, read straight from the mapped file.</summary>
internal sealed class BlockIndex(BlockFile file, int seriesCount) : ILabelIndex
{
    private BlockLabelValues[]? _names;

    public int SeriesCount => seriesCount;

    public IReadOnlyList<ILabelValues> Names => LoadedNames;

    private BlockLabelValues[] LoadedNames => _names ??= LoadNames();

    public ILabelValues? Find(ReadOnlySpan<byte> name)
    {
        foreach (var values in LoadedNames)
        {
            if (values.Name.SequenceEqual(name))
            {
                return values;
            }
        }

        return null;
    }

    public ReadOnlySpan<byte> Symbol(int number)
    {
        var begin = number == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(BlockSection.SymbolEnds, (number - 1) * 4L, 4));
        var end = BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(BlockSection.SymbolEnds, number * 4L, 4));
        return file.Slice(BlockSection.Symbols, begin, (int)(end - begin));
    }

    private BlockLabelValues[] LoadNames()
    {
        var table = file.Whole(BlockSection.Names);
        var pairs = (int)(file.SizeOf(BlockSection.Pairs) / BlockFormat.PairEntrySize);
        var names = new BlockLabelValues[table.Length / BlockFormat.NameEntrySize];
        for (var i = names.Length - 1; i >= 0; i--)
        {
            var entry = table[(i * BlockFormat.NameEntrySize)..];
            var first = (int)BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            names[i] = new BlockLabelValues(this, file, (int)BinaryPrimitives.ReadUInt32LittleEndian(entry), first, pairs - first);
            pairs = first;
        }

        return names;
    }
}

/// <summary>The values of one label name in a block, in byte order.</summary>
internal sealed class BlockLabelValues(BlockIndex index, BlockFile file, int nameSymbol, int firstPair, int count) : ILabelValues
{
    private readonly byte[] _name = index.Symbol(nameSymbol).ToArray();

    public ReadOnlySpan<byte> Name => _name;

    public int Count => count;

    public bool IsSorted => true;

    public ReadOnlySpan<byte> Text(int value) => index.Symbol((int)BinaryPrimitives.ReadUInt32LittleEndian(Pair(value)));

    public int Find(ReadOnlySpan<byte> text)
    {
        int from = 0, until = count;
        while (from < until)
        {
            var middle = (from + until) / 2;
            var order = Text(middle).SequenceCompareTo(text);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                from = middle + 1;
            }
            else
            {
                until = middle;
            }
        }

        return -1;
    }

    public int SeriesWith(int value)
    {
        var from = Postings(value);
        return from.ReadCount();
    }

    public void AddSeries(int value, SeriesBits to)
    {
        var from = Postings(value);
        var series = -1;
        for (var left = from.ReadCount(); left > 0;)
        {
            var gap = from.ReadUvarint();
            var run = (gap & 1) != 0 ? from.ReadCount() + 2 : 1;
            for (var i = 0; i < run; i++)
            {
                series += (int)(gap >> 1);
                to.Add(series);
            }

            left -= run;
        }
    }

    private ReadOnlySpan<byte> Pair(int value) =>
        file.Slice(BlockSection.Pairs, (firstPair + value) * (long)BlockFormat.PairEntrySize, BlockFormat.PairEntrySize);

    private ByteReader Postings(int value)
    {
        var place = BinaryPrimitives.ReadUInt32LittleEndian(Pair(value)[4..]);
        var next = (firstPair + value + 1) * (long)BlockFormat.PairEntrySize;
        var end = next < file.SizeOf(BlockSection.Pairs)
            ? BinaryPrimitives.ReadUInt32LittleEndian(file.Slice(BlockSection.Pairs, next + 4, 4))
            : file.SizeOf(BlockSection.Postings);
        return new ByteReader(file.Slice(BlockSection.Postings, place, (int)(end - place)));
    }
}
