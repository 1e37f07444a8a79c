namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Left and right numbers of a depth-first walk from the roots: what <c>nestedSet…</c> fields show.</summary>
/// <remarks>Spans cut off from every root, because a parent is missing or parents form a circle, have 0 everywhere.</remarks>
internal sealed class NestedSet
{
    private readonly int[] _left;
    private readonly int[] _right;
    private readonly int[] _parent;

    public NestedSet(EvaluatedTrace trace)
    {
        _left = new int[trace.Count];
        _right = new int[trace.Count];
        _parent = new int[trace.Count];
        var children = new List<int>?[trace.Count];
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace.ParentOf(i) is var parent and >= 0)
            {
                (children[parent] ??= []).Add(i);
            }
        }

        var next = 1;
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace.ParentIdOf(i) == 0)
            {
                _parent[i] = -1;
                Walk(i, children, ref next);
            }
        }
    }

    public int LeftOf(int span) => _left[span];

    public int RightOf(int span) => _right[span];

    /// <summary>The parent's left number, -1 for a root, 0 for a span cut off from one.</summary>
    public int ParentOf(int span) => _parent[span];

    // An own stack: a trace may be a chain of a hundred thousand spans.
    private void Walk(int root, List<int>?[] children, ref int next)
    {
        var stack = new Stack<(int Span, int Child)>();
        _left[root] = next++;
        stack.Push((root, 0));
        while (stack.Count > 0)
        {
            var (span, child) = stack.Pop();
            if (children[span] is { } list && child < list.Count)
            {
                stack.Push((span, child + 1));
                _left[list[child]] = next++;
                _parent[list[child]] = _left[span];
                stack.Push((list[child], 0));
            }
            else
            {
                _right[span] = next++;
            }
        }
    }
}
