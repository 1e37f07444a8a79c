using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>What a query says in <c>with(…)</c> about how it wants to be answered. Tempo documentation, "TraceQL".</summary>
/// <remarks>Answers are exact whatever the sampling hints say, and newest first always: only <c>exemplars</c> changes anything.</remarks>
internal sealed class Hints(IReadOnlyDictionary<string, Value> values)
{
    public static readonly Hints None = new(new Dictionary<string, Value>());

    private const string ExemplarsName = "exemplars";

    /// <summary>The most exemplars wanted: none for <c>false</c>, <paramref name="standard"/> unless a number is given.</summary>
    public int Exemplars(int standard) => !values.TryGetValue(ExemplarsName, out var value) ? standard
        : value.Kind == ValueKind.Boolean ? (value.IsTrue ? Math.Max(standard, 1) : 0)
        : (int)Math.Clamp(value.Number, 0, int.MaxValue);

    /// <summary>Checks a hint that means something here.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? Check(string name, Value value) =>
        name == ExemplarsName && value.Kind is not (ValueKind.Boolean or ValueKind.Integer or ValueKind.Float)
            ? "exemplars is true, false or a number" : null;
}
