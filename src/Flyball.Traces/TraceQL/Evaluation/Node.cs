using Flyball.Model.Text;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>A compiled expression. Keeps look-ups between spans, so it belongs to one query on one thread.</summary>
internal abstract class Node
{
    public abstract Value Evaluate(in SpanContext span);

    /// <summary>Whether the expression is true; an attribute alone counts when it is a boolean.</summary>
    public bool IsTrue(in SpanContext span)
    {
        var value = Evaluate(span);
        return value.IsTrue || (value.Kind == ValueKind.List && value.Items.Any(v => v.IsTrue));
    }
}

internal sealed class ConstantNode(Value value) : Node
{
    public override Value Evaluate(in SpanContext span) => value;
}

internal sealed class LogicNode(bool isAnd, Node left, Node right) : Node
{
    public override Value Evaluate(in SpanContext span) =>
        Value.Of(isAnd ? left.IsTrue(span) && right.IsTrue(span) : left.IsTrue(span) || right.IsTrue(span));
}

/// <summary><c>!x</c> needs a boolean: of anything else it is nothing.</summary>
internal sealed class NotNode(Node operand) : Node
{
    public override Value Evaluate(in SpanContext span)
    {
        var value = operand.Evaluate(span);
        return value.Kind == ValueKind.Boolean ? Value.Of(value.Bits == 0) : Value.Nil;
    }
}

internal sealed class NegateNode(Node operand) : Node
{
    public override Value Evaluate(in SpanContext span) => Operators.Negate(operand.Evaluate(span));
}

internal sealed class ArithmeticNode(string op, Node left, Node right) : Node
{
    public override Value Evaluate(in SpanContext span) => Operators.Calculate(op, left.Evaluate(span), right.Evaluate(span));
}

internal sealed class CompareNode(string op, Node left, Node right) : Node
{
    public override Value Evaluate(in SpanContext span) => Value.Of(Operators.Compare(op, left.Evaluate(span), right.Evaluate(span)));
}

/// <summary><c>= nil</c> and <c>!= nil</c>.</summary>
internal sealed class PresenceNode(bool wantsPresent, Node operand) : Node
{
    public override Value Evaluate(in SpanContext span) => Value.Of(operand.Evaluate(span).IsNil != wantsPresent);
}

internal sealed class RegexNode(GoRegex regex, bool negated, Node operand) : Node
{
    // Few distinct texts are asked about many times: the answer is remembered.
    private const int MostRemembered = 10_000;

    private readonly Dictionary<string, bool> _answers = [];

    public override Value Evaluate(in SpanContext span)
    {
        var value = operand.Evaluate(span);
        return Value.Of(value.Kind switch
        {
            ValueKind.Text => IsMatch(value.Text) != negated,
            ValueKind.List when negated => value.Items.Count > 0 && value.Items.All(v => v.Kind == ValueKind.Text && !IsMatch(v.Text)),
            ValueKind.List => value.Items.Any(v => v.Kind == ValueKind.Text && IsMatch(v.Text)),
            _ => false,
        });
    }

    private bool IsMatch(string text)
    {
        if (!_answers.TryGetValue(text, out var answer))
        {
            if (_answers.Count >= MostRemembered)
            {
                _answers.Clear();
            }

            _answers[text] = answer = regex.IsMatch(text);
        }

        return answer;
    }
}

/// <summary>A text field compared with a constant for equality: by number of the dictionary, no text is decoded.</summary>
internal sealed class TextEqualsNode(bool wantsEqual, ITextField field, string text) : Node
{
    private readonly StringId _text = new(text);

    public override Value Evaluate(in SpanContext span)
    {
        var id = field.TextId(span, out var fallback);
        return id >= 0 ? Value.Of((id == _text.In(span.Page.Strings)) == wantsEqual)
            : Value.Of(Operators.Compare(wantsEqual ? "=" : "!=", fallback, Value.Of(text)));
    }
}

/// <summary>A field that is usually a text of the page's dictionary.</summary>
internal interface ITextField
{
    /// <summary>The id of the text; -1 when the field is something else, which is then in <paramref name="fallback"/>.</summary>
    int TextId(in SpanContext span, out Value fallback);
}
