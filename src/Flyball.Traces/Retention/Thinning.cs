using Flyball.Traces.Pages;
using Flyball.Traces.Segments;
using Flyball.Traces.Strings;
using Flyball.Traces.TraceQL.Evaluation;

namespace Flyball.Traces.Retention;

/// <summary>Copies out of a segment the traces that outlive a border, into pages with strings of their own.</summary>
/// <remarks>Copied, not only left out of a merge: the dictionary must forget the texts of the traces that go, it is half of the bytes.</remarks>
internal sealed class Thinning(StoreView view, Segment segment, RetentionPolicy policy, ulong border)
{
    private readonly List<SpanPage> _kept = [];
    private readonly Dictionary<int, int> _map = [];
    private StringTable _strings = new();

    /// <summary>The pages; none when nothing outlives the border.</summary>
    public List<SpanPage> Run(CancellationToken cancellationToken)
    {
        for (var ordinal = 0; ordinal < segment.Footer.Traces; ordinal++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (id, firstRow, untilRow) = segment.TraceAt(ordinal);
            if (policy.Outlives(new EvaluatedTrace(id, TraceRows.Read(view, id).Items), border))
            {
                Copy(firstRow, untilRow);
            }
        }

        return _kept;
    }

    private void Copy(int firstRow, int untilRow)
    {
        for (var number = segment.PageOf(firstRow); number <= segment.PageOf(untilRow - 1); number++)
        {
            if (_kept.Count == 0 || _kept[^1].Count >= SegmentFormat.PageRows)
            {
                _strings = new StringTable();
                _map.Clear();
                _kept.Add(new SpanPage(_strings));
            }

            var page = view.LoadPage(segment, number);
            var first = segment.Footer.Pages[number].FirstRow;
            var copier = new PageCopier<Translation>(page, new Translation(this));
            for (var row = Math.Max(0, firstRow - first); row < Math.Min(page.Count, untilRow - first); row++)
            {
                copier.Copy(row, _kept[^1]);
            }
        }
    }

    private int Translate(int id)
    {
        if (id == 0)
        {
            return 0;
        }

        if (!_map.TryGetValue(id, out var translated))
        {
            _map[id] = translated = _strings.Intern(segment[id]);
        }

        return translated;
    }

    private readonly struct Translation(Thinning thinning) : IStringMap
    {
        public int this[long id] => thinning.Translate((int)id);
    }
}
