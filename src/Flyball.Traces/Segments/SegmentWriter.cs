using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Traces.Bytes;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>Writes one segment from pages of the head or of other segments.</summary>
/// <remarks>
/// 1. Merge the dictionaries. 2. Read every page once for identity and times; sort. 3. Copy the rows in their new order into
/// pages of 4096 and write each. 4. Write dictionary with postings, trace table, footer. 5. Sync, rename, sync the folder.
/// A crash before the rename leaves a temporary file that the next start deletes.
/// </remarks>
internal sealed class SegmentWriter : IDisposable
{
    private const int KeptPages = 16;

    private readonly IFile _file;
    private readonly IReadOnlyList<MergeInput> _inputs;
    private readonly int _quality;
    private readonly Thinned? _thinned;
    private readonly ByteWriter _section = new();
    private readonly PageEncoder _encoder = new(thorough: true);
    private readonly StringMerge _strings = new();
    private readonly KeyCollector _keys = new();
    private readonly List<PageEntry> _pages = [];
    private readonly List<NumberRange[]> _numbers = [];
    private readonly List<StringBlockEntry> _blocks = [];
    private List<RowOrder.TraceRun> _traces = [];
    private long _end;

    private SegmentWriter(IFile file, IReadOnlyList<MergeInput> inputs, int quality, Thinned? thinned)
    {
        _thinned = thinned;
        _file = file;
        _inputs = inputs;
        _quality = quality;
    }

    /// <summary>Writes and publishes a segment.</summary>
    /// <param name="inputs">At least one span in all; of duplicates, later inputs win over earlier ones of the same end.</param>
    /// <param name="replaces">Segments whose spans are all among the inputs.</param>
    /// <param name="quality">Of the compression of texts, Brotli's 0 to 11.</param>
    /// <param name="thinned">Which traces are no longer in it, if some were left out for their age.</param>
    /// <exception cref="IOException">It could not be written; nothing was published.</exception>
    public static void Write(
        IFileSystem files,
        string path,
        IReadOnlyList<MergeInput> inputs,
        long[] replaces,
        int quality,
        CancellationToken cancellationToken,
        Thinned? thinned = null)
    {
        var temporary = path + AtomicPublish.TemporarySuffix;
        using (var writer = new SegmentWriter(files.Open(temporary, OpenMode.Truncate), inputs, quality, thinned))
        {
            writer.Run(replaces, cancellationToken);
        }

        files.Rename(temporary, path);
        files.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    public void Dispose() => _file.Dispose();

    private void Run(long[] replaces, CancellationToken cancellationToken)
    {
        Append(SegmentFormat.Magic);

        // 1. Merge the dictionaries.
        foreach (var input in _inputs)
        {
            _strings.Add(input.Strings);
        }

        _strings.Sort();

        // 2. Read every page once; sort.
        using var source = new PageShelf(_inputs, KeptPages);
        var rows = Order(source, cancellationToken);

        // 3. Copy the rows into pages.
        var postings = new Postings(_strings.Count);
        WritePages(rows, source, postings, cancellationToken);

        // 4. Dictionary, trace table, footer.
        WriteStrings(postings);
        var table = WriteTraces();
        WriteFooter(rows.Length, table, replaces);

        // 5. Publishing is the caller's; what is published must be on disk.
        _file.Sync();
    }

    // In a method of its own, so that what sorting needs is gone when pages are written.
    private RowOrder.Place[] Order(PageShelf source, CancellationToken cancellationToken)
    {
        var order = new RowOrder(_inputs.Sum(i => i.Spans));
        for (var page = 0; page < source.Count; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            order.Add(source.LoadIdentity(page), page);
        }

        return order.Sort(out _traces);
    }

    private void WritePages(RowOrder.Place[] rows, PageShelf source, Postings postings, CancellationToken cancellationToken)
    {
        var copiers = new Dictionary<int, PageCopier<ArrayMap>>();
        var trace = 0;
        for (var first = 0; first < rows.Length; first += SegmentFormat.PageRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = rows.AsSpan(first, Math.Min(SegmentFormat.PageRows, rows.Length - first));
            var page = new SpanPage(_strings.Source, part.Length);
            copiers.Clear();
            foreach (ref readonly var row in part)
            {
                if (!copiers.TryGetValue(row.Page, out var copier))
                {
                    copiers[row.Page] = copier = Copier(source, row.Page);
                }

                copier.Copy(row.Index, page);
            }

            while (trace + 1 < _traces.Count && _traces[trace + 1].FirstRow <= first)
            {
                trace++;
            }

            postings.Add(page, _pages.Count);
            _keys.Add(page);
            _numbers.Add(NumberRanges.Of(page));
            _section.Clear();
            _encoder.Write(page, withTraceIds: false, _section);
            _pages.Add(Describe(page, AppendSection(), first, trace));
        }
    }

    private PageCopier<ArrayMap> Copier(PageShelf source, int page) => new(source.Load(page), new ArrayMap(_strings.MapOf(source.InputOf(page))));

    private static PageEntry Describe(SpanPage page, Section section, int firstRow, int firstTrace)
    {
        ulong minStart = ulong.MaxValue, maxStart = 0, maxEnd = 0, maxDuration = 0;
        var hasError = false;
        for (var row = 0; row < page.Count; row++)
        {
            minStart = Math.Min(minStart, page.Start[row]);
            maxStart = Math.Max(maxStart, page.Start[row]);
            maxEnd = Math.Max(maxEnd, page.End[row]);
            maxDuration = Math.Max(maxDuration, page.DurationOf(row));
            hasError |= page.Status[row] == (int)SpanStatus.Error;
        }

        return new PageEntry(
            section, firstRow, page.Count, firstTrace, minStart, maxStart, maxEnd, maxDuration, hasError, HasArrays(page.Shapes));
    }

    private static bool HasArrays(SequenceTable shapes)
    {
        for (var shape = 0; shape < shapes.Count; shape++)
        {
            foreach (var slot in shapes[shape])
            {
                if (AttributeSets.KindOf(slot) == AttributeKind.Array)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private void WriteStrings(Postings postings)
    {
        var pages = postings.Build(_pages.Count, out var counts);
        var texts = new ByteWriter();
        var lengths = new Column<ulong>();
        int firstId = 0, firstPage = 0, pageCount = 0;
        for (var id = 0; id < _strings.Count; id++)
        {
            var text = _strings[id];
            texts.Bytes(text);
            lengths.Add((ulong)text.Length);
            pageCount += (int)counts[id];
            if (texts.Length < SegmentFormat.StringBlockBytes && id + 1 < _strings.Count)
            {
                continue;
            }

            _section.Clear();
            StringBlock.Write(
                lengths.Items, texts.Written, counts.AsSpan(firstId, lengths.Count), pages.AsSpan(firstPage, pageCount), _quality, _section);
            _blocks.Add(new StringBlockEntry(AppendSection(), firstId, lengths.Count, _strings[firstId].ToArray()));
            (firstId, firstPage, pageCount) = (id + 1, firstPage + pageCount, 0);
            texts.Clear();
            lengths.Clear();
        }
    }

    private Section WriteTraces()
    {
        _section.Clear();
        foreach (var trace in _traces)
        {
            trace.Id.Write(_section.Take(TraceId.Size));
        }

        var order = new int[_traces.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            _section.UInt32((uint)_traces[i].FirstRow);
        }

        Array.Sort(order, (a, b) => _traces[a].Id.CompareTo(_traces[b].Id));
        foreach (var ordinal in order)
        {
            _section.UInt32((uint)ordinal);
        }

        return AppendSection();
    }

    private void WriteFooter(int spans, Section table, long[] replaces)
    {
        var footer = new SegmentFooter
        {
            Spans = spans,
            Traces = _traces.Count,
            Strings = _strings.Count,
            MinStart = _pages.Min(p => p.MinStart),
            MaxStart = _pages.Max(p => p.MaxStart),
            MaxEnd = _pages.Max(p => p.MaxEnd),
            TraceTable = table,
            Pages = [.. _pages],
            StringBlocks = [.. _blocks],
            Replaces = replaces,
            Numbers = [.. _numbers],
            Thinned = _thinned,
            Keys = [.. Enumerable.Range(0, KeyCollector.Owners).Select(o => _keys[(AttributeOwner)o].Order().ToArray())],
        };
        _section.Clear();
        footer.Write(_section);
        var section = AppendSection();
        _section.Clear();
        _section.UInt32((uint)section.Length);
        _section.UInt32(section.Checksum);
        _section.Bytes(SegmentFormat.Magic);
        Append(_section.Written);
    }

    private Section AppendSection()
    {
        var section = new Section(_end, _section.Length, Crc32C.Of(_section.Written));
        Append(_section.Written);
        return section;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Write(_end, bytes);
        _end += bytes.Length;
    }
}
