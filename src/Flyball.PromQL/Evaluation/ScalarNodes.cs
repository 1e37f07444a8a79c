using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>A number that is the same at every step.</summary>
internal sealed class ConstantNode(double value) : ScalarNode
{
    public double Value => value;

    public override double[] Evaluate(QueryScope scope) => scope.Constant(value);
}

/// <summary><c>time()</c>: the evaluation time in seconds.</summary>
internal sealed class TimeNode : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        var column = new double[scope.Grid.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = scope.Grid.At(i) / 1000.0;
        }

        return column;
    }
}

/// <summary>Arithmetic or comparison of two scalars; a comparison yields 0 or 1.</summary>
internal sealed class ScalarBinaryNode(TokenKind op, ScalarNode left, ScalarNode right) : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        var a = left.Evaluate(scope);
        var b = right.Evaluate(scope);
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = op.IsComparison() ? (Operators.Holds(op, a[i], b[i]) ? 1 : 0) : Operators.Compute(op, a[i], b[i]);
        }

        return a;
    }
}

/// <summary>A sign, <c>min_of</c>, <c>max_of</c>: a function of one or two scalars.</summary>
internal sealed class ScalarFunctionNode(Func<double, double, double> function, ScalarNode left, ScalarNode right) : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        var a = left.Evaluate(scope);
        var b = right.Evaluate(scope);
        for (var i = 0; i < a.Length; i++)
        {
            a[i] = function(a[i], b[i]);
        }

        return a;
    }
}

/// <summary><c>scalar(v)</c>: the value of the only float, NaN unless there is exactly one.</summary>
internal sealed class VectorToScalarNode(VectorNode inner) : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        var result = scope.Constant(double.NaN);
        var seen = new int[scope.Grid.Count];
        foreach (var row in inner.Collect(scope))
        {
            for (var i = 0; i < result.Length; i++)
            {
                if (!Absent.Is(row.Values[i]))
                {
                    result[i] = ++seen[i] == 1 ? row.Values[i] : double.NaN;
                }
            }
        }

        return result;
    }
}

/// <summary>A scalar that does not depend on the step: evaluated once.</summary>
internal sealed class InvariantScalarNode(ScalarNode inner) : ScalarNode
{
    public override double[] Evaluate(QueryScope scope)
    {
        if (scope.Grid.Count == 1)
        {
            return inner.Evaluate(scope);
        }

        return scope.Constant(inner.Evaluate(scope.Once())[0]);
    }
}

/// <summary><c>vector(s)</c>: one series without labels.</summary>
internal sealed class ScalarToVectorNode(ScalarNode inner) : VectorNode
{
    public override bool HasOneName => true;

    public override void Run(QueryScope scope, RowSink sink) =>
        sink.Accept(new SeriesRow(Model.Labels.LabelSet.Empty, Array.ConvertAll(inner.Evaluate(scope), Absent.Present)));
}

/// <summary>A vector that does not depend on the step, through <c>@</c>: evaluated once and repeated.</summary>
internal sealed class InvariantVectorNode(VectorNode inner) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        if (scope.Grid.Count == 1)
        {
            inner.Run(scope, sink);
            return;
        }

        var once = scope.Once();
        foreach (var row in inner.Collect(once))
        {
            var repeated = new SeriesRow(row.Labels, scope.Constant(row.Values[0])) { DropName = row.DropName };
            if (row.HistogramAt(0) is { } histogram)
            {
                repeated.Histograms = [.. Enumerable.Repeat(histogram, scope.Grid.Count)];
            }

            sink.Accept(repeated);
        }
    }
}
