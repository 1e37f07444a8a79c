using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Planning;

/// <summary>Whether what an expression yields at a step follows from the samples up to that step alone: then it stays true when the range
/// around the step is another, and when later samples come.</summary>
internal static class Stepwise
{
    public static bool Holds(Node node) => HoldsHere(node) && node.Children.All(Holds);

    private static bool HoldsHere(Node node) => node switch
    {
        // Smoothed edges look at what comes after.
        VectorSelector selector => selector.Edges != EdgeMode.Smoothed && LooksBack(selector.Shift),
        MatrixSelector matrix => matrix.RangeExpression is null,
        Subquery subquery => subquery.RangeExpression is null && subquery.StepExpression is null && LooksBack(subquery.Shift),
        Call call => call.Function.Name is not ("start" or "end" or "range" or "step"),
        _ => true,
    };

    private static bool LooksBack(TimeShift shift) =>
        shift is { AtMs: null, AtBound: QueryBound.None, OffsetExpression: null, OffsetMs: >= 0 };
}
