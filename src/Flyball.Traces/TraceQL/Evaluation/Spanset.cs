using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Spans of one trace that a query selected together.</summary>
/// <param name="Spans">Their numbers, rising.</param>
/// <param name="Attributes">What <c>by()</c> and aggregates say about the set.</param>
internal sealed record Spanset(IReadOnlyList<int> Spans, IReadOnlyList<KeyValuePair<string, Value>> Attributes)
{
    public static Spanset Of(IReadOnlyList<int> spans) => new(spans, []);
}
