namespace Flyball.Ingest.Exposition;

/// <summary>Tokens of the text formats; their upper-case names appear in error messages.</summary>
internal enum ExpositionToken
{
    Invalid,
    Eof,
    Linebreak,
    Comment,
    BraceOpen,
    BraceClose,
    LabelName,
    QuotedString,
    LabelValue,
    Comma,
    Equal,
    Timestamp,
    Value,
    MetricName,
}

/// <summary>The names Prometheus gives its tokens.</summary>
internal static class ExpositionTokenNames
{
    public static string NameOf(this ExpositionToken token) => token switch
    {
        ExpositionToken.Eof => "EOF",
        ExpositionToken.Linebreak => "LINEBREAK",
        ExpositionToken.Comment => "COMMENT",
        ExpositionToken.BraceOpen => "BOPEN",
        ExpositionToken.BraceClose => "BCLOSE",
        ExpositionToken.LabelName => "LNAME",
        ExpositionToken.QuotedString => "QSTRING",
        ExpositionToken.LabelValue => "LVALUE",
        ExpositionToken.Comma => "COMMA",
        ExpositionToken.Equal => "EQUAL",
        ExpositionToken.Timestamp => "TIMESTAMP",
        ExpositionToken.Value => "VALUE",
        ExpositionToken.MetricName => "MNAME",
        _ => "INVALID",
    };
}
