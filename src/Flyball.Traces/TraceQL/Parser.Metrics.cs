using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <content>Metrics queries and arithmetic between them.</content>
internal sealed partial class Parser
{
    private const int DefaultTopN = 10;
    private const int MostTopN = 10_000;

    private static readonly string[] MetricsNames =
    [
        "rate", "count_over_time", "min_over_time", "max_over_time", "avg_over_time", "sum_over_time", "quantile_over_time",
        "histogram_over_time", "compare",
    ];

    private Query ReadQuery()
    {
        // "(" begins arithmetic or a plain pipeline; which one is known only at its end, so arithmetic is tried first.
        if (Current is { Kind: TokenKind.Symbol, Text: "(" } or { Kind: TokenKind.Integer or TokenKind.Float or TokenKind.Duration })
        {
            var start = _at;
            try
            {
                var arithmetic = ReadMetricsSum();
                if (arithmetic is (MetricsArithmetic or MetricsQuery) && Current.Kind is (TokenKind.End or TokenKind.Word))
                {
                    return Fold(arithmetic);
                }
            }
            catch (TraceQLException) when (!_query.Contains(") *") && _tokens[start].Kind == TokenKind.Symbol)
            {
                // Not arithmetic; the pipeline reader has the better message.
            }

            _at = start;
            _depth = 0;
        }

        return ReadPipelineQuery();
    }

    private Query ReadPipelineQuery()
    {
        var stages = ReadPipeline(out var isMetrics);
        return isMetrics ? ReadMetrics(stages) : new SearchQuery(stages);
    }

    private Query ReadMetricsSum()
    {
        var left = ReadMetricsProduct();
        while (Current is { Kind: TokenKind.Symbol, Text: "+" or "-" } op)
        {
            _at++;
            left = new MetricsArithmetic(op.Text, left, ReadMetricsProduct());
        }

        return left;
    }

    private Query ReadMetricsProduct()
    {
        var left = ReadMetricsOperand();
        while (Current is { Kind: TokenKind.Symbol, Text: "*" or "/" } op)
        {
            _at++;
            left = new MetricsArithmetic(op.Text, left, ReadMetricsOperand());
        }

        return left;
    }

    private Query ReadMetricsOperand()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Integer:
                _at++;
                return new MetricsNumber(token.Number, IsInteger: true);
            case TokenKind.Float:
                _at++;
                return new MetricsNumber(BitConverter.Int64BitsToDouble(token.Number), IsInteger: false);
            case TokenKind.Duration:
                throw new TraceQLException("a duration cannot be an operand of metrics arithmetic", token.Column);
        }

        ExpectSymbol("(");
        Enter();
        var inner = Current is { Kind: TokenKind.Symbol, Text: "{" } || (Current.Kind == TokenKind.Symbol && Current.Text == "(" && !IsArithmeticAhead())
            ? ReadPipelineQuery()
            : ReadMetricsSum();
        _depth--;
        ExpectSymbol(")");
        return inner is not SearchQuery ? inner : throw new TraceQLException("metrics arithmetic needs metrics queries", token.Column);
    }

    // Behind "(": does the matching ")" precede an arithmetic operator or another ")"?
    private bool IsArithmeticAhead()
    {
        var depth = 0;
        for (var i = _at; i < _tokens.Count; i++)
        {
            depth += _tokens[i].Text == "(" ? 1 : _tokens[i].Text == ")" ? -1 : 0;
            if (depth == 0)
            {
                return _tokens[i + 1].Text is "+" or "-" or "*" or "/" or ")";
            }
        }

        return false;
    }

    private MetricsQuery ReadMetrics(List<Stage> stages)
    {
        if (stages.Count == 0)
        {
            throw new TraceQLException("a metrics function needs a span set before it", Current.Column);
        }

        var name = Current;
        _at++;
        var function = name.Text == "compare" ? ReadCompare(name) : ReadFunction(name);
        var then = new List<SecondStage>();
        while (true)
        {
            if (Current.Kind == TokenKind.Symbol && ScalarComparisons.Contains(Current.Text))
            {
                var op = Current.Text;
                _at++;
                then.Add(new SecondStage(op, ReadNumber()));
            }
            else if (TrySymbol("|"))
            {
                var word = Expect(TokenKind.Word, "topk or bottomk");
                if (word.Text is not ("topk" or "bottomk"))
                {
                    throw new TraceQLException($"unexpected \"{word.Text}\", expected topk or bottomk", word.Column);
                }

                ExpectSymbol("(");
                var count = Expect(TokenKind.Integer, "a number of series");
                ExpectSymbol(")");
                then.Add(new SecondStage(word.Text, count.Number));
            }
            else
            {
                return then.Count > 0 && function.Name == "compare"
                    ? throw new TraceQLException("compare() cannot be processed further", name.Column)
                    : new MetricsQuery(stages, function, then);
            }
        }
    }

    private MetricsFunction ReadFunction(Token name)
    {
        ExpectSymbol("(");
        Expression? field = null;
        var quantiles = new List<double>();
        if (name.Text is not ("rate" or "count_over_time"))
        {
            field = ReadField();
            while (name.Text == "quantile_over_time" && TrySymbol(","))
            {
                quantiles.Add(ReadNumber());
            }

            if (name.Text == "quantile_over_time" && quantiles.Count == 0)
            {
                throw new TraceQLException("quantile_over_time needs a quantile, e.g. 0.9", Current.Column);
            }
        }

        ExpectSymbol(")");
        IReadOnlyList<Expression> by = [];
        if (Current is { Kind: TokenKind.Word, Text: "by" })
        {
            _at++;
            by = ReadFieldList();
        }

        return new MetricsFunction(name.Text, field, quantiles, by, Compare: null, name.Column);
    }

    private MetricsFunction ReadCompare(Token name)
    {
        ExpectSymbol("(");
        if (ReadSpanset() is not SpansetFilter filter)
        {
            throw new TraceQLException("compare() takes one span filter", name.Column);
        }

        long topN = DefaultTopN, from = 0, until = 0;
        if (TrySymbol(","))
        {
            var column = Current.Column;
            topN = Expect(TokenKind.Integer, "a number of values").Number;
            if (topN is < 1 or > MostTopN)
            {
                throw new TraceQLException($"compare() shows between 1 and {MostTopN} values", column);
            }

            if (TrySymbol(","))
            {
                from = Expect(TokenKind.Integer, "the start in nanoseconds").Number;
                ExpectSymbol(",");
                column = Current.Column;
                until = Expect(TokenKind.Integer, "the end in nanoseconds").Number;
                if (until <= from)
                {
                    throw new TraceQLException("the end of compare() must lie behind its start", column);
                }
            }
        }

        ExpectSymbol(")");
        var comparison = new Comparison(filter, (int)topN, (ulong)from, (ulong)until);
        return new MetricsFunction(name.Text, Field: null, [], [], comparison, name.Column);
    }

    private double ReadNumber()
    {
        var column = Current.Column;
        return Constants.Fold(ReadAdditive()) is { IsNumber: true } value
            ? value.Kind == ValueKind.Duration ? value.Number / 1e9 : value.Number
            : throw new TraceQLException("a number is expected", column);
    }

    // Numbers among themselves fold first; integer division truncates.
    private static Query Fold(Query query)
    {
        if (query is not MetricsArithmetic { Left: var l, Right: var r } arithmetic)
        {
            return query;
        }

        var left = Fold(l);
        var right = Fold(r);
        if (left is not MetricsNumber a || right is not MetricsNumber b)
        {
            return arithmetic with { Left = left, Right = right };
        }

        var isInteger = a.IsInteger && b.IsInteger;
        var value = arithmetic.Operator switch
        {
            "+" => a.Value + b.Value,
            "-" => a.Value - b.Value,
            "*" => a.Value * b.Value,
            _ => isInteger && b.Value != 0 ? Math.Truncate(a.Value / b.Value) : a.Value / b.Value,
        };
        return new MetricsNumber(value, isInteger);
    }
}
