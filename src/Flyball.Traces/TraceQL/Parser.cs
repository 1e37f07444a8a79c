using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>Turns words into a query. Grammar: Tempo documentation, "TraceQL"; what only types can tell is left to the <see cref="Validator"/>.</summary>
internal sealed partial class Parser
{
    private const int DeepestNesting = 200;

    // A chain of operators becomes a tree as deep as it is long, and trees are walked by recursion.
    private const int MostTokens = 4000;

    private static readonly string[] Comparisons = ["=", "!=", "<", "<=", ">", ">=", "=~", "!~"];
    private static readonly string[] ScalarComparisons = ["=", "!=", "<", "<=", ">", ">="];
    private static readonly string[] Structural =
        [">", "<", ">>", "<<", "~", "!>", "!<", "!>>", "!<<", "!~", "&>", "&<", "&>>", "&<<", "&~"];

    private static readonly string[] AggregateNames = ["count", "min", "max", "avg", "sum"];

    private readonly string _query;
    private readonly List<Token> _tokens;
    private int _at;
    private int _depth;

    private Parser(string query)
    {
        _query = query;
        _tokens = Lexer.Read(query);
        if (_tokens.Count > MostTokens)
        {
            throw new TraceQLException($"the query has more than {MostTokens} words", _tokens[MostTokens].Column);
        }
    }

    private Token Current => _tokens[_at];

    /// <summary>Parses and validates a query.</summary>
    /// <exception cref="TraceQLException">It is not well-formed; the message names the column.</exception>
    public static Query Parse(string query)
    {
        var parser = new Parser(query);
        var parsed = parser.ReadQuery();
        var hints = parser.ReadHints();
        parser.Expect(TokenKind.End, "the end of the query");
        Validator.Check(parsed);
        return parsed with { Hints = hints };
    }

    /// <summary>Parses a query that finds traces.</summary>
    /// <exception cref="TraceQLException">It is not well-formed, or a metrics query.</exception>
    public static SearchQuery ParseSearch(string query) =>
        Parse(query) as SearchQuery ?? throw new TraceQLException("a metrics query cannot search for traces; send it to /api/metrics/query_range");

    /// <summary>Parses one attribute or intrinsic as it is written in a query, e.g. <c>resource.service.name</c>.</summary>
    /// <exception cref="TraceQLException">It is something else.</exception>
    public static Expression ParseField(string text)
    {
        var parser = new Parser(text);
        var field = parser.ReadField();
        parser.Expect(TokenKind.End, "the end of the name");
        return field;
    }

    private List<Stage> ReadPipeline(out bool isMetrics)
    {
        var stages = new List<Stage>();
        while (true)
        {
            if (Current.Kind == TokenKind.Word && MetricsNames.Contains(Current.Text))
            {
                isMetrics = true;
                return stages;
            }

            stages.Add(ReadStage(isFirst: stages.Count == 0));
            if (!TrySymbol("|"))
            {
                isMetrics = false;
                return stages;
            }
        }
    }

    private Stage ReadStage(bool isFirst)
    {
        if (Current.Kind == TokenKind.Word)
        {
            switch (Current.Text)
            {
                case "by":
                    _at++;
                    return ReadGroupBy();
                case "coalesce" when !isFirst:
                    _at++;
                    ExpectSymbol("(");
                    ExpectSymbol(")");
                    return new Coalesce();
                case "select":
                    _at++;
                    return new Select(ReadFieldList());
            }

            if (AggregateNames.Contains(Current.Text))
            {
                return ReadScalarFilter();
            }
        }

        return new SpansetStage(ReadSpansets());
    }

    private GroupBy ReadGroupBy()
    {
        ExpectSymbol("(");
        var start = Current.Column;
        var by = ReadExpression();
        var text = _query[(start - 1)..(Current.Column - 1)].Trim();
        ExpectSymbol(")");
        return new GroupBy(by, text);
    }

    private List<Expression> ReadFieldList()
    {
        ExpectSymbol("(");
        var fields = new List<Expression>();
        do
        {
            fields.Add(ReadField());
        }
        while (TrySymbol(","));
        ExpectSymbol(")");
        return fields;
    }

    private Expression ReadField()
    {
        var column = Current.Column;
        var field = ReadPrimary();
        return field is AttributeField or IntrinsicField
            ? field
            : throw new TraceQLException("an attribute or intrinsic is expected", column);
    }

    private ScalarFilter ReadScalarFilter()
    {
        var aggregate = ReadAggregate();
        if (Current is { Kind: TokenKind.Symbol, Text: "+" or "-" or "*" or "/" or "%" or "^" })
        {
            throw new TraceQLException("arithmetic of aggregates is not yet supported", Current.Column);
        }

        var comparison = Current;
        if (comparison.Kind != TokenKind.Symbol || !ScalarComparisons.Contains(comparison.Text))
        {
            throw new TraceQLException("a pipeline may not end in an aggregate: a comparison is expected", comparison.Column);
        }

        _at++;
        if (Current.Kind == TokenKind.Word && AggregateNames.Contains(Current.Text))
        {
            throw new TraceQLException("comparing aggregates with each other is not yet supported", Current.Column);
        }

        var column = Current.Column;
        var bound = Constants.Fold(ReadAdditive());
        return bound is { IsNumber: true } number
            ? new ScalarFilter(aggregate, comparison.Text, number)
            : throw new TraceQLException("an aggregate is compared with a number or a duration", column);
    }

    private Aggregate ReadAggregate()
    {
        var start = Current.Column;
        var function = Current.Text;
        _at++;
        ExpectSymbol("(");
        var operand = function == "count" ? null : ReadExpression();
        var end = Current.Column;
        ExpectSymbol(")");
        return new Aggregate(function, operand, _query[(start - 1)..end]);
    }

    private SpansetExpression ReadSpansets()
    {
        var left = ReadStructural();
        while (Current is { Kind: TokenKind.Symbol, Text: "&&" or "||" } op)
        {
            _at++;
            left = new SpansetOperation(op.Text, left, ReadStructural());
        }

        return left;
    }

    private SpansetExpression ReadStructural()
    {
        var left = ReadSpanset();
        while (Current.Kind == TokenKind.Symbol && Structural.Contains(Current.Text))
        {
            var op = Current.Text;
            _at++;
            left = new SpansetOperation(op, left, ReadSpanset());
        }

        return left;
    }

    private SpansetExpression ReadSpanset()
    {
        if (TrySymbol("{"))
        {
            if (TrySymbol("}"))
            {
                return new SpansetFilter(null);
            }

            var condition = ReadExpression();
            ExpectSymbol("}");
            return new SpansetFilter(condition);
        }

        if (!TrySymbol("("))
        {
            throw new TraceQLException($"unexpected {Describe(Current)}: a span set like {{ … }} is expected", Current.Column);
        }

        Enter();
        var stages = ReadPipeline(out var isMetrics);
        if (isMetrics)
        {
            throw new TraceQLException("a metrics function may only end a query", Current.Column);
        }

        ExpectSymbol(")");
        _depth--;
        return stages is [SpansetStage only] ? only.Spanset : new SpansetPipeline(stages);
    }

    private Expression ReadExpression()
    {
        Enter();
        var left = ReadComparison();
        while (Current is { Kind: TokenKind.Symbol, Text: "&&" or "||" } op)
        {
            _at++;
            left = new Binary(op.Text, left, ReadComparison(), op.Column);
        }

        _depth--;
        return left;
    }

    private Expression ReadComparison()
    {
        var left = ReadAdditive();
        while (Current.Kind == TokenKind.Symbol && Comparisons.Contains(Current.Text))
        {
            var op = Current;
            _at++;
            left = new Binary(op.Text, left, ReadAdditive(), op.Column);
        }

        return left;
    }

    private Expression ReadAdditive()
    {
        var left = ReadSigned();
        while (Current is { Kind: TokenKind.Symbol, Text: "+" or "-" } op)
        {
            _at++;
            left = new Binary(op.Text, left, ReadSigned(), op.Column);
        }

        return left;
    }

    // Unary minus binds like subtraction: -.a ^ 2 is -(.a ^ 2).
    private Expression ReadSigned()
    {
        var column = Current.Column;
        if (!TrySymbol("-"))
        {
            return ReadNot();
        }

        Enter();
        var operand = ReadSigned();
        _depth--;
        return new Unary("-", operand, column);
    }

    private Expression ReadNot()
    {
        var column = Current.Column;
        if (!TrySymbol("!"))
        {
            return ReadProduct();
        }

        Enter();
        var operand = ReadNot();
        _depth--;
        return new Unary("!", operand, column);
    }

    private Expression ReadProduct()
    {
        var left = ReadPower();
        while (Current is { Kind: TokenKind.Symbol, Text: "*" or "/" or "%" } op)
        {
            _at++;
            left = new Binary(op.Text, left, ReadPower(), op.Column);
        }

        return left;
    }

    private Expression ReadPower()
    {
        var left = ReadPrimary();
        if (Current is not { Kind: TokenKind.Symbol, Text: "^" } op)
        {
            return left;
        }

        _at++;
        Enter();
        var right = ReadPower();
        _depth--;
        return new Binary("^", left, right, op.Column);
    }

    private Expression ReadPrimary()
    {
        var token = Current;
        _at++;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                return new Literal(Value.Of(token.Number), token.Column);
            case TokenKind.Float:
                return new Literal(Value.Of(BitConverter.Int64BitsToDouble(token.Number)), token.Column);
            case TokenKind.Duration:
                return new Literal(Value.OfDuration(token.Number), token.Column);
            case TokenKind.Text:
                return new Literal(Value.Of(token.Text), token.Column);
            case TokenKind.Attribute:
                return new AttributeField(token.Scope, token.Text, token.Column);
            case TokenKind.ScopedIntrinsic or TokenKind.Word:
                return ReadWord(token);
            case TokenKind.Symbol when token.Text == "-":
                Enter();
                var operand = ReadPrimary();
                _depth--;
                return new Unary("-", operand, token.Column);
            case TokenKind.Symbol when token.Text == "(":
                var inner = ReadExpression();
                ExpectSymbol(")");
                return inner;
            default:
                throw new TraceQLException($"unexpected {Describe(token)}", token.Column);
        }
    }

    private static Expression ReadWord(Token token)
    {
        if (Intrinsics.TryFind(token.Text, out var intrinsic))
        {
            return new IntrinsicField(intrinsic, token.Text, token.Column);
        }

        if (token.Kind == TokenKind.Word && Keywords.Find(token.Text) is { } constant)
        {
            return new Literal(constant, token.Column);
        }

        throw new TraceQLException(
            token.Text == "parent" ? "parent is not yet supported" : $"unknown word \"{token.Text}\"; attributes begin with a dot", token.Column);
    }

    private Hints ReadHints()
    {
        if (Current is not { Kind: TokenKind.Word, Text: "with" })
        {
            return Hints.None;
        }

        _at++;
        ExpectSymbol("(");
        var hints = new Dictionary<string, Value>();
        do
        {
            var name = Expect(TokenKind.Word, "the name of a hint");
            ExpectSymbol("=");
            var column = Current.Column;
            var value = Constants.Fold(ReadAdditive()) ?? throw new TraceQLException("a hint needs a constant", column);
            hints[name.Text] = Hints.Check(name.Text, value) is { } problem ? throw new TraceQLException(problem, column) : value;
        }
        while (TrySymbol(","));
        ExpectSymbol(")");
        return new Hints(hints);
    }

    private void Enter()
    {
        if (++_depth > DeepestNesting)
        {
            throw new TraceQLException($"the query is nested more than {DeepestNesting} levels deep", Current.Column);
        }
    }

    private bool TrySymbol(string symbol)
    {
        if (Current.Kind != TokenKind.Symbol || Current.Text != symbol)
        {
            return false;
        }

        _at++;
        return true;
    }

    private void ExpectSymbol(string symbol)
    {
        if (!TrySymbol(symbol))
        {
            throw new TraceQLException($"unexpected {Describe(Current)}, expected '{symbol}'", Current.Column);
        }
    }

    private Token Expect(TokenKind kind, string what)
    {
        var token = Current;
        if (token.Kind != kind)
        {
            throw new TraceQLException($"unexpected {Describe(token)}, expected {what}", token.Column);
        }

        if (kind != TokenKind.End)
        {
            _at++;
        }

        return token;
    }

    private static string Describe(Token token) => token.Kind == TokenKind.End ? "end of the query" : $"\"{token.Text}\"";
}
