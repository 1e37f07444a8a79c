using System.Runtime.CompilerServices;
using System.Text.Json;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Syntax;

/// <summary>Writes nodes as the JSON of <c>/api/v1/parse_query</c> (Prometheus documentation, "Querying").</summary>
internal static class TreeWriter
{
    public static void Write(Utf8JsonWriter json, Node? node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (node is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        switch (node)
        {
            case Aggregation aggregation:
                json.WriteString("type", "aggregation");
                json.WriteString("op", aggregation.Operator.Text());
                WriteNode(json, "expr", aggregation.Inner);
                WriteNode(json, "param", aggregation.Parameter);
                WriteStrings(json, "grouping", aggregation.Grouping);
                json.WriteBoolean("without", aggregation.Without);
                break;
            case BinaryOperation binary:
                json.WriteString("type", "binaryExpr");
                json.WriteString("op", binary.Operator.Text());
                WriteNode(json, "lhs", binary.Left);
                WriteNode(json, "rhs", binary.Right);
                WriteMatching(json, binary.Matching);
                json.WriteBoolean("bool", binary.ReturnBool);
                break;
            case Call call:
                WriteCall(json, call);
                break;
            case MatrixSelector matrix:
                json.WriteString("type", "matrixSelector");
                WriteSelector(json, matrix.Selector);
                json.WriteNumber("range", matrix.RangeMs);
                WriteNode(json, "rangeExpr", matrix.RangeExpression);
                break;
            case Subquery subquery:
                json.WriteString("type", "subquery");
                WriteNode(json, "expr", subquery.Inner);
                json.WriteNumber("range", subquery.RangeMs);
                json.WriteNumber("step", subquery.StepMs);
                WriteShift(json, subquery.Shift);
                WriteNode(json, "rangeExpr", subquery.RangeExpression);
                WriteNode(json, "stepExpr", subquery.StepExpression);
                break;
            case NumberLiteral number:
                json.WriteString("type", "numberLiteral");
                json.WriteString("val", NumberText.Format(number.Value));
                break;
            case Parenthesis parenthesis:
                json.WriteString("type", "parenExpr");
                WriteNode(json, "expr", parenthesis.Inner);
                break;
            case StringLiteral literal:
                json.WriteString("type", "stringLiteral");
                json.WriteString("val", literal.Value);
                break;
            case UnaryOperation unary:
                json.WriteString("type", "unaryExpr");
                json.WriteString("op", unary.Operator.Text());
                WriteNode(json, "expr", unary.Inner);
                break;
            case VectorSelector selector:
                json.WriteString("type", "vectorSelector");
                WriteSelector(json, selector);
                break;
            case DurationExpression duration:
                json.WriteString("type", "durationExpr");
                json.WriteString("op", duration.Operator.Text());
                WriteNode(json, "lhs", duration.Left);
                WriteNode(json, "rhs", duration.Right);
                json.WriteBoolean("wrapped", duration.Wrapped);
                break;
            default:
                break;
        }

        json.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter json, string name, Node? node)
    {
        json.WritePropertyName(name);
        Write(json, node);
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, List<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter json, Call call)
    {
        json.WriteString("type", "call");
        json.WriteStartObject("func");
        json.WriteString("name", call.Function.Name);
        json.WriteStartArray("argTypes");
        foreach (var argument in call.Function.Arguments)
        {
            json.WriteStringValue(argument.Name());
        }

        json.WriteEndArray();
        json.WriteNumber("variadic", call.Function.Variadic);
        json.WriteString("returnType", call.Function.Returns.Name());
        json.WriteEndObject();
        json.WriteStartArray("args");
        foreach (var argument in call.Arguments)
        {
            Write(json, argument);
        }

        json.WriteEndArray();
    }

    private static void WriteMatching(Utf8JsonWriter json, VectorMatching? matching)
    {
        if (matching is null)
        {
            json.WriteNull("matching");
            return;
        }

        json.WriteStartObject("matching");
        json.WriteString("card", matching.Cardinality switch
        {
            MatchCardinality.OneToOne => "one-to-one",
            MatchCardinality.ManyToOne => "many-to-one",
            MatchCardinality.OneToMany => "one-to-many",
            _ => "many-to-many",
        });
        WriteStrings(json, "labels", matching.Labels);
        json.WriteBoolean("on", matching.On);
        WriteStrings(json, "include", matching.Include);
        json.WriteStartObject("fillValues");
        WriteNumber(json, "lhs", matching.FillLeft);
        WriteNumber(json, "rhs", matching.FillRight);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteSelector(Utf8JsonWriter json, VectorSelector selector)
    {
        json.WriteString("name", selector.Name);
        json.WriteStartArray("matchers");
        foreach (var matcher in selector.Matchers)
        {
            json.WriteStartObject();
            json.WriteString("name", matcher.Name);
            json.WriteString("type", matcher.Op switch { MatchOp.Equal => "=", MatchOp.NotEqual => "!=", MatchOp.Regex => "=~", _ => "!~" });
            json.WriteString("value", matcher.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteShift(json, selector.Shift);
        json.WriteBoolean("anchored", selector.Edges == EdgeMode.Anchored);
        json.WriteBoolean("smoothed", selector.Edges == EdgeMode.Smoothed);
    }

    private static void WriteShift(Utf8JsonWriter json, TimeShift shift)
    {
        json.WriteNumber("offset", shift.OffsetMs);
        WriteNode(json, "offsetExpr", shift.OffsetExpression);
        if (shift.AtMs is { } at)
        {
            json.WriteNumber("timestamp", at);
        }
        else
        {
            json.WriteNull("timestamp");
        }

        json.WriteString("startOrEnd", shift.AtBound switch { QueryBound.Start => "start", QueryBound.End => "end", _ => null });
    }
}
