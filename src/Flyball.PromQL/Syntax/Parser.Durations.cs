namespace Flyball.PromQL.Syntax;

// Durations and the arithmetic with them.
internal sealed partial class Parser
{
    private const double MostSeconds = 9.223372036854775807e9;

    private static long Milliseconds(double seconds) => (long)Math.Round(seconds * 1e9) / 1_000_000;

    private void CheckPositive(Node duration)
    {
        if (duration is NumberLiteral { Value: <= 0 })
        {
            Report(duration.Span, "duration must be greater than 0");
        }
    }

    /// <summary>After <c>offset</c>: an optional sign and one duration, name or parenthesis; arithmetic needs parentheses.</summary>
    private Node OffsetDuration(ref int end)
    {
        Token? sign = null;
        if (_current.Kind is TokenKind.Add or TokenKind.Sub)
        {
            sign = _current;
            Advance();
        }

        var duration = DurationPrimary();
        end = duration.Span.End;
        return sign is { } s ? Signed(s, duration) : duration;
    }

    private Node DurationSum(int minPrecedence)
    {
        Deepen();
        Node left;
        if (_current.Kind is TokenKind.Add or TokenKind.Sub)
        {
            var sign = _current;
            Advance();
            left = Signed(sign, DurationSum(UnaryPrecedence + 1));
        }
        else
        {
            left = DurationPrimary();
        }

        while (true)
        {
            var op = _current;
            var precedence = op.Kind is TokenKind.Add or TokenKind.Sub or TokenKind.Mul or TokenKind.Div or TokenKind.Mod or TokenKind.Pow
                ? PrecedenceOf(op.Kind)
                : 0;
            if (precedence == 0 || precedence < minPrecedence)
            {
                _depth--;
                return left;
            }

            Advance();
            var right = DurationSum(op.Kind == TokenKind.Pow ? precedence : precedence + 1);
            left = Combined(op, left, right);
        }
    }

    private Node Combined(Token op, Node left, Node right)
    {
        if (op.Kind is TokenKind.Div or TokenKind.Mod && right is NumberLiteral { Value: 0 })
        {
            Report(right.Span with { Start = op.Start, End = op.End }, op.Kind == TokenKind.Div ? "division by zero" : "modulo by zero");
            return new NumberLiteral();
        }

        return new DurationExpression
        {
            Operator = op.Kind,
            Left = left,
            Right = right,
            Span = SourceSpan.Join(left.Span, right.Span),
        };
    }

    private NumberLiteral InRange(NumberLiteral number)
    {
        if (Math.Abs(number.Value) > MostSeconds || double.IsNaN(number.Value))
        {
            Report(number.Span, "duration out of range");
            return new NumberLiteral { Span = number.Span };
        }

        return number;
    }

    private static Node Signed(Token sign, Node duration)
    {
        var span = new SourceSpan(sign.Start, duration.Span.End);
        switch (duration)
        {
            case NumberLiteral number:
                number.Value = sign.Kind == TokenKind.Sub ? -number.Value : number.Value;
                number.Span = span;
                return number;
            default:
                return sign.Kind == TokenKind.Sub
                    ? new DurationExpression { Operator = TokenKind.Sub, Right = duration, Span = span }
                    : duration;
        }
    }

    private Node DurationPrimary()
    {
        Deepen();
        var token = _current;
        try
        {
            switch (token.Kind)
            {
                case TokenKind.Number or TokenKind.Duration:
                    Advance();
                    return InRange(NumberOf(token));
                case TokenKind.LeftParen:
                    Advance();
                    var inner = DurationSum(0);
                    var close = Require(TokenKind.RightParen);
                    return Wrapped(inner, SourceSpan.Join(token.Span, close.Span));
                case TokenKind.Step or TokenKind.Range:
                    Advance();
                    Require(TokenKind.LeftParen);
                    var end = Require(TokenKind.RightParen);
                    return new DurationExpression { Operator = token.Kind, Span = SourceSpan.Join(token.Span, end.Span) };
                case TokenKind.MinOf or TokenKind.MaxOf:
                    return Extreme(token, token.Kind);
                case TokenKind.Identifier when token.Text.Equals("min_of", StringComparison.OrdinalIgnoreCase):
                    return Extreme(token, TokenKind.MinOf);
                case TokenKind.Identifier when token.Text.Equals("max_of", StringComparison.OrdinalIgnoreCase):
                    return Extreme(token, TokenKind.MaxOf);
                default:
                    throw Unexpected();
            }
        }
        finally
        {
            _depth--;
        }
    }

    private static DurationExpression Wrapped(Node inner, SourceSpan span)
    {
        if (inner is DurationExpression { Wrapped: false } expression)
        {
            expression.Wrapped = true;
            expression.Span = span;
            return expression;
        }

        return new DurationExpression { Operator = TokenKind.Add, Right = inner, Wrapped = true, Span = span };
    }

    private DurationExpression Extreme(Token name, TokenKind kind)
    {
        Advance();
        Require(TokenKind.LeftParen);
        var left = DurationSum(0);
        Require(TokenKind.Comma);
        var right = DurationSum(0);
        var close = Require(TokenKind.RightParen);
        return new DurationExpression
        {
            Operator = kind,
            Left = left,
            Right = right,
            Span = SourceSpan.Join(name.Span, close.Span),
        };
    }
}
