using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>and</c>, <c>or</c>, <c>unless</c>: samples chosen by whether the other side has one of the same signature.</summary>
internal sealed class SetOperationNode(TokenKind op, VectorNode left, VectorNode right, VectorMatching matching) : VectorNode
{
    private readonly LabelProjection _signature = MatchedVectorsNode.SignatureOf(matching);

    public override bool HasOneName => op != TokenKind.Or && left.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var leftRows = left.Collect(scope);
        var rightRows = right.Collect(scope);
        var table = new GroupTable();
        if (op != TokenKind.Or)
        {
            var there = PresenceOf(rightRows, table, scope);
            Push(Filter(leftRows, table, there, keepWherePresent: op == TokenKind.And), sink);
            return;
        }

        var taken = PresenceOf(leftRows, table, scope);
        var rest = Filter(rightRows, table, taken, keepWherePresent: false);
        // Rows of both sides may bear the same labels, each at other steps.
        leftRows.AddRange(rest);
        Push(scope.Grid.Count > 1 || !scope.Query.DelayNames ? ResultShaper.Merge(leftRows) : leftRows, sink);
    }

    /// <summary>For each signature the steps at which any row is present.</summary>
    private List<bool[]> PresenceOf(List<SeriesRow> rows, GroupTable table, QueryScope scope)
    {
        var presence = new List<bool[]>();
        foreach (var row in rows)
        {
            scope.Budget.ThrowIfDone();
            var signature = table.Assign(row.Labels, _signature);
            if (signature == presence.Count)
            {
                presence.Add(new bool[scope.Grid.Count]);
            }

            var steps = presence[signature];
            for (var i = 0; i < steps.Length; i++)
            {
                steps[i] |= row.IsPresent(i);
            }
        }

        return presence;
    }

    private List<SeriesRow> Filter(List<SeriesRow> rows, GroupTable table, List<bool[]> presence, bool keepWherePresent)
    {
        var kept = new List<SeriesRow>(rows.Count);
        foreach (var row in rows)
        {
            var signature = table.Assign(row.Labels, _signature);
            var steps = signature < presence.Count ? presence[signature] : null;
            for (var i = 0; i < row.Count; i++)
            {
                if ((steps is not null && steps[i]) != keepWherePresent)
                {
                    row.Clear(i);
                }
            }

            if (row.HasAny())
            {
                kept.Add(row);
            }
        }

        return kept;
    }
}
