using System.Buffers;
using Flyball.Durable.Files;
using Flyball.Metrics.Blocks;
using Flyball.Metrics.Index;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Reading;

/// <summary>Matching series of a block with the pages that touch the range.</summary>
internal sealed class BlockSelection : ISeriesPart
{
    private readonly Block _block;
    private readonly TimeRange _range;
    private readonly Action<Block, IOException> _damaged;
    private readonly KnownTimes _known = new();
    private readonly List<BlockPage> _pages = [];
    private readonly List<Entry> _entries = [];
    private byte[] _labels = [];
    private int _labelsUsed;
    private int _open = 1;

    private BlockSelection(Block block, TimeRange range, Action<Block, IOException> damaged)
    {
        _block = block;
        _range = range;
        _damaged = damaged;
    }

    public int Count => _entries.Count;

    /// <summary>Opens a block that the caller holds; the selection lets go of it, also when this throws.</summary>
    /// <exception cref="DamagedFileException">Its index is damaged.</exception>
    public static BlockSelection Open(
        Block block, TimeRange range, IReadOnlyList<Matcher> matchers, Action<Block, IOException> damaged, CancellationToken cancellationToken)
    {
        var selection = new BlockSelection(block, range, damaged);
        try
        {
            using var series = Matching.Find(block.Index, block.Index.SeriesCount, matchers, cancellationToken);
            selection.Load(series.ToArray(), cancellationToken);
            return selection;
        }
        catch
        {
            selection.Dispose();
            throw;
        }
    }

    public ReadOnlySpan<byte> Labels(int index)
    {
        var entry = _entries[index];
        return _labels.AsSpan(entry.Labels, entry.LabelsLength);
    }

    public bool Read(int index, SampleColumns to, CancellationToken cancellationToken)
    {
        var entry = _entries[index];
        var before = to.Count;
        try
        {
            for (var page = entry.FirstPage; page < entry.FirstPage + entry.PageCount; page++)
            {
                _block.Read(_pages[page], _range, to, _known);
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            to.Truncate(before);
            _damaged(_block, e as IOException ?? new DamagedFileException(_block.Path, 0, e.Message, e));
        }

        return false;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _open, 0) == 1)
        {
            _block.LetGo();
            if (_labels.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_labels);
            }
        }
    }

    private void Load(int[] series, CancellationToken cancellationToken)
    {
        var walk = _block.Walk();
        var everything = _range.First.Value <= _block.Facts.OldestMs && _range.Last.Value >= _block.Facts.NewestMs;
        for (var i = 0; i < series.Length; i++)
        {
            if ((i & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            walk.MoveTo(series[i]);
            var first = _pages.Count;
            foreach (var page in walk.Pages)
            {
                if (everything || Touches(page))
                {
                    _pages.Add(page);
                }
            }

            if (_pages.Count > first)
            {
                Keep(walk.Labels, first);
            }
        }
    }

    private bool Touches(BlockPage page)
    {
        var (first, last) = _block.SpanOf(page);
        return first <= _range.Last.Value && last >= _range.First.Value;
    }

    private void Keep(ReadOnlySpan<byte> labels, int firstPage)
    {
        if (_labels.Length - _labelsUsed < labels.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_labels.Length * 2, Math.Max(4096, _labelsUsed + labels.Length)));
            _labels.AsSpan(0, _labelsUsed).CopyTo(larger);
            if (_labels.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_labels);
            }

            _labels = larger;
        }

        labels.CopyTo(_labels.AsSpan(_labelsUsed));
        _entries.Add(new Entry(_labelsUsed, labels.Length, firstPage, _pages.Count - firstPage));
        _labelsUsed += labels.Length;
    }

    private readonly record struct Entry(int Labels, int LabelsLength, int FirstPage, int PageCount);
}
