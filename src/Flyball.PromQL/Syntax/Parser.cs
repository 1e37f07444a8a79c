using System.Runtime.CompilerServices;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Reads a query into nodes: recursive descent, with operator precedence climbing for binary operators.</summary>
/// <remarks>Problems of spelling stop it; problems of meaning are collected. Wording follows Prometheus, whose users know it.</remarks>
internal sealed partial class Parser
{
    private const int UnaryPrecedence = 5;
    private const int MostDepth = 1000;

    private readonly Lexer _lexer;
    private readonly PromQLFeatures _features;
    private readonly List<(SourceSpan Span, string Message)> _problems = [];
    private readonly Stack<(string Context, string Expected)> _contexts = new();
    private Token _current;
    private int _depth;
    private int _openAggregations;

    private Parser(ReadOnlyMemory<byte> text, PromQLFeatures features)
    {
        Text = text;
        _lexer = new Lexer(text);
        _features = features;
    }

    private ReadOnlyMemory<byte> Text { get; }

    /// <summary>Reads a whole query and checks its types.</summary>
    /// <exception cref="PromQLSyntaxException">It is none.</exception>
    public static Node ParseExpression(ReadOnlyMemory<byte> text, PromQLFeatures features)
    {
        var parser = new Parser(text, features);
        return parser.Run(() =>
        {
            if (parser._current.Kind == TokenKind.EndOfInput)
            {
                parser.Report(default, "no expression found in input");
                throw new SyntaxAbort();
            }

            var root = parser.Expression(0);
            parser.ExpectEnd();
            return root;
        }, check: true);
    }

    /// <summary>Reads a selector alone, as <c>match[]</c> parameters have it.</summary>
    /// <exception cref="PromQLSyntaxException">It is none.</exception>
    public static VectorSelector ParseSelector(ReadOnlyMemory<byte> text, PromQLFeatures features)
    {
        var parser = new Parser(text, features);
        return (VectorSelector)parser.Run(() =>
        {
            if (!parser._current.Kind.IsMetricName() && parser._current.Kind != TokenKind.LeftBrace)
            {
                throw parser.Unexpected();
            }

            var selector = parser.Selector();
            parser.ExpectEnd();
            return selector;
        }, check: false);
    }

    private Node Run(Func<Node> read, bool check)
    {
        Node? root = null;
        try
        {
            Advance();
            root = read();
        }
        catch (SyntaxAbort)
        {
            // The trouble itself has been reported; Prometheus adds one line per aggregation it leaves unfinished.
            for (var i = Math.Min(_openAggregations, MostDepth); i > 0; i--)
            {
                Report(default, "no arguments for aggregate expression provided");
            }
        }

        if (check && root is not null && _problems.Count == 0)
        {
            new TypeChecker(Text, _problems).Check(root);
        }

        if (_problems.Count > 0)
        {
            var lines = new LineTable(Text.Span);
            throw new PromQLSyntaxException([.. _problems.Select(p => SyntaxProblem.At(lines, p.Span, p.Message))]);
        }

        return root!;
    }

    private void Report(SourceSpan span, string message) => _problems.Add((span, message));

    private void Advance()
    {
        _current = _lexer.Next();
        if (_current.Kind == TokenKind.Error)
        {
            Report(_current.Span, _current.Text);
        }
    }

    private bool Take(TokenKind kind)
    {
        if (_current.Kind != kind)
        {
            return false;
        }

        Advance();
        return true;
    }

    private Token Require(TokenKind kind, string? context = null, string? expected = null)
    {
        var token = _current;
        if (token.Kind != kind)
        {
            throw Unexpected(context, expected);
        }

        Advance();
        return token;
    }

    private void ExpectEnd()
    {
        if (_current.Kind != TokenKind.EndOfInput)
        {
            throw Unexpected();
        }
    }

    /// <summary>Complains about the current token, in the words of the nearest construct that has words of its own.</summary>
    private SyntaxAbort Unexpected(string? context = null, string? expected = null)
    {
        if (_current.Kind == TokenKind.Error)
        {
            return new SyntaxAbort();
        }

        if (context is null)
        {
            (context, expected) = _contexts.TryPeek(out var innermost) ? innermost : ("", "");
        }

        var message = "unexpected " + TokenKindText.Describe(_current.Kind, _current.Text);
        message += context.Length > 0 ? " in " + context : "";
        message += string.IsNullOrEmpty(expected) ? "" : ", expected " + expected;
        Report(_current.Span, message);
        return new SyntaxAbort();
    }

    private void Deepen()
    {
        // Nesting costs stack; a hostile query must not end the process.
        if (++_depth > MostDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooDeep();
        }
    }

    private SyntaxAbort TooDeep()
    {
        Report(_current.Span, $"expression is nested too deeply, over {MostDepth} levels; record parts of it by rules");
        return new SyntaxAbort();
    }

    private Node Expression(int minPrecedence)
    {
        Deepen();
        var left = Unary();
        while (true)
        {
            var op = _current.Kind;
            var precedence = PrecedenceOf(op);
            if (precedence == 0 || precedence < minPrecedence)
            {
                _depth--;
                return left;
            }

            Advance();
            var (returnBool, matching) = Modifiers();
            var right = Expression(op == TokenKind.Pow ? precedence : precedence + 1);
            left = new BinaryOperation
            {
                Operator = op,
                Left = left,
                Right = right,
                ReturnBool = returnBool,
                Matching = matching,
                Span = SourceSpan.Join(left.Span, right.Span),
            };
            if (!_features.FillModifiers && (matching.FillLeft ?? matching.FillRight) is not null)
            {
                Report(left.Span, "binop fill modifiers are experimental and not enabled");
            }
        }
    }

    private static int PrecedenceOf(TokenKind kind) => kind switch
    {
        TokenKind.Or => 1,
        TokenKind.And or TokenKind.Unless => 2,
        TokenKind.EqualTo or TokenKind.NotEqual or TokenKind.Less or TokenKind.LessOrEqual or TokenKind.Greater
            or TokenKind.GreaterOrEqual or TokenKind.TrimUpper or TokenKind.TrimLower => 3,
        TokenKind.Add or TokenKind.Sub => 4,
        TokenKind.Mul or TokenKind.Div or TokenKind.Mod or TokenKind.Atan2 => 5,
        TokenKind.Pow => 6,
        _ => 0,
    };

    private Node Unary()
    {
        if (_current.Kind is not (TokenKind.Add or TokenKind.Sub))
        {
            return Postfix(Primary());
        }

        var signs = new Stack<Token>();
        while (_current.Kind is TokenKind.Add or TokenKind.Sub)
        {
            if (_depth + signs.Count > MostDepth)
            {
                throw TooDeep();
            }

            signs.Push(_current);
            Advance();
        }

        var inner = Expression(UnaryPrecedence + 1);
        foreach (var sign in signs)
        {
            var span = new SourceSpan(sign.Start, inner.Span.End);
            if (inner is NumberLiteral number)
            {
                number.Value = sign.Kind == TokenKind.Sub ? -number.Value : number.Value;
                number.Span = span;
            }
            else
            {
                inner = new UnaryOperation { Operator = sign.Kind, Inner = inner, Span = span };
            }
        }

        return inner;
    }

    private Node Primary()
    {
        var token = _current;
        switch (token.Kind)
        {
            case TokenKind.Number or TokenKind.Duration:
                Advance();
                return NumberOf(token);
            case TokenKind.String:
                Advance();
                return new StringLiteral { Value = StringEscapes.Unquote(token.Text), Span = token.Span };
            case TokenKind.LeftParen:
                return InParentheses();
            case TokenKind.LeftBrace:
                return Selector();
            default:
                break;
        }

        if (!token.Kind.IsMetricName())
        {
            throw Unexpected();
        }

        Advance();
        if (token.Kind.IsAggregator() && IsAggregationAhead())
        {
            return AggregationOf(token);
        }

        var callable = token.Kind is TokenKind.Identifier or TokenKind.Start or TokenKind.End or TokenKind.Step or TokenKind.Range;
        return callable && _current.Kind == TokenKind.LeftParen ? CallOf(token) : SelectorNamed(token);
    }

    private NumberLiteral NumberOf(Token token)
    {
        double value;
        if (token.Kind == TokenKind.Duration)
        {
            var problem = DurationText.TryParse(token.Text, out var ms);
            value = ms / 1000.0;
            ReportIf(problem, token.Span);
        }
        else
        {
            var problem = NumberText.TryParse(token.Text, out value);
            ReportIf(problem is null ? null : "error parsing number: " + problem, token.Span);
        }

        return new NumberLiteral { Value = value, IsDuration = token.Kind == TokenKind.Duration, Span = token.Span };
    }

    private void ReportIf(string? problem, SourceSpan span)
    {
        if (problem is not null)
        {
            Report(span, problem);
        }
    }

    private Parenthesis InParentheses()
    {
        var open = Require(TokenKind.LeftParen);
        var inner = Expression(0);
        var close = Require(TokenKind.RightParen);
        return new Parenthesis { Inner = inner, Span = SourceSpan.Join(open.Span, close.Span) };
    }

    private bool IsAggregationAhead()
    {
        switch (_current.Kind)
        {
            case TokenKind.LeftParen or TokenKind.By or TokenKind.Without:
                return true;
            case TokenKind.EndOfInput or TokenKind.RightParen or TokenKind.RightBracket or TokenKind.LeftBrace
                or TokenKind.LeftBracket or TokenKind.Comma or TokenKind.Offset or TokenKind.Anchored or TokenKind.Smoothed:
                return false;
            default:
                return !_current.Kind.IsOperator();
        }
    }

    private Aggregation AggregationOf(Token op)
    {
        _contexts.Push(("aggregation", ""));
        var grouping = new List<string>();
        var without = false;
        var end = 0;
        _openAggregations++;
        var before = TryGrouping(ref grouping, ref without, ref end);
        var arguments = Arguments(out end);
        if (!before)
        {
            TryGrouping(ref grouping, ref without, ref end);
        }

        _openAggregations--;
        _contexts.Pop();
        var aggregation = new Aggregation
        {
            Operator = op.Kind,
            Grouping = grouping,
            Without = without,
            Span = new SourceSpan(op.Start, end),
        };
        Fill(aggregation, arguments);
        return aggregation;
    }

    private void Fill(Aggregation aggregation, List<Node> arguments)
    {
        var op = aggregation.Operator;
        if (arguments.Count == 0)
        {
            Report(aggregation.Span, "no arguments for aggregate expression provided");
            return;
        }

        if (op is TokenKind.LimitK or TokenKind.LimitRatio && !_features.ExperimentalFunctions)
        {
            Report(aggregation.Span, $"{op.Text()}() is experimental and must be enabled with --enable-feature=promql-experimental-functions");
            return;
        }

        var wanted = op.TakesParameter() ? 2 : 1;
        if (arguments.Count != wanted)
        {
            Report(aggregation.Span, $"wrong number of arguments for aggregate expression provided, expected {wanted}, got {arguments.Count}");
            return;
        }

        aggregation.Parameter = wanted == 2 ? arguments[0] : null;
        aggregation.Inner = arguments[^1];
    }

    private bool TryGrouping(ref List<string> grouping, ref bool without, ref int end)
    {
        if (_current.Kind is not (TokenKind.By or TokenKind.Without))
        {
            return false;
        }

        without = _current.Kind == TokenKind.Without;
        Advance();
        grouping = GroupingLabels(out end);
        return true;
    }

    private List<string> GroupingLabels(out int end)
    {
        const string Context = "grouping opts";
        Require(TokenKind.LeftParen, Context, "\"(\"");
        var labels = new List<string>();
        while (_current.Kind != TokenKind.RightParen)
        {
            var token = _current;
            if (token.Kind == TokenKind.String)
            {
                labels.Add(StringEscapes.Unquote(token.Text));
            }
            else if (token.Kind.IsGroupingLabel() && token.Kind != TokenKind.MetricIdentifier)
            {
                labels.Add(token.Text);
            }
            else
            {
                throw Unexpected(Context, "label");
            }

            if (labels[^1].Length == 0)
            {
                Report(token.Span, $"invalid label name for grouping: {GoQuoting.Quote(labels[^1])}");
            }

            Advance();
            if (_current.Kind != TokenKind.RightParen)
            {
                Require(TokenKind.Comma, Context, "\",\" or \")\"");
            }
        }

        end = _current.End;
        Advance();
        return labels;
    }

    private List<Node> Arguments(out int end)
    {
        Require(TokenKind.LeftParen);
        var arguments = new List<Node>();
        while (_current.Kind != TokenKind.RightParen)
        {
            if (arguments.Count > 0)
            {
                var comma = Require(TokenKind.Comma);
                if (_current.Kind is TokenKind.RightParen or TokenKind.Error)
                {
                    Report(comma.Span, "trailing commas not allowed in function call args");
                    if (_current.Kind == TokenKind.Error)
                    {
                        throw new SyntaxAbort();
                    }

                    break;
                }
            }

            arguments.Add(Expression(0));
        }

        end = _current.End;
        Advance();
        return arguments;
    }

    private Call CallOf(Token name)
    {
        if (!FunctionSignature.TryGet(name.Text, out var function))
        {
            var nearest = NearestWord.Find(name.Text, FunctionSignature.Names);
            var hint = nearest is null ? "" : $", did you mean {GoQuoting.Quote(nearest)}?";
            Report(name.Span, $"unknown function with name {GoQuoting.Quote(name.Text)}{hint}");
        }
        else if (function!.Experimental && !_features.ExperimentalFunctions)
        {
            Report(name.Span, $"function {GoQuoting.Quote(name.Text)} is not enabled");
        }

        var arguments = Arguments(out var end);
        function ??= new FunctionSignature(name.Text, ValueKind.None, []);
        return new Call { Function = function, Arguments = arguments, Span = new SourceSpan(name.Start, end) };
    }

    private VectorSelector SelectorNamed(Token name)
    {
        if (_current.Kind == TokenKind.LeftBrace)
        {
            var matchers = Matchers(out var end);
            return Assemble(name.Text, matchers, new SourceSpan(name.Start, end));
        }

        return Assemble(name.Text, [], name.Span);
    }

    private VectorSelector Selector()
    {
        if (_current.Kind != TokenKind.LeftBrace)
        {
            var name = _current;
            Advance();
            return SelectorNamed(name);
        }

        var start = _current.Start;
        var matchers = Matchers(out var end);
        return Assemble("", matchers, new SourceSpan(start, end));
    }

    private static VectorSelector Assemble(string name, List<Matcher> matchers, SourceSpan span)
    {
        if (name.Length > 0)
        {
            matchers.Add(new Matcher(MatchOp.Equal, LabelSet.MetricNameLabel, name));
        }

        return new VectorSelector { Name = name, Matchers = matchers, Span = span };
    }

    private List<Matcher> Matchers(out int end)
    {
        const string Context = "label matching";
        Require(TokenKind.LeftBrace);
        var matchers = new List<Matcher>();
        while (_current.Kind != TokenKind.RightBrace)
        {
            if (_current.Kind is not (TokenKind.Identifier or TokenKind.String))
            {
                throw Unexpected(Context, "identifier or \"}\"");
            }

            if (ReadMatcher() is { } matcher)
            {
                matchers.Add(matcher);
            }

            if (_current.Kind != TokenKind.RightBrace)
            {
                Require(TokenKind.Comma, Context, "\",\" or \"}\"");
            }
        }

        end = _current.End;
        Advance();
        return matchers;
    }

    private Matcher? ReadMatcher()
    {
        const string Context = "label matching";
        var label = _current;
        Advance();
        var name = label.Kind == TokenKind.String ? StringEscapes.Unquote(label.Text) : label.Text;
        MatchOp? op = _current.Kind switch
        {
            TokenKind.Assign => MatchOp.Equal,
            TokenKind.NotEqual => MatchOp.NotEqual,
            TokenKind.RegexMatch => MatchOp.Regex,
            TokenKind.RegexNoMatch => MatchOp.NotRegex,
            _ => null,
        };
        if (op is null)
        {
            // A quoted string alone is the metric's name.
            return label.Kind == TokenKind.String && _current.Kind is (TokenKind.Comma or TokenKind.RightBrace)
                ? new Matcher(MatchOp.Equal, LabelSet.MetricNameLabel, name)
                : throw Unexpected(Context, label.Kind == TokenKind.String ? "\",\" or \"}\"" : "label matching operator");
        }

        Advance();
        var value = Require(TokenKind.String, Context, "string");
        try
        {
            return new Matcher(op.Value, name, StringEscapes.Unquote(value.Text));
        }
        catch (RegexSyntaxException e)
        {
            Report(SourceSpan.Join(label.Span, value.Span), e.Message);
            return null;
        }
    }

    /// <summary>Reading cannot go on; the reasons are in the list of problems.</summary>
    private sealed class SyntaxAbort : Exception;
}
