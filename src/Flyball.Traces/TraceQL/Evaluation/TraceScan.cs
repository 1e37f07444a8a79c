using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Goes through the traces that may answer a query, pages with the newest starts first; each trace once, whole.</summary>
internal sealed class TraceScan
{
    private const int WholeSegment = -1;

    private static readonly Comparer<ulong> NewestFirst = Comparer<ulong>.Create((a, b) => b.CompareTo(a));

    private readonly StoreView _view;
    private readonly Node? _condition;
    private readonly ulong _from;
    private readonly ulong _until;
    private readonly Prefilter _prefilter;
    private readonly PriorityQueue<Unit, ulong> _units = new(NewestFirst);
    private readonly NeededColumns _columns;
    private readonly Dictionary<Segment, ColumnChoice> _choices = [];

    /// <summary>Chooses the pages to look at.</summary>
    /// <param name="from">Nanoseconds; only traces with a span that starts from here on …</param>
    /// <param name="until">… and not after this count.</param>
    public TraceScan(StoreView view, Prefilter prefilter, Compiler compiler, ulong from, ulong until)
    {
        _view = view;
        _prefilter = prefilter;
        _condition = prefilter.Compile(compiler);
        _columns = prefilter.Columns;
        _from = from;
        _until = until;
        foreach (var page in view.Pages)
        {
            var (min, max) = Bounds(page);
            Add(new Unit(page, null, 0, max), min);
        }

        foreach (var segment in view.Segments)
        {
            Add(new Unit(null, segment, WholeSegment, segment.Footer.MaxStart), segment.Footer.MinStart);
        }
    }

    /// <summary>The traces.</summary>
    /// <param name="isEnough">Asked before each page with the newest start in it; true ends the walk; asked again before each trace.</param>
    public IEnumerable<EvaluatedTrace> Traces(Func<ulong, bool> isEnough, CancellationToken cancellationToken)
    {
        var seen = new HashSet<TraceId>();
        while (_units.TryDequeue(out var unit, out _))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (isEnough(unit.MaxStart))
            {
                yield break;
            }

            if (unit.Number == WholeSegment)
            {
                Open(unit.Segment!);
                continue;
            }

            foreach (var (id, start) in Candidates(unit, seen))
            {
                // A trace begins no later than its first span here: what cannot be new enough is not even read.
                cancellationToken.ThrowIfCancellationRequested();
                if (isEnough(start))
                {
                    continue;
                }

                yield return new EvaluatedTrace(id, TraceRows.Read(_view, id).Items);
            }
        }
    }

    private static (ulong Min, ulong Max) Bounds(SpanPage page)
    {
        ulong min = ulong.MaxValue, max = 0;
        foreach (var start in page.Start.Items)
        {
            min = Math.Min(min, start);
            max = Math.Max(max, start);
        }

        return (min, max);
    }

    private void Add(Unit unit, ulong minStart)
    {
        if (unit.MaxStart >= _from && minStart <= _until)
        {
            _units.Enqueue(unit, unit.MaxStart);
        }
    }

    // Only when its turn has come: a query that finds enough in the newest segments asks nothing of the others.
    private void Open(Segment segment)
    {
        foreach (var page in _prefilter.Choose(segment) ?? [])
        {
            var entry = segment.Footer.Pages[page];
            Add(new Unit(null, segment, page, entry.MaxStart), entry.MinStart);
        }
    }

    private List<(TraceId Id, ulong Start)> Candidates(Unit unit, HashSet<TraceId> seen)
    {
        var page = unit.Page ?? LoadColumns(unit.Segment!, unit.Number);
        var found = new Dictionary<TraceId, ulong>();
        for (var row = page.Count - 1; row >= 0; row--)
        {
            var start = page.Start[row];
            if (start < _from || start > _until)
            {
                continue;
            }

            if ((_condition is null || _condition.IsTrue(new SpanContext(page, row, null, -1))) && seen.Add(page.TraceOf(row)))
            {
                found.Add(page.TraceOf(row), start);
            }
        }

        LowerStarts(page, found);
        return [.. found.Select(f => (f.Key, f.Value)).OrderByDescending(f => f.Value)];
    }

    private SpanPage LoadColumns(Segment segment, int page)
    {
        if (!_choices.TryGetValue(segment, out var choice))
        {
            _choices[segment] = choice = _columns.In(segment);
        }

        return _view.LoadPage(segment, page, choice);
    }

    private static void LowerStarts(SpanPage page, Dictionary<TraceId, ulong> found)
    {
        for (var row = 0; found.Count > 0 && row < page.Count; row++)
        {
            ref var start = ref CollectionsMarshal.GetValueRefOrNullRef(found, page.TraceOf(row));
            if (!Unsafe.IsNullRef(ref start))
            {
                start = Math.Min(start, page.Start[row]);
            }
        }
    }

    private readonly record struct Unit(SpanPage? Page, Segment? Segment, int Number, ulong MaxStart);
}
