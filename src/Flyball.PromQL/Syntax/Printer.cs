using System.Runtime.CompilerServices;
using System.Text;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Syntax;

/// <summary>Writes nodes as one line.</summary>
internal static class Printer
{
    public static string Print(Node node)
    {
        var text = new StringBuilder();
        Write(text, node);
        return text.ToString();
    }

    public static void Write(StringBuilder text, Node node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case NumberLiteral number:
                text.Append(Number(number));
                break;
            case StringLiteral literal:
                text.Append(GoQuoting.Quote(literal.Value));
                break;
            case VectorSelector selector:
                WriteSelector(text, selector, withTime: true);
                break;
            case MatrixSelector matrix:
                WriteSelector(text, matrix.Selector, withTime: false);
                text.Append('[').Append(Duration(matrix.RangeMs, matrix.RangeExpression)).Append(']');
                WriteEdges(text, matrix.Selector);
                WriteAt(text, matrix.Selector.Shift);
                WriteOffset(text, matrix.Selector.Shift);
                break;
            case Subquery subquery:
                Write(text, subquery.Inner);
                text.Append(SubquerySuffix(subquery));
                break;
            case Call call:
                text.Append(call.Function.Name).Append('(');
                WriteList(text, call.Arguments);
                text.Append(')');
                break;
            case Aggregation aggregation:
                text.Append(AggregationHead(aggregation)).Append('(');
                WriteList(text, [.. aggregation.Children]);
                text.Append(')');
                break;
            case BinaryOperation binary:
                Write(text, binary.Left);
                text.Append(' ').Append(BinaryHead(binary)).Append(' ');
                Write(text, binary.Right);
                break;
            case UnaryOperation unary:
                text.Append(unary.Operator.Text());
                Write(text, unary.Inner);
                break;
            case Parenthesis parenthesis:
                text.Append('(');
                Write(text, parenthesis.Inner);
                text.Append(')');
                break;
            case DurationExpression duration:
                WriteDuration(text, duration);
                break;
            default:
                break;
        }
    }

    /// <summary>The operator of an aggregation with its grouping, as it stands before the parenthesis.</summary>
    public static string AggregationHead(Aggregation aggregation)
    {
        var text = new StringBuilder(aggregation.Operator.Text());
        if (aggregation.Without || aggregation.Grouping.Count > 0)
        {
            text.Append(aggregation.Without ? " without (" : " by (");
            WriteLabels(text, aggregation.Grouping);
            text.Append(") ");
        }

        return text.ToString();
    }

    /// <summary>The operator of a binary operation with its modifiers.</summary>
    public static string BinaryHead(BinaryOperation binary)
    {
        var text = new StringBuilder(binary.Operator.Text());
        text.Append(binary.ReturnBool ? " bool" : "");
        if (binary.Matching is not { } matching)
        {
            return text.ToString();
        }

        var grouped = matching.Cardinality is MatchCardinality.ManyToOne or MatchCardinality.OneToMany;
        if (matching.Labels.Count > 0 || matching.On || grouped)
        {
            text.Append(matching.On ? " on (" : " ignoring (");
            WriteLabels(text, matching.Labels);
            text.Append(')');
        }

        if (grouped)
        {
            text.Append(matching.Cardinality == MatchCardinality.ManyToOne ? " group_left (" : " group_right (");
            WriteLabels(text, matching.Include);
            text.Append(')');
        }

        WriteFill(text, matching);
        return text.ToString();
    }

    /// <summary>What stands behind the expression of a subquery.</summary>
    public static string SubquerySuffix(Subquery subquery)
    {
        var text = new StringBuilder("[");
        text.Append(Duration(subquery.RangeMs, subquery.RangeExpression)).Append(':');
        if (subquery.StepMs != 0 || subquery.StepExpression is not null)
        {
            text.Append(Duration(subquery.StepMs, subquery.StepExpression));
        }

        text.Append(']');
        WriteAt(text, subquery.Shift);
        WriteOffset(text, subquery.Shift);
        return text.ToString();
    }

    private static string Number(NumberLiteral number)
    {
        if (!number.IsDuration)
        {
            return NumberText.Format(number.Value);
        }

        var ms = (long)Math.Round(Math.Abs(number.Value) * 1000);
        return (number.Value < 0 ? "-" : "") + DurationText.Format(ms);
    }

    private static string Duration(long ms, Node? expression) => expression is null ? DurationText.Format(ms) : Print(expression);

    private static void WriteList(StringBuilder text, List<Node> nodes)
    {
        for (var i = 0; i < nodes.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            Write(text, nodes[i]);
        }
    }

    private static void WriteLabels(StringBuilder text, List<string> labels)
    {
        for (var i = 0; i < labels.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            text.Append(LabelText.IsLegacyLabelName(labels[i]) ? labels[i] : GoQuoting.Quote(labels[i]));
        }
    }

    private static void WriteFill(StringBuilder text, VectorMatching matching)
    {
        if (matching.FillLeft is { } both && matching.FillRight is { } right && both.Equals(right))
        {
            text.Append($" fill ({NumberText.FormatGeneral(both)})");
            return;
        }

        if (matching.FillLeft is { } left)
        {
            text.Append($" fill_left ({NumberText.FormatGeneral(left)})");
        }

        if (matching.FillRight is { } fillRight)
        {
            text.Append($" fill_right ({NumberText.FormatGeneral(fillRight)})");
        }
    }

    private static void WriteSelector(StringBuilder text, VectorSelector selector, bool withTime)
    {
        var matchers = selector.Matchers
            .Where(m => !(m is { Name: LabelSet.MetricNameLabel, Op: MatchOp.Equal } && m.Value == selector.Name && m.Value.Length > 0))
            .Select(MatcherText)
            .Order(StringComparer.Ordinal)
            .ToList();
        text.Append(selector.Name);
        if (matchers.Count > 0)
        {
            text.Append('{').AppendJoin(',', matchers).Append('}');
        }

        if (withTime)
        {
            WriteAt(text, selector.Shift);
            WriteEdges(text, selector);
            WriteOffset(text, selector.Shift);
        }
    }

    private static string MatcherText(Matcher matcher)
    {
        var name = LabelText.IsLegacyLabelName(matcher.Name) ? matcher.Name : GoQuoting.Quote(matcher.Name);
        var op = matcher.Op switch { MatchOp.Equal => "=", MatchOp.NotEqual => "!=", MatchOp.Regex => "=~", _ => "!~" };
        return name + op + GoQuoting.Quote(matcher.Value);
    }

    private static void WriteEdges(StringBuilder text, VectorSelector selector) => text.Append(selector.Edges switch
    {
        EdgeMode.Anchored => " anchored",
        EdgeMode.Smoothed => " smoothed",
        _ => "",
    });

    private static void WriteAt(StringBuilder text, TimeShift shift)
    {
        if (shift.AtMs is { } at)
        {
            text.Append(" @ ").Append((at / 1000.0).ToString("F3"));
        }
        else if (shift.AtBound != QueryBound.None)
        {
            text.Append(shift.AtBound == QueryBound.Start ? " @ start()" : " @ end()");
        }
    }

    private static void WriteOffset(StringBuilder text, TimeShift shift)
    {
        if (shift.OffsetExpression is { } expression)
        {
            text.Append(" offset ");
            Write(text, expression);
        }
        else if (shift.OffsetMs != 0)
        {
            text.Append(" offset ").Append(shift.OffsetMs < 0 ? "-" : "").Append(DurationText.Format(Math.Abs(shift.OffsetMs)));
        }
    }

    private static void WriteDuration(StringBuilder text, DurationExpression node)
    {
        text.Append(node.Wrapped ? "(" : "");
        switch (node.Operator)
        {
            case TokenKind.Step or TokenKind.Range:
                text.Append(node.Operator.Text()).Append("()");
                break;
            case TokenKind.MinOf or TokenKind.MaxOf:
                text.Append(node.Operator.Text()).Append('(');
                WriteList(text, [node.Left!, node.Right!]);
                text.Append(')');
                break;
            default:
                if (node.Left is not null)
                {
                    Write(text, node.Left);
                    text.Append(' ').Append(node.Operator.Text()).Append(' ');
                }
                else if (node.Operator == TokenKind.Sub)
                {
                    text.Append('-');
                }

                Write(text, node.Right!);
                break;
        }

        text.Append(node.Wrapped ? ")" : "");
    }
}
