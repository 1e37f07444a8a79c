using System.Buffers.Binary;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Blocks;

/// <summary>Walks the series entries of a block forward, skipping whole groups.</summary>
/// <remarks>Rebuilds the canonical labels of the entry it stands on from what that shares with the one before. Not thread-safe.</remarks>
internal sealed class SeriesWalk(BlockFile file, BlockIndex index)
{
    private readonly ByteWriter _labels = new(512);
    private readonly List<int> _labelEnds = [];
    private readonly List<int> _expectedTimes = [];
    private readonly List<BlockPage> _pages = [];
    private int _next;
    private long _at;
    private long _place;

    /// <summary>Canonical labels of the series it stands on; they die at the next move.</summary>
    public ReadOnlySpan<byte> Labels => _labels.Written;

    /// <summary>Pages of the series it stands on; the list is reused at the next move.</summary>
    public List<BlockPage> Pages => _pages;

    /// <summary>Goes on to a series, which must not lie before the one it stands on.</summary>
    public void MoveTo(int series)
    {
        if (_next == 0 || series / BlockFormat.GroupSize != (_next - 1) / BlockFormat.GroupSize)
        {
            BeginGroup(series / BlockFormat.GroupSize);
        }

        while (_next <= series)
        {
            ReadEntry();
        }
    }

    private void BeginGroup(int group)
    {
        var entry = file.Slice(BlockSection.Groups, group * (long)BlockFormat.GroupEntrySize, BlockFormat.GroupEntrySize);
        _at = BinaryPrimitives.ReadUInt32LittleEndian(entry);
        _place = BinaryPrimitives.ReadInt64LittleEndian(entry[4..]);
        _next = group * BlockFormat.GroupSize;
        _expectedTimes.Clear();
        _labels.Clear();
        _labelEnds.Clear();
    }

    private void ReadEntry()
    {
        var window = (int)Math.Min(1 << 20, file.SizeOf(BlockSection.Series) - _at);
        var from = new ByteReader(file.Slice(BlockSection.Series, _at, window));
        ReadLabels(ref from);
        ReadPages(ref from);
        _at += from.Position;
        _next++;
    }

    private void ReadLabels(ref ByteReader from)
    {
        var shared = from.ReadCount();
        if (shared > _labelEnds.Count)
        {
            throw new InvalidDataException("a series shares more labels than the one before has");
        }

        _labels.Truncate(shared == 0 ? 0 : _labelEnds[shared - 1]);
        _labelEnds.RemoveRange(shared, _labelEnds.Count - shared);
        for (var own = from.ReadCount(); own > 0; own--)
        {
            _labels.WriteText(index.Symbol(from.ReadCount()));
            _labels.WriteText(index.Symbol(from.ReadCount()));
            _labelEnds.Add(_labels.Length);
        }
    }

    private void ReadPages(ref ByteReader from)
    {
        _pages.Clear();
        var count = from.ReadCount();
        for (var page = 0; page < count; page++)
        {
            var head = from.ReadUvarint();
            var difference = head >> 2;
            var expected = page < _expectedTimes.Count ? _expectedTimes[page] : page > 0 ? _pages[page - 1].Time + 1 : 0;
            var time = (int)(expected + ((long)(difference >> 1) ^ -(long)(difference & 1)));
            var length = from.ReadCount();
            _pages.Add(new BlockPage(time, _place, length, (byte)(head & 3)));
            _place += length;
            if (page < _expectedTimes.Count)
            {
                _expectedTimes[page] = time;
            }
            else
            {
                _expectedTimes.Add(time);
            }
        }
    }
}
