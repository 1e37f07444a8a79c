using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Planning;

/// <summary>Tells parts of a query that have the same value at every step, because every selector in them is pinned by <c>@</c>.</summary>
/// <remarks>Remembers what it was asked: every link of a long chain is asked about all below it. For one query, not thread-safe.</remarks>
internal sealed class StepInvariance
{
    private static readonly HashSet<string> DependOnTime =
    [
        "days_in_month", "day_of_month", "day_of_week", "day_of_year", "hour", "minute", "month", "year",
        "predict_linear", "time", "timestamp",
    ];

    private readonly Dictionary<Node, bool> _known = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether a part yields the same at every step.</summary>
    public bool Holds(Node node)
    {
        if (!_known.TryGetValue(node, out var holds))
        {
            _known[node] = holds = Find(node);
        }

        return holds;
    }

    private bool Find(Node node) => node switch
    {
        NumberLiteral or StringLiteral => true,
        VectorSelector selector => selector.Shift.HasAt,
        MatrixSelector matrix => matrix.Selector.Shift.HasAt,
        Subquery subquery => subquery.Shift.HasAt,
        Call { Arguments.Count: 0 } call => call.Function.Name is "pi" or "start" or "end" or "step" or "range",
        Call call => !DependOnTime.Contains(call.Function.Name) && call.Arguments.TrueForAll(Holds),
        BinaryOperation binary => Holds(binary.Right) && Holds(binary.Left),
        _ => node.Children.All(Holds),
    };
}
