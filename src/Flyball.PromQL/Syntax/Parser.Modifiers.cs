namespace Flyball.PromQL.Syntax;

// What stands behind or between expressions: ranges, offsets, @, vector matching.
internal sealed partial class Parser
{
    private const string DurationExpected = "number, duration, step(), or range()";

    private Node Postfix(Node node)
    {
        while (true)
        {
            switch (_current.Kind)
            {
                case TokenKind.Offset:
                    Advance();
                    Offset(node);
                    break;
                case TokenKind.At:
                    Advance();
                    At(node);
                    break;
                case TokenKind.LeftBracket:
                    node = Brackets(node);
                    break;
                case TokenKind.Anchored or TokenKind.Smoothed:
                    SetEdges(node, _current.Kind == TokenKind.Anchored ? EdgeMode.Anchored : EdgeMode.Smoothed);
                    Advance();
                    break;
                default:
                    return node;
            }
        }
    }

    private TimeShift? ShiftOf(Node node, string modifier)
    {
        switch (node)
        {
            case VectorSelector selector:
                return selector.Shift;
            case MatrixSelector { Inner: VectorSelector inner }:
                return inner.Shift;
            case Subquery subquery:
                return subquery.Shift;
            case MatrixSelector:
                Report(node.Span, "ranges only allowed for vector selectors");
                return null;
            default:
                Report(node.Span, $"{modifier} modifier must be preceded by an instant vector selector or range vector selector or a subquery");
                return null;
        }
    }

    private void Offset(Node node)
    {
        _contexts.Push(("offset", DurationExpected));
        var end = 0;
        var duration = OffsetDuration(ref end);
        _contexts.Pop();
        if (ShiftOf(node, "offset") is not { } shift)
        {
            return;
        }

        if (shift.HasOffset)
        {
            Report(node.Span, "offset may not be set multiple times");
        }
        else if (duration is NumberLiteral number)
        {
            shift.OffsetMs = Milliseconds(number.Value);
        }
        else
        {
            shift.OffsetExpression = duration;
        }

        node.Span = new SourceSpan(node.Span.Start, end);
    }

    private void At(Node node)
    {
        const string Context = "@", Expected = "timestamp";
        var negative = _current.Kind == TokenKind.Sub;
        var signed = negative || _current.Kind == TokenKind.Add;
        if (signed)
        {
            Advance();
        }

        var token = _current;
        var bound = token.Kind switch
        {
            TokenKind.Start when !signed => QueryBound.Start,
            TokenKind.End when !signed => QueryBound.End,
            _ => QueryBound.None,
        };
        if (bound == QueryBound.None && token.Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw Unexpected(Context, Expected);
        }

        Advance();
        var end = token.End;
        double seconds = 0;
        if (bound != QueryBound.None)
        {
            Require(TokenKind.LeftParen, Context, Expected);
            end = Require(TokenKind.RightParen, Context, Expected).End;
        }
        else
        {
            seconds = NumberOf(token).Value * (negative ? -1 : 1);
            CheckAtRange(node, seconds);
        }

        if (ShiftOf(node, "@") is not { } shift)
        {
            return;
        }

        if (shift.HasAt)
        {
            Report(node.Span, "@ <timestamp> may not be set multiple times");
            return;
        }

        shift.AtBound = bound;
        shift.AtMs = bound == QueryBound.None ? (long)Math.Round(seconds * 1000, MidpointRounding.AwayFromZero) : null;
        node.Span = new SourceSpan(node.Span.Start, end);
    }

    private void CheckAtRange(Node node, double seconds)
    {
        if (!double.IsFinite(seconds) || seconds >= long.MaxValue || seconds <= long.MinValue)
        {
            var text = double.IsFinite(seconds) ? seconds.ToString("F6") : NumberText.Format(seconds);
            Report(node.Span, "timestamp out of bounds for @ modifier: " + text);
        }
    }

    private void SetEdges(Node node, EdgeMode mode)
    {
        var word = mode == EdgeMode.Anchored ? "anchored" : "smoothed";
        if (!_features.ExtendedRangeSelectors)
        {
            Report(node.Span, $"{word} modifier is experimental and not enabled");
            return;
        }

        switch (node)
        {
            case VectorSelector selector:
                SetEdges(selector, mode, node.Span);
                break;
            case MatrixSelector { Inner: VectorSelector inner }:
                SetEdges(inner, mode, node.Span);
                break;
            case MatrixSelector:
                break;
            case Subquery:
                Report(node.Span, $"{word} modifier is not supported for subqueries");
                break;
            default:
                Report(node.Span, $"{word} modifier not implemented");
                break;
        }
    }

    private void SetEdges(VectorSelector selector, EdgeMode mode, SourceSpan span)
    {
        if (selector.Edges != EdgeMode.Plain && selector.Edges != mode)
        {
            Report(span, "anchored and smoothed modifiers cannot be used together");
        }

        selector.Edges = mode;
    }

    private Node Brackets(Node node)
    {
        var open = Require(TokenKind.LeftBracket);
        _contexts.Push(("subquery or range selector", DurationExpected));
        var range = DurationSum(0);
        _contexts.Pop();
        CheckPositive(range);
        if (_current.Kind == TokenKind.Colon)
        {
            return SubqueryOf(node, range);
        }

        var close = Require(TokenKind.RightBracket, "subquery or range", "\":\" or \"]\"");
        if (RangeProblem(node) is { } problem)
        {
            Report(SourceSpan.Join(open.Span, close.Span), problem);
        }

        return new MatrixSelector
        {
            Inner = node,
            RangeMs = range is NumberLiteral number ? Milliseconds(number.Value) : 0,
            RangeExpression = range as DurationExpression,
            Span = new SourceSpan(node.Span.Start, close.End),
        };
    }

    private static string? RangeProblem(Node node) => node switch
    {
        VectorSelector { Shift.HasOffset: true } => "no offset modifiers allowed before range",
        VectorSelector { Shift.HasAt: true } => "no @ modifiers allowed before range",
        VectorSelector { Edges: not EdgeMode.Plain } => "no anchored or smoothed modifiers allowed before range",
        VectorSelector => null,
        _ => "ranges only allowed for vector selectors",
    };

    private Subquery SubqueryOf(Node node, Node range)
    {
        Require(TokenKind.Colon);
        Node? step = null;
        if (_current.Kind != TokenKind.RightBracket)
        {
            _contexts.Push(("subquery selector", DurationExpected + " or \"]\""));
            step = DurationSum(0);
            _contexts.Pop();
            CheckPositive(step);
        }

        var close = Require(TokenKind.RightBracket, "subquery selector", "\"]\"");
        return new Subquery
        {
            Inner = node,
            RangeMs = range is NumberLiteral r ? Milliseconds(r.Value) : 0,
            RangeExpression = range as DurationExpression,
            StepMs = step is NumberLiteral s ? Milliseconds(s.Value) : 0,
            StepExpression = step as DurationExpression,
            Span = new SourceSpan(node.Span.Start, close.End),
        };
    }

    private (bool ReturnBool, VectorMatching Matching) Modifiers()
    {
        var matching = new VectorMatching();
        var returnBool = Take(TokenKind.Bool);
        if (_current.Kind is TokenKind.On or TokenKind.Ignoring)
        {
            matching.On = _current.Kind == TokenKind.On;
            Advance();
            matching.Labels = GroupingLabels(out _);
            if (_current.Kind is TokenKind.GroupLeft or TokenKind.GroupRight)
            {
                matching.Cardinality = _current.Kind == TokenKind.GroupLeft
                    ? MatchCardinality.ManyToOne
                    : MatchCardinality.OneToMany;
                Advance();
                matching.Include = _current.Kind == TokenKind.LeftParen ? GroupingLabels(out _) : [];
            }
        }

        while (_current.Kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight)
        {
            ReadFill(matching);
        }

        return (returnBool, matching);
    }

    private void ReadFill(VectorMatching matching)
    {
        var which = _current.Kind;
        Advance();
        Require(TokenKind.LeftParen);
        var negative = _current.Kind == TokenKind.Sub;
        if (negative || _current.Kind == TokenKind.Add)
        {
            Advance();
        }

        if (_current.Kind is not (TokenKind.Number or TokenKind.Duration))
        {
            throw Unexpected();
        }

        var value = NumberOf(_current).Value * (negative ? -1 : 1);
        Advance();
        Require(TokenKind.RightParen);
        if (which != TokenKind.FillRight)
        {
            matching.FillLeft = value;
        }

        if (which != TokenKind.FillLeft)
        {
            matching.FillRight = value;
        }
    }
}
