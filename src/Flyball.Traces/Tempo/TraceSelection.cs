using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;

namespace Flyball.Traces.Tempo;

/// <summary>Chooses of a trace the spans that match a filter, with their relatives (Tempo documentation, "HTTP API").</summary>
internal static class TraceSelection
{
    private static readonly Intrinsic[] OfTheTrace = [Intrinsic.TraceDuration, Intrinsic.RootName, Intrinsic.RootService, Intrinsic.TraceId];

    /// <summary>Reads the filter.</summary>
    /// <exception cref="TraceQLException">It is more than one span filter, or asks about the trace as a whole.</exception>
    public static Node? Compile(string filter)
    {
        if (Parser.Parse(filter) is not SearchQuery { Stages: [SpansetStage { Spanset: SpansetFilter { Condition: var condition } }] })
        {
            throw new TraceQLException("q takes one span filter like { status = error }, no pipeline and no operators between filters");
        }

        if (condition is not null && Fields.Of(condition).Any(f => f is IntrinsicField { Intrinsic: var i } && OfTheTrace.Contains(i)))
        {
            throw new TraceQLException("q filters the spans of one trace: fields of the trace are not allowed in it");
        }

        return condition is null ? null : new Compiler().Compile(condition);
    }

    /// <summary>The numbers of the chosen rows, rising.</summary>
    public static List<int> Choose(EvaluatedTrace trace, Node? filter, int ancestors, int descendants)
    {
        var chosen = new bool[trace.Count];
        var matches = Enumerable.Range(0, trace.Count).Where(i => filter?.IsTrue(trace[i]) != false).ToList();
        foreach (var match in matches)
        {
            chosen[match] = true;
            var span = trace.ParentOf(match);
            for (var left = ancestors; span >= 0 && left != 0 && !(chosen[span] && ancestors < 0); left--)
            {
                chosen[span] = true;
                span = trace.ParentOf(span);
            }
        }

        if (descendants != 0)
        {
            AddDescendants(trace, matches, descendants, chosen);
        }

        return [.. Enumerable.Range(0, trace.Count).Where(i => chosen[i])];
    }

    // Level by level, each span at its least distance from a match, so a circle of parents ends.
    private static void AddDescendants(EvaluatedTrace trace, List<int> matches, int depth, bool[] chosen)
    {
        var children = Enumerable.Range(0, trace.Count).Where(i => trace.ParentOf(i) >= 0).ToLookup(trace.ParentOf);
        var seen = new HashSet<int>(matches);
        var level = matches;
        while (level.Count > 0 && depth-- != 0)
        {
            level = [.. level.SelectMany(s => children[s]).Where(seen.Add)];
            level.ForEach(s => chosen[s] = true);
        }
    }
}
