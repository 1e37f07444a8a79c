using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Wire;
using Flyball.Traces.Pages;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;
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
/// <remarks>Tempo documentation, "HTTP API". Safe from many threads.</remarks>
public sealed class TempoApi(SpanStore store, TempoOptions? options = null)
{
    private const int StandardExemplars = 100;
    private const double Shrink = 0.9; // spans differ in size: aim below the bound, or the next try may miss it again


    private readonly TempoOptions _options = options ?? new TempoOptions();

    private static readonly JsonWriterOptions JsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a trace.</summary>
    /// <param name="isVersion2">The envelope of <c>/api/v2/traces</c>, which can say that a trace is partial.</param>
    /// <exception cref="TraceQLException">The filter is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public TraceOutcome WriteTrace(TraceRequest request, TempoFormat format, bool isVersion2, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var filter = request.Filter is null ? null : TraceSelection.Compile(request.Filter);
        if (store.Ask(view => Find(view, request, filter, cancellationToken)) is not { } found)
        {
            return TraceOutcome.NotFound;
        }

        if (found.Trace.Count < found.Chosen && !isVersion2)
        {
            return TraceOutcome.TooLarge;
        }

        var message = found.Trace.Count < found.Chosen
            ? $"Trace exceeds maximum size of {_options.MostTraceBytes} bytes, a partial trace is returned"
            : found.Chosen < found.All ? "the spans that match the query are returned" : null;
        if (format == TempoFormat.Protobuf)
        {
            WriteProtobuf(found.Wire, isVersion2, message, found.InspectedBytes, to);
        }
        else
        {
            WriteJson(found.Trace, isVersion2, message, found.InspectedBytes, to);
        }

        return message is null ? TraceOutcome.Complete : TraceOutcome.Partial;
    }

    /// <summary>Writes the answer of a search.</summary>
    /// <exception cref="TraceQLException">The query is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public void WriteSearch(TraceQLSearch search, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var answer = store.Search(search, cancellationToken);
        using var json = new Utf8JsonWriter(to, JsonOptions);
        SearchJson.Write(json, answer);
    }

    /// <summary>Writes the series of a metrics query, one sample per step.</summary>
    /// <param name="search">The query and its range; the limit is the most series, 0 for all.</param>
    /// <param name="step">Distance of the samples; null for one value over the whole range.</param>
    /// <param name="exemplars">Most exemplars, unless the query says; null for 100.</param>
    /// <exception cref="TraceQLException">The query is not valid, or failed while it ran.</exception>
    /// <exception cref="IOException">A segment cannot be read.</exception>
    public void WriteMetrics(TraceQLSearch search, TimeSpan? step, int? exemplars, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var range = TimeSpan.FromTicks((long)((search.Until.Value - search.From.Value) / 100));
        if (_options.LongestRange > TimeSpan.Zero && range > _options.LongestRange)
        {
            throw new TraceQLException($"the range of {range} is longer than the {_options.LongestRange} allowed; shorten it or raise traces.max_metrics_range");
        }

        var query = Parser.Parse(search.Query);
        var slots = step is { } distance
            ? TimeSlots.Of(search.From.Value, search.Until.Value, (ulong)distance.Ticks * 100)
            : TimeSlots.Single(search.From.Value, search.Until.Value);
        var mostExemplars = step is null ? 0 : exemplars ?? StandardExemplars;
        var series = store.Ask(view => new MetricsExecutor(view, slots, mostExemplars).Run(query, cancellationToken));
        using var json = new Utf8JsonWriter(to, JsonOptions);
        MetricsJson.Write(json, series, slots, search.Limit > 0 ? search.Limit : _options.MostSeries, isInstant: step is null);
    }

    /// <summary>Whether a word is a scope of the tags questions.</summary>
    public static bool IsScope(string scope) => TagCatalog.IsScope(scope);

    /// <summary>Writes the attribute names: one list, or one list per scope.</summary>
    /// <param name="query">A span filter that narrows the spans; one that is only half typed is ignored.</param>
    /// <param name="window">Times, and the most names per scope.</param>
    public void WriteTags(string scope, bool isVersion2, string? query, TraceQLSearch window, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var filter = FilterOf(query);
        var all = store.Ask(view => TagCatalog.Names(view, scope, filter, window.From.Value, window.Until.Value, cancellationToken)
            .Select(s => (s.Scope, Names: s.Names.Take(window.Limit).ToList())).ToList());
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        if (isVersion2)
        {
            json.WriteStartArray("scopes"u8);
            foreach (var (name, tags) in all)
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
            var names = all.Where(s => s.Scope != "intrinsic" || scope == "intrinsic");
            WriteStrings(json, "tagNames", [.. names.SelectMany(s => s.Names).Distinct().Order(StringComparer.Ordinal)]);
        }

        json.WriteEndObject();
    }

    /// <summary>Writes the values of an attribute.</summary>
    /// <param name="name">A TraceQL field in version 2; in version 1 a plain name, looked for on spans and resources.</param>
    /// <param name="query">A span filter that narrows the spans; one that is only half typed is ignored.</param>
    /// <exception cref="TraceQLException">The name is no field.</exception>
    public void WriteTagValues(
        string name, bool isVersion2, string? query, TraceQLSearch window, IBufferWriter<byte> to, CancellationToken cancellationToken)
    {
        var field = isVersion2 ? Parser.ParseField(name) : PlainField(name);
        var filter = FilterOf(query);
        var values = store.Ask(view => TagCatalog.Values(view, field, filter, window.From.Value, window.Until.Value, window.Limit, cancellationToken));
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

    private ChosenTrace? Find(StoreView view, TraceRequest request, Node? filter, CancellationToken cancellationToken)
    {
        var rows = TraceRows.Read(view, request.Id).Items;
        if (rows.Count == 0 || rows[0].Start > request.Until.Value || rows.All(r => Math.Max(r.End, r.Start) < request.From.Value))
        {
            return null;
        }

        List<int> chosen = request.Filter is null ? [.. Enumerable.Range(0, rows.Count)]
            : TraceSelection.Choose(new EvaluatedTrace(request.Id, rows), filter, request.AncestorDepth, request.MatchDepth);
        var (trace, wire) = Fit(rows, chosen, cancellationToken);
        return new ChosenTrace(trace, wire, chosen.Count, rows.Count, view.InspectedBytes);
    }

    // The rows as a batch and as protobuf; of a trace that is too large the earliest spans.
    private (SpanBatch Trace, WireWriter Wire) Fit(IReadOnlyList<TraceRows.Row> rows, List<int> chosen, CancellationToken cancellationToken)
    {
        var count = chosen.Count;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var batch = new SpanBatch();
            var writer = new PageToBatch(batch);
            foreach (var row in chosen.Take(count))
            {
                writer.Add(rows[row].Page, rows[row].Index);
            }

            var wire = new WireWriter();
            TraceProtobuf.Write(wire, batch);
            if (wire.Written.Length <= _options.MostTraceBytes)
            {
                return (batch, wire);
            }

            count = (int)(count * Shrink * _options.MostTraceBytes / wire.Written.Length);
        }
    }

    private static void WriteJson(SpanBatch trace, bool isVersion2, string? message, long inspected, IBufferWriter<byte> to)
    {
        using var json = new Utf8JsonWriter(to, JsonOptions);
        json.WriteStartObject();
        if (isVersion2)
        {
            json.WriteStartObject("trace"u8);
            TraceJson.Write(json, trace, "resourceSpans");
            json.WriteEndObject();
            json.WriteStartObject("metrics"u8);
            json.WriteString("inspectedBytes"u8, inspected.ToString());
            json.WriteEndObject();
            json.WriteString("status"u8, message is null ? "COMPLETE" : "PARTIAL");
            if (message is not null)
            {
                json.WriteString("message"u8, message);
            }
        }
        else
        {
            TraceJson.Write(json, trace, "batches");
        }

        json.WriteEndObject();
    }

    private static void WriteProtobuf(WireWriter trace, bool isVersion2, string? message, long inspected, IBufferWriter<byte> to)
    {
        if (!isVersion2)
        {
            to.Write(trace.Written);
            return;
        }

        var wire = new WireWriter();
        wire.BytesAlways(1, trace.Written);
        var metrics = wire.Begin(2);
        wire.Varint(1, (ulong)inspected);
        wire.End(metrics);
        wire.Varint(3, message is null ? 0UL : 1);
        wire.Text(4, message ?? "");
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

    // A trace, or the part of it that was asked for and fits.
    private sealed record ChosenTrace(SpanBatch Trace, WireWriter Wire, int Chosen, int All, long InspectedBytes);

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
