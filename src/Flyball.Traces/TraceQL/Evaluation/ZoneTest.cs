using Flyball.Model.Spans;
using Flyball.Traces.Segments;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Tells from a page's zone map whether any of its spans can meet a condition.</summary>
internal static class ZoneTest
{
    public static bool CanMatch(Expression condition, in PageEntry page) => condition switch
    {
        Binary { Operator: "&&" } and => CanMatch(and.Left, page) && CanMatch(and.Right, page),
        Binary { Operator: "||" } or => CanMatch(or.Left, page) || CanMatch(or.Right, page),
        Binary { Operator: "=", Left: IntrinsicField { Intrinsic: Intrinsic.Status }, Right: Literal { Value: { Kind: ValueKind.Status } status } } =>
            status.Bits != (long)SpanStatus.Error || page.HasError,
        Binary { Operator: ">" or ">=" or "=", Left: IntrinsicField { Intrinsic: Intrinsic.Duration }, Right: Literal { Value.IsNumber: true } bound } longer =>
            Operators.Compare(longer.Operator == ">" ? ">" : ">=", Value.OfDuration((long)Math.Min(page.MaxDuration, long.MaxValue)), bound.Value),
        _ => true,
    };
}
