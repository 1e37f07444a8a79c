using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Wire;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Metrics;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.Tempo;

/// <summary>How an answer is written.</summary>
public enum TempoFormat
{
    /// <summary>JSON.</summary>
    Json,

    /// <summary>Protobuf, which Grafana asks for when it fetches a trace.</summary>
    Protobuf,
}

/// <summary>Answers the questions of Tempo's HTTP API, bodies included; whoever speaks HTTP only passes them on.</summary>
/// <remarks>Shared facts C3–C22. Safe from many threads.</remarks>
public sealed class TempoApi(SpanStore store)
{
    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a trace; false when there is none.</summary>
    /// <param name="isVersion2">The envelope of <c>/api/v2/traces</c>.</param>
    /// <exception cref="IOException">A segment is damaged or cannot be read.</exception>
    public async ValueTask<bool> TryWriteTraceAsync(
        TraceId id, TempoFormat format, bool isVersion2, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        if (await store.ReadTraceAsync(id, cancellationToken) is not { } trace)
        {
            return false;
        }

        if (format == TempoFormat.Protobuf)
        {
            WriteProtobuf(trace, isVersion2, to);
        }
        else
        {
            WriteJson(trace, isVersion2, to);
        }

        return true;
    }

    /// <summary>Writes the answer of a search.</summary>
    /// <exception cref="TraceQLException">The query is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment is damaged or cannot be read.</exception>
    public void WriteSearch(TraceQLSearch search, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var answer = store.Search(search, cancellationToken);
        using var json = new Utf8JsonWriter(to, JsonOptions);
        SearchJson.Write(json, answer);
    }

    /// <summary>Writes the series of a metrics query, one sample per step.</summary>
    /// <param name="search">The query and its range; the limit is the most series, 0 for all.</param>
    /// <param name="step">Distance of the samples; null for one value over the whole range.</param>
    /// <exception cref="TraceQLException">The query is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment is damaged or cannot be read.</exception>
    public void WriteMetrics(TraceQLSearch search, TimeSpan? step, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var query = Parser.Parse(search.Query);
        var slots = step is { } distance
            ? TimeSlots.Of(search.From.Value, search.Until.Value, (ulong)distance.Ticks * 100)
            : TimeSlots.Single(search.From.Value, search.Until.Value);
        using var view = store.View();
        var series = new MetricsExecutor(view, slots).Run(query, cancellationToken);
        using var json = new Utf8JsonWriter(to, JsonOptions);
        MetricsJson.Write(json, series, slots, search.Limit, isInstant: step is null);
    }

    /// <summary>Whether a word is a scope of the tags questions.</summary>
    public static bool IsScope(string scope) => TagCatalog.IsScope(scope);

    /// <summary>Writes the attribute names: one list, or one list per scope.</summary>
    public void WriteTags(string scope, bool isVersion2, IBufferWriter<byte> to)
    {
        using var view = store.View();
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        if (isVersion2)
        {
            json.WriteStartArray("scopes"u8);
            foreach (var (name, tags) in TagCatalog.Names(view, scope))
            {
                json.WriteStartObject();
                json.WriteString("name"u8, name);
                WriteStrings(json, "tags", tags);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
        else
        {
            var names = TagCatalog.Names(view, scope).Where(s => s.Scope != "intrinsic" || scope == "intrinsic");
            WriteStrings(json, "tagNames", [.. names.SelectMany(s => s.Names).Distinct().Order(StringComparer.Ordinal)]);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the values of an attribute.</summary>
    /// <param name="name">A TraceQL field in version 2; in version 1 a plain name, looked for on spans and resources.</param>
    /// <param name="query">A span filter that narrows the spans; one that is only half typed is ignored (C16).</param>
    /// <exception cref="TraceQLException">The name is no field.</exception>
    public void WriteTagValues(
        string name, bool isVersion2, string? query, TraceQLSearch window, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var field = isVersion2 ? Parser.ParseField(name) : PlainField(name);
        using var view = store.View();
        var values = TagCatalog.Values(view, field, FilterOf(query), window.From.Value, window.Until.Value, window.Limit, cancellationToken);
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        if (!isVersion2)
        {
            WriteStrings(json, "tagValues", [.. values.Select(v => v.ToString()).Distinct()]);
        }
        else
        {
            json.WriteStartArray("tagValues"u8);
            foreach (var value in values)
            {
                json.WriteStartObject();
                json.WriteString("type"u8, TypeName(value.Kind));
                json.WriteString("value"u8, value.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteJson(SpanBatch trace, bool isVersion2, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        if (isVersion2)
        {
            json.WriteStartObject("trace"u8);
            TraceJson.Write(json, trace, "resourceSpans");
            json.WriteEndObject();
            json.WriteStartObject("metrics"u8);
            json.WriteEndObject();
            json.WriteString("status"u8, "COMPLETE");
        }
        else
        {
            TraceJson.Write(json, trace, "batches");
        }

        json.WriteEndObject();
    }

    private static void WriteProtobuf(SpanBatch trace, bool isVersion2, IBufferWriter<byte> to)
    {
        var wire = new WireWriter();
        if (isVersion2)
        {
            var begun = wire.Begin(1);
            TraceProtobuf.Write(wire, trace);
            wire.End(begun);
        }
        else
        {
            TraceProtobuf.Write(wire, trace);
        }

        to.Write(wire.Written);
    }

    private static Expression PlainField(string name) =>
        Intrinsics.TryFind(name, out var intrinsic) ? new IntrinsicField(intrinsic, name, 1) : new AttributeField(AttributeScope.Any, name, 1);

    private static Expression? FilterOf(string? query)
    {
        if (string.IsNullOrWhiteSpace(query))
        {
            return null;
        }

        try
        {
            return Parser.Parse(query) is SearchQuery { Stages: [SpansetStage { Spanset: SpansetFilter { Condition: { } condition } }] }
                && Fields.IsLocal(condition) ? condition : null;
        }
        catch (TraceQLException)
        {
            // People see the values while they type: what does not parse yet does not narrow yet.
            return null;
        }
    }

    private static string TypeName(ValueKind kind) => kind switch
    {
        ValueKind.Integer => "int",
        ValueKind.Float => "float",
        ValueKind.Boolean => "bool",
        ValueKind.Duration => "duration",
        ValueKind.Status or ValueKind.Kind => "keyword",
        _ => "string",
    };

    private static void WriteStrings(Utf8JsonWriter json, string member, IReadOnlyList<string> strings)
    {
        json.WriteStartArray(member);
        foreach (var text in strings)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
