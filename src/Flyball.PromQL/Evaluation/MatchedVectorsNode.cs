using Flyball.Model.Labels;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>Two vectors joined by an arithmetic or comparison operator, matched by labels.</summary>
/// <remarks>
/// Signatures are computed once per series. Rows that share one are joined column by column:
/// <code>
/// many side: a ─┐                        ┌▶ row of (a, x), at steps where both are present
///            b ─┼─ same signature ─ x, y ┼▶ row of (b, x) …          one side: x and y never at the same step
/// </code>
/// Rows of the result with equal labels are brought together; two samples at one step are an error.
/// </remarks>
internal sealed class MatchedVectorsNode(
    TokenKind op, VectorNode left, VectorNode right, VectorMatching matching, bool returnBool, SourceSpan span) : VectorNode
{
    private readonly LabelProjection _signature = SignatureOf(matching);
    private readonly bool _swapped = matching.Cardinality == MatchCardinality.OneToMany;

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var leftRows = left.Collect(scope);
        var rightRows = right.Collect(scope);
        var hasFill = (matching.FillLeft ?? matching.FillRight) is not null;
        if (!hasFill && (leftRows.Count == 0 || rightRows.Count == 0))
        {
            return;
        }

        var (many, one) = _swapped ? (rightRows, leftRows) : (leftRows, rightRows);
        var table = new GroupTable();
        var manyBySignature = Group(many, table);
        var oneBySignature = Group(one, table);
        var work = new Join(this, scope, hasFill ? null : StepsWithAny(many, scope));
        oneBySignature.ForEach(work.CheckUnique);
        for (var i = 0; i < table.Count; i++)
        {
            scope.Budget.ThrowIfDone();
            work.Signature(Get(manyBySignature, i), Get(oneBySignature, i));
        }

        Push(work.Result, sink);
    }

    /// <summary>What rows are matched by: the labels of <c>on</c>, or all but those of <c>ignoring</c> and the name.</summary>
    public static LabelProjection SignatureOf(VectorMatching matching) => matching.On
        ? new LabelProjection(matching.Labels, keep: true)
        : new LabelProjection(matching.Labels.Append(LabelSet.MetricNameLabel), keep: false);

    /// <summary>Steps at which a side has any sample at all: where it has none there is nothing to match.</summary>
    private static bool[] StepsWithAny(List<SeriesRow> rows, QueryScope scope)
    {
        var any = new bool[scope.Grid.Count];
        foreach (var row in rows)
        {
            for (var i = 0; i < any.Length; i++)
            {
                any[i] |= row.IsPresent(i);
            }
        }

        return any;
    }

    private static List<SeriesRow> Get(List<List<SeriesRow>> groups, int i) => i < groups.Count ? groups[i] : [];

    private List<List<SeriesRow>> Group(List<SeriesRow> rows, GroupTable table)
    {
        var groups = new List<List<SeriesRow>>();
        foreach (var row in rows)
        {
            var signature = table.Assign(row.Labels, _signature);
            while (groups.Count <= signature)
            {
                groups.Add([]);
            }

            groups[signature].Add(row);
        }

        return groups;
    }

    private static PromQLQueryException Fail(string message) => new(QueryFailure.Execution, message);

    /// <summary>The joining of all signatures and what has come out so far.</summary>
    /// <param name="relevant">Steps at which anything can match; null = all.</param>
    private sealed class Join(MatchedVectorsNode node, QueryScope scope, bool[]? relevant)
    {
        private readonly Dictionary<LabelSet, SeriesRow> _byLabels = [];
        private readonly LabelSetBuilder _builder = new();
        private readonly VectorMatching _matching = node.Matching;
        private readonly bool _oneToOne = node.Matching.Cardinality == MatchCardinality.OneToOne;

        public List<SeriesRow> Result { get; } = [];

        public void Signature(List<SeriesRow> many, List<SeriesRow> one)
        {
            var fillOne = node.FillOfOne;
            var used = _oneToOne ? new bool[scope.Grid.Count] : [];
            foreach (var row in many)
            {
                scope.Budget.ThrowIfDone();
                foreach (var partner in one)
                {
                    Pair(row, partner, used);
                }

                if (fillOne is { } fill)
                {
                    Filled(row, fill, partners: one, rowIsMany: true, used);
                }
            }

            if (node.FillOfMany is { } fillMany)
            {
                foreach (var row in one)
                {
                    Filled(row, fillMany, partners: many, rowIsMany: false, used);
                }
            }
        }

        /// <summary>No step may have two samples on the side that must be one.</summary>
        public void CheckUnique(List<SeriesRow> one)
        {
            if (one.Count < 2)
            {
                return;
            }

            var owner = new SeriesRow?[scope.Grid.Count];
            foreach (var row in one)
            {
                for (var i = 0; i < owner.Length; i++)
                {
                    if (!row.IsPresent(i) || relevant?[i] == false)
                    {
                        continue;
                    }

                    if (owner[i] is { } first)
                    {
                        var group = ErrorLabels.Format(node._signature.Apply(row.Labels));
                        var side = node._swapped ? "left" : "right";
                        var (a, b) = first.Labels.CompareTo(row.Labels) < 0 ? (first.Labels, row.Labels) : (row.Labels, first.Labels);
                        throw Fail(
                            $"found duplicate series for the match group {group} on the {side} hand-side of the operation: [{ErrorLabels.Format(a)}, {ErrorLabels.Format(b)}];many-to-many matching not allowed: matching labels must be unique on one side");
                    }

                    owner[i] = row;
                }
            }
        }

        private void Pair(SeriesRow many, SeriesRow one, bool[] used)
        {
            var result = Target(many, one.Labels);
            for (var i = 0; i < scope.Grid.Count; i++)
            {
                if (many.IsPresent(i) && one.IsPresent(i))
                {
                    Claim(used, i);
                    Element(result, i, many, one, null);
                }
            }

            Keep(result);
        }

        /// <summary>Joins a row with a constant at the steps where no partner is present.</summary>
        private void Filled(SeriesRow row, double fill, List<SeriesRow> partners, bool rowIsMany, bool[] used)
        {
            var matched = node._signature.Apply(row.Labels);
            var stand = new SeriesRow(matched, []);
            var result = rowIsMany ? Target(row, matched) : Target(stand, row.Labels);
            for (var i = 0; i < scope.Grid.Count; i++)
            {
                if (!row.IsPresent(i) || partners.Exists(p => p.IsPresent(i)))
                {
                    continue;
                }

                Claim(used, i);
                if (rowIsMany)
                {
                    Element(result, i, row, null, fill);
                }
                else
                {
                    Element(result, i, null, row, fill);
                }
            }

            Keep(result);
        }

        private void Claim(bool[] used, int step)
        {
            if (!_oneToOne)
            {
                return;
            }

            if (used[step])
            {
                throw Fail("multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)");
            }

            used[step] = true;
        }

        private void Element(Pending result, int step, SeriesRow? many, SeriesRow? one, double? fill)
        {
            var manyFloat = many is null ? fill!.Value : many.Values[step];
            var oneFloat = one is null ? fill!.Value : one.Values[step];
            var manyHistogram = many?.HistogramAt(step);
            var oneHistogram = one?.HistogramAt(step);
            var (a, ha, b, hb) = node._swapped
                ? (oneFloat, oneHistogram, manyFloat, manyHistogram)
                : (manyFloat, manyHistogram, oneFloat, oneHistogram);
            if (ha is null && hb is null && node.Op is not (TokenKind.TrimLower or TokenKind.TrimUpper))
            {
                SetFloat(result, step, a, b);
                return;
            }

            var combined = Operators.Combine(node.Op, a, ha, b, hb, scope.Annotations, node.Span);
            if (node.ReturnBool)
            {
                if (Operators.CanCombine(node.Op, ha, hb))
                {
                    result.Set(step, combined is null ? 0 : 1);
                }
            }
            else if (combined is not null)
            {
                result.Set(step, combined);
            }
        }

        private void SetFloat(Pending result, int step, double a, double b)
        {
            if (!node.Op.IsComparison())
            {
                result.Set(step, Absent.Present(Operators.Compute(node.Op, a, b)));
                return;
            }

            var holds = Operators.Holds(node.Op, a, b);
            if (node.ReturnBool)
            {
                result.Set(step, holds ? 1 : 0);
            }
            else if (holds)
            {
                result.Set(step, a);
            }
        }

        private Pending Target(SeriesRow many, LabelSet one) =>
            new(ResultLabels(many.Labels, one), scope) { DropName = node.ReturnBool || (!Operators.MakesNewMetric(node.Op) && many.DropName) };

        private LabelSet ResultLabels(LabelSet many, LabelSet one)
        {
            _builder.Start(many);
            if (Operators.MakesNewMetric(node.Op) || (node.ReturnBool && !scope.Query.DelayNames))
            {
                _builder.Remove(LabelSet.MetricNameLabel).Remove(MetadataLabels.Type).Remove(MetadataLabels.Unit);
            }

            var labels = _builder.Build();
            if (_oneToOne)
            {
                labels = new LabelProjection(_matching.Labels, keep: _matching.On).Apply(labels);
            }

            if (_matching.Include.Count == 0)
            {
                return labels;
            }

            _builder.Start(labels);
            foreach (var name in _matching.Include)
            {
                _builder.Set(name, one[name]);
            }

            return _builder.Build();
        }

        private void Keep(Pending pending)
        {
            if (!pending.Any)
            {
                return;
            }

            if (!_byLabels.TryGetValue(pending.Row.Labels, out var known))
            {
                scope.Budget.Hold(scope.Grid.Count);
                _byLabels.Add(pending.Row.Labels, pending.Row);
                Result.Add(pending.Row);
                return;
            }

            if (!known.TryMerge(pending.Row))
            {
                throw _oneToOne
                    ? MergeSink.Duplicate()
                    : Fail("multiple matches for labels: grouping labels must ensure unique matches");
            }
        }
    }

    private VectorMatching Matching => matching;

    private TokenKind Op => op;

    private bool ReturnBool => returnBool;

    private SourceSpan Span => span;

    /// <summary>With group_right the names keep to the exchanged sides, as in Prometheus.</summary>
    private double? FillOfOne => matching.FillRight;

    private double? FillOfMany => matching.FillLeft;

    /// <summary>A row of the result while it is being filled.</summary>
    private sealed class Pending(LabelSet labels, QueryScope scope)
    {
        private SeriesRow? _row;

        public bool DropName { get; init; }

        public bool Any => _row is not null;

        public SeriesRow Row => _row!;

        public void Set(int step, double value) => Ensure().Values[step] = value;

        public void Set(int step, Model.Histograms.NativeHistogram value) => Ensure().SetHistogram(step, value);

        private SeriesRow Ensure() => _row ??= new SeriesRow(labels, scope.NewColumn()) { DropName = DropName };
    }
}

/// <summary>Labels as error messages show them: everything in braces, the name too.</summary>
internal static class ErrorLabels
{
    public static string Format(LabelSet labels) =>
        "{" + string.Join(", ", labels.AsPairs().Select(p => Name(p.Key) + "=" + GoQuoting.Quote(p.Value))) + "}";

    private static string Name(string name) => LabelText.IsLegacyLabelName(name) ? name : GoQuoting.Quote(name);
}
