using System.Text;
using Flyball.Model.Spans;
using Flyball.Traces.Segments;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Tells from the zone maps of a segment's pages whether any of their spans can meet a condition.</summary>
internal sealed class ZoneTest(Segment segment)
{
    private readonly Dictionary<string, int> _keys = [];

    public bool CanMatch(Expression condition, int page) => condition switch
    {
        Binary { Operator: "&&" } and => CanMatch(and.Left, page) && CanMatch(and.Right, page),
        Binary { Operator: "||" } or => CanMatch(or.Left, page) || CanMatch(or.Right, page),
        Binary { Operator: "=", Left: IntrinsicField { Intrinsic: Intrinsic.Status }, Right: Literal { Value: { Kind: ValueKind.Status } status } } =>
            status.Bits != (long)SpanStatus.Error || segment.Footer.Pages[page].HasError,
        Binary { Operator: ">" or ">=" or "=", Left: IntrinsicField { Intrinsic: Intrinsic.Duration }, Right: Literal { Value.IsNumber: true } bound } longer =>
            Operators.Compare(
                longer.Operator == ">" ? ">" : ">=",
                Value.OfDuration((long)Math.Min(segment.Footer.Pages[page].MaxDuration, long.MaxValue)),
                bound.Value),
        Binary { Operator: "=" or "<" or "<=" or ">" or ">=", Left: AttributeField field, Right: Literal { Value.IsNumber: true } bound } compared =>
            CanMatch(field, compared.Operator, bound.Value.Number, page),
        _ => true,
    };

    // Arrays hold numbers of their own, which no range tells of.
    private bool CanMatch(AttributeField field, string op, double bound, int page)
    {
        if (segment.Footer.Numbers is not { } numbers || segment.Footer.Pages[page].HasArrays)
        {
            return true;
        }

        if (!_keys.TryGetValue(field.Name, out var key))
        {
            _keys[field.Name] = key = segment.Find(Encoding.UTF8.GetBytes(field.Name));
        }

        foreach (var range in numbers[page])
        {
            if (range.Key == key)
            {
                // A range that is not one, for it met a NaN, rules nothing out.
                return !(op switch
                {
                    "=" => range.Least > bound || range.Most < bound,
                    "<" => range.Least > bound,
                    "<=" => range.Least > bound,
                    _ => range.Most < bound,
                });
            }
        }

        return false;
    }
}
