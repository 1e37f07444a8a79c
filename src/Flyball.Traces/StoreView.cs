using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces;

/// <summary>All spans as they are at one moment. Dispose it: it pins segments. One query at a time.</summary>
internal sealed class StoreView(SpanPage[] pages, Segment[] segments) : IDisposable
{
    // Traces found one after the other lie in the same few pages.
    private const int KeptPages = 32;

    // A scan over memory for one trace costs about as much as a tenth of indexing all of it.
    private const int ScansBeforeIndex = 8;

    private readonly Dictionary<(Segment, int), LinkedListNode<((Segment, int) Key, SpanPage Page)>> _kept = [];
    private readonly LinkedList<((Segment, int) Key, SpanPage Page)> _byUse = new();
    private Dictionary<TraceId, List<(SpanPage Page, int Row)>>? _index;
    private int _scans;

    /// <summary>Pages in memory, in order of arrival.</summary>
    public SpanPage[] Pages => pages;

    /// <summary>Segments, held.</summary>
    public Segment[] Segments => segments;

    /// <summary>Bytes of pages decoded so far, as they lie on disk.</summary>
    public long InspectedBytes { get; private set; }

    /// <summary>Reads a page of a segment, or takes it from the few that were read last.</summary>
    public SpanPage LoadPage(Segment segment, int page)
    {
        if (_kept.TryGetValue((segment, page), out var node))
        {
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Page;
        }

        var loaded = segment.ReadPage(page);
        InspectedBytes += segment.Footer.Pages[page].Section.Length;
        _kept[(segment, page)] = _byUse.AddFirst(((segment, page), loaded));
        if (_byUse.Count > KeptPages)
        {
            _kept.Remove(_byUse.Last!.Value.Key);
            _byUse.RemoveLast();
        }

        return loaded;
    }

    /// <summary>Reads some columns of a page of a segment; the whole page when that is at hand.</summary>
    public SpanPage LoadPage(Segment segment, int page, ColumnChoice choice)
    {
        if (choice == ColumnChoice.All || _kept.ContainsKey((segment, page)))
        {
            return LoadPage(segment, page);
        }

        InspectedBytes += segment.Footer.Pages[page].Section.Length;
        return segment.ReadPage(page, choice);
    }

    /// <summary>The rows of a trace in memory, in order of arrival.</summary>
    public IEnumerable<(SpanPage Page, int Row)> InMemory(TraceId id)
    {
        if (_index is null && ++_scans > ScansBeforeIndex)
        {
            BuildIndex();
        }

        return _index is null ? Scan(id) : _index.TryGetValue(id, out var rows) ? rows : [];
    }

    public void Dispose()
    {
        foreach (var segment in segments)
        {
            segment.Release();
        }
    }

    private List<(SpanPage Page, int Row)> Scan(TraceId id)
    {
        var rows = new List<(SpanPage, int)>();
        foreach (var page in pages)
        {
            var low = page.TraceLow.Items;
            var at = 0;
            while (low[at..].IndexOf(id.Low) is var next and >= 0)
            {
                at += next;
                if (page.TraceHigh[at] == id.High)
                {
                    rows.Add((page, at));
                }

                at++;
            }
        }

        return rows;
    }

    private void BuildIndex()
    {
        _index = [];
        foreach (var page in pages)
        {
            for (var row = 0; row < page.Count; row++)
            {
                var id = page.TraceOf(row);
                if (!_index.TryGetValue(id, out var rows))
                {
                    _index[id] = rows = [];
                }

                rows.Add((page, row));
            }
        }
    }
}
