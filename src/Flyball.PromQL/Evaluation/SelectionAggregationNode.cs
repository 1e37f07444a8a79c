using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>topk</c>, <c>bottomk</c>, <c>limitk</c>, <c>limit_ratio</c>: some of the input's own samples, chosen per group and step.</summary>
internal sealed class SelectionAggregationNode(
    TokenKind op, VectorNode inner, ScalarNode parameter, LabelProjection grouping, SourceSpan span, SourceSpan parameterSpan) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var numbers = parameter.Evaluate(scope);
        var rows = inner.Collect(scope);
        if (!Check(numbers, scope))
        {
            return;
        }

        var table = new GroupTable();
        var groups = new List<List<int>>();
        for (var i = 0; i < rows.Count; i++)
        {
            var group = table.Assign(rows[i].Labels, grouping);
            if (group == groups.Count)
            {
                groups.Add([]);
            }

            groups[group].Add(i);
        }

        var chosen = new bool[rows.Count][];
        var order = new List<int>();
        for (var step = 0; step < scope.Grid.Count; step++)
        {
            scope.Budget.ThrowIfDone();
            foreach (var members in groups)
            {
                foreach (var index in Choose(rows, members, step, numbers[step], scope))
                {
                    if (chosen[index] is null)
                    {
                        chosen[index] = new bool[scope.Grid.Count];
                        order.Add(index);
                    }

                    chosen[index][step] = true;
                }
            }
        }

        foreach (var index in order)
        {
            sink.Accept(KeepOnly(rows[index], chosen[index]));
        }
    }

    private static SeriesRow KeepOnly(SeriesRow row, bool[] steps)
    {
        for (var i = 0; i < steps.Length; i++)
        {
            if (!steps[i])
            {
                row.Clear(i);
            }
        }

        return row;
    }

    private bool Check(double[] numbers, QueryScope scope)
    {
        var (min, max) = (numbers.Where(n => !double.IsNaN(n)).DefaultIfEmpty(double.NaN).Min(), numbers.Where(n => !double.IsNaN(n)).DefaultIfEmpty(double.NaN).Max());
        var anyNaN = Array.Exists(numbers, double.IsNaN);
        if (op == TokenKind.LimitRatio)
        {
            if (max == 0 && min == 0 && !anyNaN)
            {
                return false;
            }

            Require(!anyNaN, "Ratio value is NaN");
            WarnOfRatio(max > 1, max, 1, scope);
            WarnOfRatio(min < -1, min, -1, scope);
            return true;
        }

        if (!anyNaN && max < 1)
        {
            return false;
        }

        Require(!anyNaN, "Parameter value is NaN");
        Require(min > -9223372036854775808.0, $"Scalar value {NumberText.FormatGeneral(min)} underflows int64");
        Require(max < 9223372036854774784.0, $"Scalar value {NumberText.FormatGeneral(max)} overflows int64");
        return true;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new PromQLQueryException(QueryFailure.Execution, message);
        }
    }

    private void WarnOfRatio(bool condition, double value, double cap, QueryScope scope)
    {
        if (condition)
        {
            scope.Annotations.Warn(
                parameterSpan,
                $"ratio value should be between -1 and 1, got {NumberText.FormatGeneral(value)}, capping to {NumberText.FormatGeneral(cap)}");
        }
    }

    private IEnumerable<int> Choose(List<SeriesRow> rows, List<int> members, int step, double number, QueryScope scope)
    {
        switch (op)
        {
            case TokenKind.LimitK:
                var k = (int)Math.Clamp(number, 0, int.MaxValue);
                return members.Where(i => rows[i].IsPresent(step)).Take(k);
            case TokenKind.LimitRatio:
                return members.Where(i => rows[i].IsPresent(step) && RatioSampling.Keeps(rows[i].Labels, Math.Clamp(number, -1, 1)));
            default:
                return Best(rows, members, step, number, scope);
        }
    }

    private List<int> Best(List<SeriesRow> rows, List<int> members, int step, double number, QueryScope scope)
    {
        var name = op.Text();
        var k = (int)Math.Min(number, rows.Count);
        if (k < 1)
        {
            return [];
        }

        var best = new BestFew(k, op == TokenKind.TopK);
        foreach (var index in members)
        {
            if (rows[index].HistogramAt(step) is not null)
            {
                scope.Annotations.Inform(span, $"ignored histogram in {name} aggregation");
            }
            else if (!Absent.Is(rows[index].Values[step]))
            {
                best.Offer(index, rows[index].Values[step]);
            }
        }

        return best.Take();
    }
}
