using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.Tempo;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.Jaeger;

/// <summary>Answers the questions of Jaeger's query API, bodies included; whoever speaks HTTP only passes them on.</summary>
/// <remarks>Tempo documentation. Names of services and operations are those of the newest million spans. Safe from many threads.</remarks>
public sealed class JaegerApi(SpanStore store)
{
    private const int MostNames = 10_000;

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the names of all services.</summary>
    public void WriteServices(IBufferWriter<byte> to, CancellationToken cancellationToken) =>
        WriteNames(ValuesOf("resource.service.name", filter: null, cancellationToken), to);

    /// <summary>Writes the names of a service's operations.</summary>
    public void WriteOperationNames(string service, IBufferWriter<byte> to, CancellationToken cancellationToken) =>
        WriteNames(ValuesOf("name", ServiceFilter(service), cancellationToken), to);

    /// <summary>Writes the operations of a service with the kind of their spans.</summary>
    /// <param name="kind">Only spans of this kind, e.g. <c>server</c>; null for all.</param>
    public void WriteOperations(string service, string? kind, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var kinds = Keywords.Kinds.Where(k => kind is null || k == kind).ToList();
        WriteEnvelope(to, json =>
        {
            var total = 0;
            foreach (var one in kinds)
            {
                foreach (var name in ValuesOf("name", $"{ServiceFilter(service)[..^2]} && kind = {one} }}", cancellationToken))
                {
                    total++;
                    json.WriteStartObject();
                    json.WriteString("name"u8, name);
                    json.WriteString("spanKind"u8, one == "unspecified" ? "" : one);
                    json.WriteEndObject();
                }
            }

            return total;
        });
    }

    /// <summary>Writes the traces a search finds, newest first.</summary>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public void WriteTraces(JaegerSearch search, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var query = new TraceQLSearch(JaegerQuery.Of(search)) { From = search.From, Until = search.Until, Limit = search.Limit, SpansPerSpanset = 1 };
        var ids = store.Search(query, cancellationToken).Traces.Select(t => t.Id).ToList();
        WriteTraces(ids, to, cancellationToken);
    }

    /// <summary>Writes traces by their ids; those that are missing are named among the errors.</summary>
    /// <returns>How many were found.</returns>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public int WriteTraces(IReadOnlyList<TraceId> ids, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var traces = store.Ask(view => ids.Select(id => Read(view, id, cancellationToken)).ToList());
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var trace in traces.OfType<SpanBatch>())
        {
            JaegerTraceJson.Write(json, trace);
        }

        json.WriteEndArray();
        var missing = ids.Where((_, i) => traces[i] is null).ToList();
        WriteEnd(json, total: 0, missing);
        return ids.Count - missing.Count;
    }

    /// <summary>Writes which services call which, and how often: from parents and children of different services.</summary>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public void WriteDependencies(TimestampNs from, TimestampNs until, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var calls = store.Ask(view => CountCalls(view, from, until, cancellationToken));
        WriteEnvelope(to, json =>
        {
            foreach (var ((parent, child), count) in calls)
            {
                json.WriteStartObject();
                json.WriteString("parent"u8, parent);
                json.WriteString("child"u8, child);
                json.WriteNumber("callCount"u8, count);
                json.WriteEndObject();
            }

            return 0;
        });
    }

    /// <summary>Writes a failure in the envelope of all answers.</summary>
    public static void WriteError(int status, string message, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        json.WriteNull("data"u8);
        json.WriteNumber("total"u8, 0);
        json.WriteNumber("limit"u8, 0);
        json.WriteNumber("offset"u8, 0);
        json.WriteStartArray("errors"u8);
        json.WriteStartObject();
        json.WriteNumber("code"u8, status);
        json.WriteString("msg"u8, message);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static SpanBatch? Read(StoreView view, TraceId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return TraceRows.Read(view, id).ToBatch();
    }

    private static SortedDictionary<(string Parent, string Child), long> CountCalls(
        StoreView view, TimestampNs from, TimestampNs until, CancellationToken cancellationToken)
    {
        var calls = new SortedDictionary<(string Parent, string Child), long>();
        var scan = new TraceScan(view, Prefilter.None, new Compiler(), from.Value, until.Value);
        foreach (var trace in scan.Traces(_ => false, cancellationToken))
        {
            Count(trace, calls);
        }

        return calls;
    }

    private static void Count(EvaluatedTrace trace, SortedDictionary<(string Parent, string Child), long> calls)
    {
        for (var i = 0; i < trace.Count; i++)
        {
            if (trace.ParentOf(i) is var parent and >= 0)
            {
                var caller = ServiceName.Of(trace[parent].Page, trace[parent].Row);
                var callee = ServiceName.Of(trace[i].Page, trace[i].Row);
                if (caller != callee)
                {
                    calls[(caller, callee)] = calls.GetValueOrDefault((caller, callee)) + 1;
                }
            }
        }
    }

    private static string ServiceFilter(string service) => $"{{ resource.service.name = {JaegerQuery.Quote(service)} }}";

    private List<string> ValuesOf(string field, string? filter, CancellationToken cancellationToken)
    {
        var condition = filter is null ? null : ((SpansetFilter)((SpansetStage)Parser.ParseSearch(filter).Stages[0]).Spanset).Condition;
        var values = store.Ask(view => TagCatalog.Values(view, Parser.ParseField(field), condition, 0, ulong.MaxValue, MostNames, cancellationToken));
        return [.. values.Select(v => v.ToString()).Order(StringComparer.Ordinal)];
    }

    private static void WriteNames(List<string> names, IBufferWriter<byte> to) => WriteEnvelope(to, json =>
    {
        names.ForEach(json.WriteStringValue);
        return names.Count;
    });

    private static void WriteEnvelope(IBufferWriter<byte> to, Func<Utf8JsonWriter, int> writeData)
    {
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        var total = writeData(json);
        json.WriteEndArray();
        WriteEnd(json, total, missing: []);
    }

    private static void WriteEnd(Utf8JsonWriter json, int total, List<TraceId> missing)
    {
        json.WriteNumber("total"u8, total);
        json.WriteNumber("limit"u8, 0);
        json.WriteNumber("offset"u8, 0);
        if (missing.Count == 0)
        {
            json.WriteNull("errors"u8);
        }
        else
        {
            json.WriteStartArray("errors"u8);
            foreach (var id in missing)
            {
                json.WriteStartObject();
                json.WriteNumber("code"u8, 404);
                json.WriteString("msg"u8, "trace not found");
                json.WriteString("traceID"u8, id.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
