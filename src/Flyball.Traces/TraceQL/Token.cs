namespace Flyball.Traces.TraceQL;

/// <summary>Kinds of words of the language.</summary>
internal enum TokenKind
{
    End,
    Symbol,
    Word,
    ScopedIntrinsic,
    Attribute,
    Integer,
    Float,
    Duration,
    Text,
}

/// <summary>A word of a query.</summary>
/// <param name="Text">The symbol, word, attribute name or string as meant; for scoped intrinsics <c>span:name</c>.</param>
/// <param name="Column">Where it begins, 1-based.</param>
/// <param name="Scope">Of an attribute.</param>
/// <param name="Number">Bits of a number: integer, duration in nanoseconds, or the bits of a double.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Column, AttributeScope Scope = default, long Number = 0);

/// <summary>Where an attribute is looked for.</summary>
internal enum AttributeScope
{
    /// <summary>Span first, then resource.</summary>
    Any,
    Span,
    Resource,
    Event,
    Link,
    Instrumentation,
}
