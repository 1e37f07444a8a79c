namespace Flyball.PromQL.Syntax;

/// <summary>A stretch of a query's text, in bytes of its UTF-8 form; the end is outside.</summary>
internal readonly record struct SourceSpan(int Start, int End)
{
    /// <summary>From the start of one to the end of another.</summary>
    public static SourceSpan Join(SourceSpan first, SourceSpan last) => new(first.Start, last.End);
}

/// <summary>A token: its kind, where it stands, and what is written there.</summary>
internal readonly record struct Token(TokenKind Kind, int Start, string Text, int ByteLength)
{
    public SourceSpan Span => new(Start, Start + ByteLength);

    public int End => Start + ByteLength;
}
