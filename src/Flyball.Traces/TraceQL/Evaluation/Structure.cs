using System.Diagnostics;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>The structural operators: which spans of the right side stand to one of the left side as the operator says.</summary>
internal static class Structure
{
    public static List<int> Combine(string op, EvaluatedTrace trace, IReadOnlyList<int> left, IReadOnlyList<int> right)
    {
        var isNegated = op[0] == '!';
        var isUnion = op[0] == '&';
        var relation = isNegated || isUnion ? op[1..] : op;
        var holding = Related(relation, trace, [.. left], right);
        if (isNegated)
        {
            return [.. right.Where(r => !holding.Contains(r)).Order()];
        }

        IEnumerable<int> result = holding;
        if (isUnion)
        {
            result = result.Union(Related(Mirror(relation), trace, [.. right], left));
        }

        return [.. result.Order()];
    }

    private static string Mirror(string relation) => relation switch
    {
        ">" => "<",
        "<" => ">",
        ">>" => "<<",
        "<<" => ">>",
        _ => relation,
    };

    private static HashSet<int> Related(string relation, EvaluatedTrace trace, HashSet<int> left, IReadOnlyList<int> right)
    {
        switch (relation)
        {
            case ">":
                return [.. right.Where(r => left.Contains(trace.ParentOf(r)))];
            case "<":
                var parents = left.Select(trace.ParentOf).ToHashSet();
                return [.. right.Where(parents.Contains)];
            case ">>":
                var below = new Descent(trace, left);
                return [.. right.Where(below.IsBelow)];
            case "<<":
                var above = AncestorsOf(trace, left);
                return [.. right.Where(above.Contains)];
            case "~":
                return Siblings(trace, left, right);
            default:
                throw new UnreachableException();
        }
    }

    private static HashSet<int> AncestorsOf(EvaluatedTrace trace, HashSet<int> spans)
    {
        var above = new HashSet<int>();
        foreach (var span in spans)
        {
            for (var parent = trace.ParentOf(span); parent >= 0 && above.Add(parent); parent = trace.ParentOf(parent))
            {
            }
        }

        return above;
    }

    private static HashSet<int> Siblings(EvaluatedTrace trace, HashSet<int> left, IReadOnlyList<int> right)
    {
        var counts = new Dictionary<ulong, int>();
        foreach (var span in left)
        {
            if (trace.ParentIdOf(span) is var parent and not 0)
            {
                counts[parent] = counts.GetValueOrDefault(parent) + 1;
            }
        }

        // A span is not its own sibling: it must not be the only one counted.
        return [.. right.Where(r => trace.ParentIdOf(r) != 0 && counts.GetValueOrDefault(trace.ParentIdOf(r)) > (left.Contains(r) ? 1 : 0))];
    }

    /// <summary>Remembers for every span passed whether one of a set lies above it.</summary>
    private sealed class Descent(EvaluatedTrace trace, HashSet<int> tops)
    {
        private readonly Dictionary<int, bool> _known = [];

        public bool IsBelow(int span)
        {
            var path = new List<int>();
            var answer = false;
            for (var at = span; at >= 0; at = trace.ParentOf(at))
            {
                if (_known.TryGetValue(at, out var known))
                {
                    answer = known;
                    break;
                }

                // A circle of parents ends where it began: no top is above it.
                _known[at] = false;
                path.Add(at);
                if (trace.ParentOf(at) is var parent and >= 0 && tops.Contains(parent))
                {
                    answer = true;
                    break;
                }
            }

            path.ForEach(p => _known[p] = answer);
            return answer;
        }
    }
}
