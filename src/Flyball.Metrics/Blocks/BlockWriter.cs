using System.Numerics;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Blocks;

/// <summary>Writes a block: first all labels, then series after series in label order, then <see cref="Finish"/>.</summary>
/// <remarks>Nothing is visible under the final name before <see cref="Finish"/> returns. Not thread-safe.</remarks>
internal sealed class BlockWriter : IDisposable
{
    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly IFile _file;
    private readonly BlockSink _sink;
    private readonly SymbolSet _symbols = new();
    private readonly TimeColumns _times = new();
    private readonly PostingsWriter _postings = new();
    private readonly ByteWriter _series = new(1 << 16);
    private readonly ByteWriter _groups = new();
    private readonly ByteWriter _column = new();
    private readonly ByteWriter _pages = new();
    private readonly long[] _places = new long[BlockFormat.PartCount + 1];
    private readonly List<int> _expectedTimes = [];
    private byte[] _labelsBefore = [];
    private int _pagesOfSeries;
    private int _timeOfPage;

    public BlockWriter(IFileSystem files, string path, long number)
    {
        _files = files;
        _path = path;
        _file = files.Open(path + AtomicPublish.TemporarySuffix, OpenMode.Truncate);
        _sink = new BlockSink(_file);
        Span<byte> header = stackalloc byte[BlockFormat.HeaderSize];
        BlockFormat.WriteHeader(header, number);
        _sink.Write(header);
        _places[(int)BlockSection.Values] = _sink.Position;
    }

    public int SeriesCount { get; private set; }

    public long SampleCount { get; private set; }

    public long PageCount { get; private set; }

    public long OldestMs { get; private set; } = long.MaxValue;

    public long NewestMs { get; private set; } = long.MinValue;

    /// <summary>First pass: the labels of a series that will be written.</summary>
    public void Announce(ReadOnlySpan<byte> encodedLabels) => _symbols.Add(encodedLabels);

    /// <summary>Ends the first pass.</summary>
    public void BeginSeries() => _symbols.Number();

    /// <summary>Second pass: a series with its samples. One without samples is left out.</summary>
    public void Add(ReadOnlySpan<byte> encodedLabels, SampleColumns samples)
    {
        if (samples.Count == 0)
        {
            return;
        }

        if (SeriesCount % BlockFormat.GroupSize == 0)
        {
            _groups.WriteU32((uint)_series.Length);
            _groups.WriteI64(_sink.Position - _places[(int)BlockSection.Values]);
            _labelsBefore = [];
            _expectedTimes.Clear();
        }

        WriteLabels(encodedLabels);
        _pages.Clear();
        _pagesOfSeries = 0;
        var window = PageWindow(samples);
        for (var from = 0; from < samples.Count;)
        {
            var until = EndOfPage(samples, from, window);
            WritePage(samples, from, until);
            from = until;
        }

        _series.WriteUvarint((ulong)_pagesOfSeries);
        _series.Write(_pages.Written);
        _labelsBefore = encodedLabels.ToArray();
        SeriesCount++;
        SampleCount += samples.Count;
        OldestMs = Math.Min(OldestMs, samples.TimestampsMs[0]);
        NewestMs = Math.Max(NewestMs, samples.TimestampsMs[^1]);
    }

    /// <summary>Publishes the block.</summary>
    /// <returns>Its length in bytes.</returns>
    public long Finish(long startMs, long untilMs, int level, IReadOnlyList<long> heads)
    {
        Section(BlockSection.Series, _series.Written);
        Section(BlockSection.Groups, _groups.Written);
        Section(BlockSection.Times, _times.Columns);
        var scratch = new ByteWriter(1 << 16);
        _times.WriteTable(scratch);
        Section(BlockSection.TimeTable, scratch.Written);
        WriteSymbols(scratch);
        WritePostings(scratch);
        scratch.Clear();
        new BlockFacts
        {
            StartMs = startMs,
            UntilMs = untilMs,
            OldestMs = OldestMs,
            NewestMs = NewestMs,
            SeriesCount = SeriesCount,
            SampleCount = SampleCount,
            PageCount = PageCount,
            Level = level,
            Heads = heads,
        }.Write(scratch);
        Section(BlockSection.Facts, scratch.Written);
        _places[(int)BlockSection.Sums] = _sink.Position;
        _sink.WriteSumsAnd(end =>
        {
            _places[BlockFormat.PartCount] = end;
            var footer = new byte[BlockFormat.FooterSize];
            BlockFormat.WriteFooter(footer, _places);
            return footer;
        });
        _file.Sync();
        var length = _file.Length;
        _file.Dispose();
        AtomicPublish.PublishFile(_files, _path);
        return length;
    }

    public void Dispose() => _file.Dispose();

    // Pages of a long series end at multiples of a power of two, not after so many samples: a series of the same target that
    // missed a scrape ends its pages at the same times, and the two go on sharing time columns behind the gap.
    private static int PageWindow(SampleColumns samples)
    {
        if (samples.Count <= BlockFormat.MostSamplesInPage)
        {
            return 63;
        }

        var interval = (samples.TimestampsMs[^1] - samples.TimestampsMs[0]) / (samples.Count - 1);
        return BitOperations.Log2((ulong)Math.Max(1, interval) * BlockFormat.MostSamplesInPage);
    }

    private static int EndOfPage(SampleColumns samples, int from, int window)
    {
        var most = Math.Min(samples.Count, from + BlockFormat.MostSamplesInPage);
        var times = samples.TimestampsMs;
        var histograms = samples.Histograms;
        var until = from + 1;
        while (until < most
            && times[until] >> window == times[from] >> window
            && times[until] - times[from] <= uint.MaxValue
            && (histograms.IsEmpty || histograms[until] is null == histograms[from] is null))
        {
            until++;
        }

        return until;
    }

    private void Section(BlockSection section, ReadOnlySpan<byte> bytes)
    {
        _places[(int)section] = _sink.Position;
        _sink.Write(bytes);
    }

    private void WriteLabels(ReadOnlySpan<byte> encodedLabels)
    {
        var before = new LabelSet.Enumerator(_labelsBefore);
        var labels = new LabelSet.Enumerator(encodedLabels);
        var shared = 0;
        var total = 0;
        var same = true;
        Span<int> own = stackalloc int[128];
        var symbols = new ValueList<int>(own);
        while (labels.MoveNext())
        {
            var name = _symbols.NumberOf(labels.Current.Name);
            var value = _symbols.NumberOf(labels.Current.Value);
            _postings.Add(name, value, SeriesCount);
            total++;
            same = same && before.MoveNext()
                && before.Current.Name.SequenceEqual(labels.Current.Name) && before.Current.Value.SequenceEqual(labels.Current.Value);
            if (same)
            {
                shared++;
            }
            else
            {
                symbols.Add(name);
                symbols.Add(value);
            }
        }

        _series.WriteUvarint((ulong)shared);
        _series.WriteUvarint((ulong)(total - shared));
        for (var i = 0; i < symbols.Count; i++)
        {
            _series.WriteUvarint((ulong)symbols[i]);
        }
    }

    private void WritePage(SampleColumns samples, int from, int until)
    {
        var histograms = samples.Histograms.IsEmpty || samples.Histograms[from] is null
            ? default
            : samples.Histograms[from..until];
        var starts = samples.StartTimestampsMs.IsEmpty ? default : samples.StartTimestampsMs[from..until];
        if (starts.IndexOfAnyExcept(0) < 0)
        {
            starts = default;
        }

        _column.Clear();
        if (!starts.IsEmpty)
        {
            IntegerColumn.Encode(starts, _column, thorough: true);
        }

        if (histograms.IsEmpty)
        {
            DoubleColumn.Encode(samples.Values[from..until], _column, thorough: true);
        }
        else
        {
            HistogramColumn.Encode(histograms, _column);
        }

        _sink.Write(_column.Written);
        NotePage(
            _times.NumberOf(samples.TimestampsMs[from..until]),
            (histograms.IsEmpty ? 0 : BlockFormat.HistogramKind) | (starts.IsEmpty ? 0 : BlockFormat.StartsKind));
    }

    private void NotePage(int time, int kind)
    {
        var expected = _pagesOfSeries < _expectedTimes.Count ? _expectedTimes[_pagesOfSeries] : _pagesOfSeries > 0 ? _timeOfPage + 1 : 0;
        var difference = (long)time - expected;
        _pages.WriteUvarint(((ulong)((difference << 1) ^ (difference >> 63)) << 2) | (uint)kind);
        _pages.WriteUvarint((ulong)_column.Length);
        if (_pagesOfSeries < _expectedTimes.Count)
        {
            _expectedTimes[_pagesOfSeries] = time;
        }
        else
        {
            _expectedTimes.Add(time);
        }

        _timeOfPage = time;
        _pagesOfSeries++;
        PageCount++;
    }

    private void WriteSymbols(ByteWriter ends)
    {
        _places[(int)BlockSection.Symbols] = _sink.Position;
        ends.Clear();
        var end = 0u;
        foreach (var symbol in _symbols.Sorted)
        {
            _sink.Write(symbol);
            end += (uint)symbol.Length;
            ends.WriteU32(end);
        }

        Section(BlockSection.SymbolEnds, ends.Written);
    }

    private void WritePostings(ByteWriter names)
    {
        names.Clear();
        var pairs = new ByteWriter();
        var postings = new ByteWriter();
        _postings.Write(names, pairs, postings);
        Section(BlockSection.Names, names.Written);
        Section(BlockSection.Pairs, pairs.Written);
        Section(BlockSection.Postings, postings.Written);
    }
}
