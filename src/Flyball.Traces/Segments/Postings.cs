using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces.Segments;

/// <summary>Collects, while pages are written, which strings occur in which page.</summary>
internal sealed class Postings(int strings)
{
    private readonly int[] _seenIn = NewMarks(strings);
    private readonly Column<int> _ids = new();
    private readonly Column<int> _pages = new();
    private int _page;

    /// <summary>Notes every string of a page as occurring in it.</summary>
    public void Add(SpanPage page, int number)
    {
        _page = number;
        Note(page.Name.Items);
        Note(page.StatusMessage.Items);
        Note(page.TraceState.Items);
        Note(page.Events.Name.Items);
        Note(page.Links.TraceState.Items);
        for (var shape = 0; shape < page.Shapes.Count; shape++)
        {
            foreach (var slot in page.Shapes[shape])
            {
                Note(AttributeSets.KeyOf(slot));
            }
        }

        for (var i = 0; i < page.Resources.Count; i++)
        {
            var resource = page.Resources[i];
            Note((int)resource[0]);
            Note(page.Shapes[(int)resource[2]], resource[SpanPage.ResourceHead..]);
        }

        for (var i = 0; i < page.Scopes.Count; i++)
        {
            var scope = page.Scopes[i];
            Note((int)scope[0]);
            Note((int)scope[1]);
            Note((int)scope[2]);
            Note(page.Shapes[(int)scope[4]], scope[SpanPage.ScopeHead..]);
        }

        Note(page.Attributes, page.Shapes);
        Note(page.Events.Attributes, page.Shapes);
        Note(page.Links.Attributes, page.Shapes);
    }

    /// <summary>For each string the differences of its pages; none for a string in more than half of all pages.</summary>
    /// <param name="counts">For each string the number of its differences.</param>
    public ulong[] Build(int pageCount, out ulong[] counts)
    {
        var all = new int[strings];
        foreach (var id in _ids.Items)
        {
            all[id]++;
        }

        counts = new ulong[strings];
        var next = new int[strings];
        var total = 0;
        for (var id = 0; id < strings; id++)
        {
            var isCommon = all[id] * 2 > pageCount;
            counts[id] = isCommon ? 0 : (ulong)all[id];
            next[id] = isCommon ? -1 : total;
            total += (int)counts[id];
        }

        return Differences(total, next);
    }

    private ulong[] Differences(int total, int[] next)
    {
        var differences = new ulong[total];
        var last = new int[strings];
        for (var i = 0; i < _ids.Count; i++)
        {
            var id = _ids[i];
            if (next[id] >= 0)
            {
                differences[next[id]++] = (ulong)(_pages[i] - last[id]);
                last[id] = _pages[i];
            }
        }

        return differences;
    }

    private static int[] NewMarks(int count)
    {
        var marks = new int[count];
        Array.Fill(marks, -1);
        return marks;
    }

    private void Note(AttributeSets sets, SequenceTable shapes)
    {
        for (var row = 0; row < sets.Shapes.Count; row++)
        {
            Note(shapes[sets.Shapes[row]], sets.ValuesOf(row, shapes));
        }
    }

    private void Note(ReadOnlySpan<long> slots, ReadOnlySpan<long> values)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (AttributeSets.KindOf(slots[i]) == AttributeKind.Text)
            {
                Note((int)values[i]);
            }
        }
    }

    private void Note(ReadOnlySpan<int> ids)
    {
        foreach (var id in ids)
        {
            Note(id);
        }
    }

    private void Note(int id)
    {
        if (_seenIn[id] != _page)
        {
            _seenIn[id] = _page;
            _ids.Add(id);
            _pages.Add(_page);
        }
    }
}
