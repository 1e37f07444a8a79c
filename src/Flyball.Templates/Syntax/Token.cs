namespace Flyball.Templates.Syntax;

/// <summary>Kinds of pieces a template's text falls into.</summary>
internal enum TokenKind
{
    Error,
    End,
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Identifier,
    Field,
    Variable,
    Dot,
    Nil,
    Boolean,
    Number,
    Rune,
    Quoted,
    RawText,
    Pipe,
    Assign,
    Declare,
    LeftParen,
    RightParen,
    Character,
    Keyword,
}

/// <summary>One piece of a template's text.</summary>
/// <param name="At">Where it begins, in characters from the start of the text.</param>
internal readonly record struct Token(TokenKind Kind, int At, string Text)
{
    /// <summary>As error messages show it.</summary>
    public override string ToString() => Kind switch
    {
        TokenKind.End => "EOF",
        TokenKind.Error => Text,
        TokenKind.Keyword => $"<{Text}>",
        _ when Text.Length > 10 => Values.GoStrings.Quote(Text[..10]) + "...",
        _ => Values.GoStrings.Quote(Text),
    };
}
