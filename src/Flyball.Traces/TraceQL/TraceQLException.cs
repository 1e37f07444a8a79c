namespace Flyball.Traces.TraceQL;

/// <summary>A TraceQL query cannot be parsed, is not valid, or fails while it runs.</summary>
public sealed class TraceQLException : FormatException
{
    /// <summary>A problem at a place of the query.</summary>
    /// <param name="column">1-based, in characters.</param>
    internal TraceQLException(string message, int column)
        : base($"parse error at line 1, col {column}: {message}")
    {
    }

    /// <summary>A problem of the query as a whole.</summary>
    internal TraceQLException(string message)
        : base(message)
    {
    }
}
