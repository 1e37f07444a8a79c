namespace Flyball.PromQL.Syntax;

/// <summary>What a token is. The order matters: classes of tokens are ranges, see <see cref="TokenKindText"/>.</summary>
internal enum TokenKind
{
    EndOfInput,
    Error,
    Identifier,
    MetricIdentifier,
    String,
    Number,
    Duration,

    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    Assign,

    // Operators.
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Atan2,
    EqualTo,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    TrimUpper,
    TrimLower,
    RegexMatch,
    RegexNoMatch,
    And,
    Or,
    Unless,
    At,

    // Aggregators.
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,

    // Keywords.
    Bool,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Offset,
    Anchored,
    Smoothed,
    Fill,
    FillLeft,
    FillRight,

    // Names that are functions of the query's own bounds.
    Start,
    End,
    Step,
    Range,
    MinOf,
    MaxOf,
}

/// <summary>Classes and spellings of token kinds.</summary>
internal static class TokenKindText
{
    private static readonly Dictionary<string, TokenKind> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["and"] = TokenKind.And, ["or"] = TokenKind.Or, ["unless"] = TokenKind.Unless, ["atan2"] = TokenKind.Atan2,
        ["sum"] = TokenKind.Sum, ["avg"] = TokenKind.Avg, ["count"] = TokenKind.Count, ["min"] = TokenKind.Min,
        ["max"] = TokenKind.Max, ["group"] = TokenKind.Group, ["stddev"] = TokenKind.Stddev, ["stdvar"] = TokenKind.Stdvar,
        ["topk"] = TokenKind.TopK, ["bottomk"] = TokenKind.BottomK, ["count_values"] = TokenKind.CountValues,
        ["quantile"] = TokenKind.Quantile, ["limitk"] = TokenKind.LimitK, ["limit_ratio"] = TokenKind.LimitRatio,
        ["offset"] = TokenKind.Offset, ["anchored"] = TokenKind.Anchored, ["smoothed"] = TokenKind.Smoothed,
        ["by"] = TokenKind.By, ["without"] = TokenKind.Without, ["on"] = TokenKind.On, ["ignoring"] = TokenKind.Ignoring,
        ["group_left"] = TokenKind.GroupLeft, ["group_right"] = TokenKind.GroupRight, ["bool"] = TokenKind.Bool,
        ["fill"] = TokenKind.Fill, ["fill_left"] = TokenKind.FillLeft, ["fill_right"] = TokenKind.FillRight,
        ["start"] = TokenKind.Start, ["end"] = TokenKind.End, ["step"] = TokenKind.Step, ["range"] = TokenKind.Range,
        ["inf"] = TokenKind.Number, ["nan"] = TokenKind.Number,
    };

    private static readonly Dictionary<TokenKind, string> Spellings = MakeSpellings();

    public static bool TryKeyword(string word, out TokenKind kind) => Keywords.TryGetValue(word, out kind);

    public static bool IsOperator(this TokenKind kind) => kind is >= TokenKind.Add and <= TokenKind.At;

    public static bool IsAggregator(this TokenKind kind) => kind is >= TokenKind.Sum and <= TokenKind.LimitRatio;

    public static bool IsKeyword(this TokenKind kind) => kind is >= TokenKind.Bool and <= TokenKind.FillRight;

    public static bool IsComparison(this TokenKind kind) => kind is >= TokenKind.EqualTo and <= TokenKind.GreaterOrEqual;

    public static bool IsSetOperator(this TokenKind kind) => kind is TokenKind.And or TokenKind.Or or TokenKind.Unless;

    public static bool TakesParameter(this TokenKind kind) => kind is >= TokenKind.TopK and <= TokenKind.LimitRatio;

    /// <summary>Whether the token may stand for a metric's name: identifiers and the keywords that are free there.</summary>
    public static bool IsMetricName(this TokenKind kind) =>
        kind is TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.And or TokenKind.Or or TokenKind.Unless
            or TokenKind.By or TokenKind.Without or TokenKind.Offset or TokenKind.Anchored or TokenKind.Smoothed
            or TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight
            or TokenKind.Start or TokenKind.End or TokenKind.Step or TokenKind.Range
        || kind.IsAggregator();

    /// <summary>Whether the token may stand for a label's name in a grouping list.</summary>
    public static bool IsGroupingLabel(this TokenKind kind) =>
        kind is TokenKind.Identifier or TokenKind.MetricIdentifier or TokenKind.And or TokenKind.Or or TokenKind.Unless
            or TokenKind.Atan2 or TokenKind.Start or TokenKind.End or TokenKind.Step or TokenKind.Range
        || kind.IsAggregator() || kind.IsKeyword();

    /// <summary>The kind as it is written in a query.</summary>
    public static string Text(this TokenKind kind) => Spellings[kind];

    /// <summary>A token as error messages name it.</summary>
    public static string Describe(TokenKind kind, string text)
    {
        switch (kind)
        {
            case TokenKind.EndOfInput:
                return "end of input";
            case TokenKind.Identifier:
                return "identifier " + GoQuoting.Quote(text);
            case TokenKind.MetricIdentifier:
                return "metric identifier " + GoQuoting.Quote(text);
            case TokenKind.String:
                return "string " + Shorten(text);
            case TokenKind.Number:
                return "number " + Shorten(text);
            case TokenKind.Duration:
                return "duration " + Shorten(text);
            default:
                break;
        }

        if (kind.IsKeyword())
        {
            return $"<{text}>";
        }

        if (kind.IsOperator())
        {
            return $"<op:{text}>";
        }

        return kind.IsAggregator() ? $"<aggr:{text}>" : Shorten(text);
    }

    private static string Shorten(string text) =>
        text.Length > 10 ? GoQuoting.Quote(text[..10]) + "..." : GoQuoting.Quote(text);

    private static Dictionary<TokenKind, string> MakeSpellings()
    {
        var texts = new Dictionary<TokenKind, string>
        {
            [TokenKind.LeftParen] = "(", [TokenKind.RightParen] = ")", [TokenKind.LeftBrace] = "{", [TokenKind.RightBrace] = "}",
            [TokenKind.LeftBracket] = "[", [TokenKind.RightBracket] = "]", [TokenKind.Comma] = ",", [TokenKind.Colon] = ":",
            [TokenKind.Assign] = "=", [TokenKind.Add] = "+", [TokenKind.Sub] = "-", [TokenKind.Mul] = "*", [TokenKind.Div] = "/",
            [TokenKind.Mod] = "%", [TokenKind.Pow] = "^", [TokenKind.EqualTo] = "==", [TokenKind.NotEqual] = "!=",
            [TokenKind.Less] = "<", [TokenKind.LessOrEqual] = "<=", [TokenKind.Greater] = ">", [TokenKind.GreaterOrEqual] = ">=",
            [TokenKind.TrimUpper] = "</", [TokenKind.TrimLower] = ">/", [TokenKind.RegexMatch] = "=~",
            [TokenKind.RegexNoMatch] = "!~", [TokenKind.At] = "@", [TokenKind.MinOf] = "min_of", [TokenKind.MaxOf] = "max_of",
        };
        foreach (var (word, kind) in Keywords)
        {
            texts.TryAdd(kind, word);
        }

        return texts;
    }
}
