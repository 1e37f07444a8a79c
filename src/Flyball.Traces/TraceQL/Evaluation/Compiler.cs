using System.Diagnostics;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Turns expressions into nodes.</summary>
internal sealed class Compiler
{
    private readonly TextCache _texts = new();

    /// <summary>Texts decoded so far, shared by everything that belongs to the query.</summary>
    public TextCache Texts => _texts;

    public Node Compile(Expression expression) => expression switch
    {
        Literal literal => new ConstantNode(literal.Value),
        AttributeField field => new AttributeNode(field, _texts),
        IntrinsicField field => new IntrinsicNode(field.Intrinsic, _texts),
        Unary { Operator: "!" } unary => new NotNode(Compile(unary.Operand)),
        Unary unary => new NegateNode(Compile(unary.Operand)),
        Binary binary => Compile(binary),
        _ => throw new UnreachableException(),
    };

    private Node Compile(Binary binary)
    {
        switch (binary.Operator)
        {
            case "&&" or "||":
                return new LogicNode(binary.Operator == "&&", Compile(binary.Left), Compile(binary.Right));
            case "=~" or "!~":
                return new RegexNode(binary.Regex!, binary.Operator == "!~", Compile(binary.Left));
            case "=" or "!=":
                return CompileEquality(binary);
            case "<" or "<=" or ">" or ">=":
                return new CompareNode(binary.Operator, Compile(binary.Left), Compile(binary.Right));
            default:
                return new ArithmeticNode(binary.Operator, Compile(binary.Left), Compile(binary.Right));
        }
    }

    private Node CompileEquality(Binary binary)
    {
        var isEqual = binary.Operator == "=";
        var (field, other) = binary.Left is Literal ? (binary.Right, binary.Left) : (binary.Left, binary.Right);
        if (other is Literal { Value.IsNil: true })
        {
            return new PresenceNode(!isEqual, Compile(field));
        }

        var node = Compile(field);
        return other is Literal { Value: { Kind: ValueKind.Text } text } && node is ITextField textField
            ? new TextEqualsNode(isEqual, textField, text.Text)
            : new CompareNode(binary.Operator, Compile(binary.Left), Compile(binary.Right));
    }
}
