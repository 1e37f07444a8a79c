namespace Flyball.PromQL;

/// <summary>A text is no PromQL expression.</summary>
/// <remarks>The message is that of the first problem, <c>line:column: parse error: …</c>, as Prometheus words it.</remarks>
public sealed class PromQLSyntaxException : FormatException
{
    internal PromQLSyntaxException(IReadOnlyList<SyntaxProblem> problems)
        : base(problems[0].ToString())
    {
        Problems = problems;
    }

    /// <summary>Everything that is wrong, in the order it was found.</summary>
    public IReadOnlyList<SyntaxProblem> Problems { get; }
}

/// <summary>One thing wrong with an expression.</summary>
/// <param name="Message">What, without position.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="Column">In bytes of UTF-8, counted from 1.</param>
/// <param name="Start">Byte offset where it begins.</param>
/// <param name="End">Byte offset where it ends, outside.</param>
public sealed record SyntaxProblem(string Message, int Line, int Column, int Start, int End)
{
    /// <summary>As Prometheus writes it: <c>1:5: parse error: unexpected …</c>.</summary>
    public override string ToString() => $"{Line}:{Column}: parse error: {Message}";

    internal static SyntaxProblem At(Syntax.LineTable lines, Syntax.SourceSpan span, string message)
    {
        var (line, column) = lines.Locate(span.Start);
        return new SyntaxProblem(message, line, column, span.Start, span.End);
    }
}
