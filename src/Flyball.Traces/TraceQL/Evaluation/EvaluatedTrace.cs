using Flyball.Model.Spans;
using Flyball.Traces.Pages;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>A whole trace while a query looks at it: its spans by number, and who is whose parent.</summary>
internal sealed class EvaluatedTrace
{
    private readonly IReadOnlyList<TraceRows.Row> _rows;
    private int[]? _parents;
    private int[]? _childCounts;
    private NestedSet? _nested;

    public EvaluatedTrace(TraceId id, IReadOnlyList<TraceRows.Row> rows)
    {
        Id = id;
        _rows = rows;
        Root = IndexOfRoot();
    }

    public TraceId Id { get; }

    public int Count => _rows.Count;

    /// <summary>The span without parent, the earliest of several; -1 while none has come.</summary>
    public int Root { get; }

    public ulong Start => _rows[0].Start;

    /// <summary>From the first start to the last end, nanoseconds.</summary>
    public ulong Duration => _rows.Max(r => Math.Max(r.End, r.Start)) - Start;

    public SpanContext this[int span] => new(_rows[span].Page, _rows[span].Index, this, span);

    /// <summary>The number of a span's parent; -1 when it has none or it is not here.</summary>
    public int ParentOf(int span) => (_parents ??= FindParents())[span];

    /// <summary>The parent's id, whether it is here or not; 0 for a root.</summary>
    public ulong ParentIdOf(int span) => _rows[span].Page.ParentId[_rows[span].Index];

    /// <summary>Direct children of a span.</summary>
    public int ChildCountOf(int span)
    {
        if (_childCounts is null)
        {
            _childCounts = new int[Count];
            for (var i = 0; i < Count; i++)
            {
                if (ParentOf(i) is var parent and >= 0)
                {
                    _childCounts[parent]++;
                }
            }
        }

        return _childCounts[span];
    }

    /// <summary>Positions in a depth-first walk.</summary>
    public NestedSet Nested => _nested ??= new NestedSet(this);

    private int IndexOfRoot()
    {
        for (var i = 0; i < _rows.Count; i++)
        {
            if (_rows[i].Page.ParentId[_rows[i].Index] == 0)
            {
                return i;
            }
        }

        return -1;
    }

    private int[] FindParents()
    {
        // A client and a server span may share an id; the first of them by start stands for both, as parents do elsewhere.
        var byId = new Dictionary<ulong, int>(Count);
        for (var i = 0; i < Count; i++)
        {
            byId.TryAdd(_rows[i].SpanId, i);
        }

        var parents = new int[Count];
        for (var i = 0; i < Count; i++)
        {
            parents[i] = byId.TryGetValue(ParentIdOf(i), out var parent) && parent != i && ParentIdOf(i) != 0 ? parent : -1;
        }

        return parents;
    }
}

/// <summary>A span under evaluation.</summary>
/// <param name="Trace">Null when only the span itself is at hand.</param>
internal readonly record struct SpanContext(SpanPage Page, int Row, EvaluatedTrace? Trace, int Index);
