using Flyball.Model.Histograms;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>A function of each float; histograms are dropped, and so is the metric's name.</summary>
internal sealed class FloatFunctionNode(VectorNode inner, Func<double, double> function) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        NameDropping.Run(inner, scope, sink, row =>
        {
            row.Histograms = null;
            var values = row.Values;
            var any = false;
            for (var i = 0; i < values.Length; i++)
            {
                if (!Absent.Is(values[i]))
                {
                    values[i] = Absent.Present(function(values[i]));
                    any = true;
                }
            }

            return any;
        });
    }
}

/// <summary>A function of each float and of scalars that may change from step to step, e.g. <c>clamp</c>, <c>round</c>.</summary>
internal sealed class ParameterisedFunctionNode(
    VectorNode inner, ScalarNode[] parameters, Func<double, double, double, double> function) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var first = parameters[0].Evaluate(scope);
        var second = parameters.Length > 1 ? parameters[1].Evaluate(scope) : first;
        NameDropping.Run(inner, scope, sink, row =>
        {
            row.Histograms = null;
            var values = row.Values;
            for (var i = 0; i < values.Length; i++)
            {
                if (!Absent.Is(values[i]))
                {
                    values[i] = function(values[i], first[i], second[i]);
                }
            }

            return row.HasAny();
        });
    }
}

/// <summary>A float computed from each histogram; floats are dropped.</summary>
internal sealed class HistogramFunctionNode(VectorNode inner, Func<NativeHistogram, double> function) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        NameDropping.Run(inner, scope, sink, row =>
        {
            if (row.Histograms is not { } histograms)
            {
                return false;
            }

            for (var i = 0; i < row.Count; i++)
            {
                row.Values[i] = histograms[i] is { } histogram ? Absent.Present(function(histogram)) : Absent.Value;
            }

            row.Histograms = null;
            return row.HasAny();
        });
    }
}

/// <summary><c>timestamp()</c> of an expression: the evaluation time wherever there is a sample.</summary>
internal sealed class EvaluationTimeNode(VectorNode inner) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        NameDropping.Run(inner, scope, sink, row =>
        {
            for (var i = 0; i < row.Count; i++)
            {
                row.Values[i] = row.IsPresent(i) ? scope.Grid.At(i) / 1000.0 : Absent.Value;
            }

            row.Histograms = null;
            return true;
        });
    }
}

/// <summary>Drops the metric's name of rows that a selector yields for <c>timestamp()</c>.</summary>
internal sealed class NameDroppingNode(VectorNode inner) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink) => NameDropping.Run(inner, scope, sink, _ => true);
}

/// <summary>Yields nothing: <c>start_timestamp()</c> of an expression, whose samples have no start any more.</summary>
internal sealed class NothingNode(VectorNode inner) : VectorNode
{
    public override void Run(QueryScope scope, RowSink sink) => RunMapped(inner, scope, sink, _ => false);
}

/// <summary>A minus sign.</summary>
internal sealed class NegationNode(VectorNode inner) : VectorNode
{
    public override bool HasOneName => inner.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        NameDropping.Run(inner, scope, sink, row =>
        {
            for (var i = 0; i < row.Count; i++)
            {
                if (row.HistogramAt(i) is { } histogram)
                {
                    row.Histograms![i] = HistogramArithmetic.Multiply(histogram, -1);
                }
                else if (!Absent.Is(row.Values[i]))
                {
                    row.Values[i] = -row.Values[i];
                }
            }

            return true;
        });
    }
}

/// <summary>A vector and a scalar joined by an operator.</summary>
/// <param name="scalarLeft">Whether the scalar is the left operand.</param>
internal sealed class VectorScalarNode(
    TokenKind op, VectorNode vector, ScalarNode scalar, bool scalarLeft, bool returnBool, SourceSpan span) : VectorNode
{
    public override bool HasOneName => vector.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var numbers = scalar.Evaluate(scope);
        bool Change(SeriesRow row)
        {
            Apply(row, numbers, scope);
            return row.HasAny();
        }

        if (Operators.MakesNewMetric(op) || returnBool)
        {
            NameDropping.Run(vector, scope, sink, Change);
        }
        else
        {
            RunMapped(vector, scope, sink, Change);
        }
    }

    private void Apply(SeriesRow row, double[] numbers, QueryScope scope)
    {
        var values = row.Values;
        if (row.Histograms is null && ColumnOperators.TryApply(op, values, numbers, scalarLeft, returnBool))
        {
            return;
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (row.HistogramAt(i) is { } histogram)
            {
                ApplyHistogram(row, i, histogram, numbers[i], scope);
            }
            else if (!Absent.Is(values[i]))
            {
                values[i] = Floats(values[i], numbers[i], scope);
            }
        }
    }

    private double Floats(double value, double number, QueryScope scope)
    {
        var (a, b) = scalarLeft ? (number, value) : (value, number);
        if (op.IsComparison())
        {
            var holds = Operators.Holds(op, a, b);
            return returnBool ? (holds ? 1 : 0) : holds ? value : Absent.Value;
        }

        if (op is TokenKind.TrimLower or TokenKind.TrimUpper)
        {
            Operators.Combine(op, a, null, b, null, scope.Annotations, span);
            return Absent.Value;
        }

        return Absent.Present(Operators.Compute(op, a, b));
    }

    private void ApplyHistogram(SeriesRow row, int step, NativeHistogram histogram, double number, QueryScope scope)
    {
        var result = scalarLeft
            ? Operators.Combine(op, number, null, 0, histogram, scope.Annotations, span)
            : Operators.Combine(op, 0, histogram, number, null, scope.Annotations, span);
        row.Histograms![step] = result;
    }
}

/// <summary>Runs a child whose rows lose their metric's name.</summary>
internal static class NameDropping
{
    /// <summary>Drops names at once, or marks them to be dropped at the end. Where rows of different names may become equal,
    /// they are brought together.</summary>
    public static void Run(VectorNode inner, QueryScope scope, RowSink sink, Func<SeriesRow, bool> change)
    {
        if (scope.Query.DelayNames)
        {
            inner.Run(scope, new MapSink(sink, row =>
            {
                row.DropName = true;
                return change(row);
            }));
            return;
        }

        bool Drop(SeriesRow row)
        {
            row.Labels = MetadataLabels.Drop(row.Labels);
            return change(row);
        }

        if (inner.HasOneName)
        {
            inner.Run(scope, new MapSink(sink, Drop));
            return;
        }

        var merge = new MergeSink(scope.Budget);
        inner.Run(scope, new MapSink(merge, Drop));
        foreach (var row in merge.Rows)
        {
            scope.Budget.Release(row.Count);
            sink.Accept(row);
        }
    }
}
