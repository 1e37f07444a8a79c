using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL;

/// <summary>A search in TraceQL.</summary>
/// <param name="Query">E.g. <c>{ status = error &amp;&amp; span.http.status_code >= 500 }</c>.</param>
public sealed record TraceQLSearch(string Query)
{
    /// <summary>Only traces with a span that starts at or after this time …</summary>
    public TimestampNs From { get; init; }

    /// <summary>… and at or before this one.</summary>
    public TimestampNs Until { get; init; } = new(ulong.MaxValue);

    /// <summary>Most traces in the answer; at least 1.</summary>
    public int Limit { get; init; } = 20;

    /// <summary>Most spans named per span set.</summary>
    public int SpansPerSpanset { get; init; } = 3;

    /// <summary>Whether the query answers with series rather than traces.</summary>
    /// <exception cref="TraceQLException">It is neither; the message says where.</exception>
    public bool IsMetricsQuery() => Parser.Parse(Query) is not SearchQuery;
}

/// <summary>The traces a query found, newest first.</summary>
internal sealed record TraceQLAnswer(IReadOnlyList<FoundTrace> Traces, long InspectedBytes, int InspectedTraces);

/// <summary>A trace that was found.</summary>
internal sealed record FoundTrace(
    TraceId Id,
    string RootService,
    string? RootName,
    ulong StartNs,
    ulong DurationNs,
    IReadOnlyList<FoundSpanset> Spansets,
    IReadOnlyDictionary<string, (int Spans, int Errors)> Services);

/// <summary>Spans that were found together.</summary>
/// <param name="Matched">All of them, also those not named.</param>
internal sealed record FoundSpanset(IReadOnlyList<FoundSpan> Spans, int Matched, IReadOnlyList<KeyValuePair<string, Value>> Attributes);

/// <summary>A span that was found, with the fields the query mentions.</summary>
internal sealed record FoundSpan(SpanId Id, string Name, ulong StartNs, ulong DurationNs, IReadOnlyList<KeyValuePair<string, Value>> Attributes);
