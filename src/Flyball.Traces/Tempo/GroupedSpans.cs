using Flyball.Model.Spans;

namespace Flyball.Traces.Tempo;

/// <summary>The spans of a batch by resource and scope, as OTLP nests them; within a scope in batch order.</summary>
internal static class GroupedSpans
{
    /// <summary>Row numbers per scope per resource.</summary>
    public static IEnumerable<(int Resource, IEnumerable<(int Scope, int[] Spans)> Scopes)> Of(SpanBatch batch)
    {
        var rows = new (int Resource, int Scope, int Span)[batch.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = (batch.Spans[i].Resource, batch.Spans[i].Scope, i);
        }

        return rows.GroupBy(r => r.Resource).Select(r =>
            (r.Key, r.GroupBy(s => s.Scope).Select(s => (s.Key, s.Select(x => x.Span).ToArray()))));
    }
}
