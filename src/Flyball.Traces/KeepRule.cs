using Flyball.Traces.TraceQL;

namespace Flyball.Traces;

/// <summary>Keeps the traces that a query finds for a time of their own, counted from the end of the segment they lie in.</summary>
/// <param name="Query">A search in TraceQL, e.g. <c>{ status = error }</c>; evaluated over the whole trace.</param>
/// <param name="KeepFor">How long.</param>
public sealed record KeepRule(string Query, TimeSpan KeepFor)
{
    /// <summary>Checks a query.</summary>
    /// <exception cref="TraceQLException">It is no search; the message says where.</exception>
    public static void Check(string query) => Parser.ParseSearch(query);
}
