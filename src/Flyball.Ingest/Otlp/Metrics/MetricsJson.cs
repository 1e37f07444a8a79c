using System.Text.Json;
using System.Text.Unicode;
using Flyball.Ingest.Otlp.Json;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Turns a metrics request in OTLP's JSON mapping into the same request in protobuf, by a table of its messages.</summary>
/// <remarks>Metrics arrive as JSON rarely; one decoder behind a translation is less to get wrong than two decoders.</remarks>
internal static class MetricsJson
{
    private static readonly Dictionary<string, Dictionary<string, Field>> Messages = Build();

    private enum Form
    {
        Message,
        Text,
        Boolean,
        Varint,
        ZigZag,
        Fixed64,
        Double,
        Hex,
        Base64,
    }

    /// <summary>The request in protobuf.</summary>
    /// <exception cref="OtlpDecodeException">The bytes do not follow the mapping.</exception>
    public static ReadOnlySpan<byte> ToProtobuf(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new OtlpDecodeException("the body is not valid UTF-8");
        }

        try
        {
            var reader = new Utf8JsonReader(json);
            var writer = new WireWriter();
            reader.Read();
            WriteMessage(ref reader, "Request", writer);
            return writer.Written;
        }
        catch (JsonException e)
        {
            throw new OtlpDecodeException(e.Message, e);
        }
    }

    private static void WriteMessage(ref Utf8JsonReader reader, string message, WireWriter to)
    {
        var walk = new JsonWalk(ref reader);
        while (walk.NextMember(ref reader))
        {
            if (!Messages[message].TryGetValue(reader.GetString()!, out var field))
            {
                reader.Skip();
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                var list = new JsonList(ref reader);
                while (list.Next(ref reader))
                {
                    WriteValue(ref reader, field, to);
                }
            }
            else if (reader.TokenType != JsonTokenType.Null)
            {
                WriteValue(ref reader, field, to);
            }
        }
    }

    private static void WriteValue(ref Utf8JsonReader reader, Field field, WireWriter to)
    {
        switch (field.Form)
        {
            case Form.Message:
                var begun = to.Begin(field.Number);
                WriteMessage(ref reader, field.Message, to);
                to.End(begun);
                break;
            case Form.Text when reader.TokenType == JsonTokenType.String:
                to.BytesAlways(field.Number, reader.ValueIsEscaped ? JsonText.Unescape(ref reader) : reader.ValueSpan);
                break;
            case Form.Boolean when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                to.VarintAlways(field.Number, reader.TokenType == JsonTokenType.True ? 1u : 0u);
                break;
            case Form.Varint:
                to.VarintAlways(field.Number, (ulong)JsonText.SignedHere(ref reader));
                break;
            case Form.ZigZag:
                var signed = JsonText.SignedHere(ref reader);
                to.VarintAlways(field.Number, (ulong)((signed << 1) ^ (signed >> 63)));
                break;
            case Form.Fixed64:
                to.Fixed64Always(field.Number, (ulong)JsonText.SignedHere(ref reader));
                break;
            case Form.Double:
                to.DoubleAlways(field.Number, JsonText.DoubleHere(ref reader));
                break;
            case Form.Hex when reader.TokenType == JsonTokenType.String:
                to.Bytes(field.Number, HexHere(ref reader));
                break;
            case Form.Base64 when reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var bytes):
                to.BytesAlways(field.Number, bytes);
                break;
            default:
                throw JsonText.Unexpected(ref reader, "another kind of value");
        }
    }

    private static byte[] HexHere(ref Utf8JsonReader reader)
    {
        try
        {
            return Convert.FromHexString(reader.GetString()!);
        }
        catch (FormatException e)
        {
            throw new OtlpDecodeException($"the id at byte {reader.TokenStartIndex} is not hex", e);
        }
    }

    // name:number[:form or message]; without a form it is text.
    private static Dictionary<string, Dictionary<string, Field>> Build() => new()
    {
        ["Request"] = Fields("resourceMetrics:1:ResourceMetrics"),
        ["ResourceMetrics"] = Fields("resource:1:Resource scopeMetrics:2:ScopeMetrics schemaUrl:3"),
        ["Resource"] = Fields("attributes:1:KeyValue"),
        ["ScopeMetrics"] = Fields("scope:1:Scope metrics:2:Metric schemaUrl:3"),
        ["Scope"] = Fields("name:1 version:2 attributes:3:KeyValue"),
        ["Metric"] = Fields(
            "name:1 description:2 unit:3 gauge:5:Gauge sum:7:Sum histogram:9:Histograms exponentialHistogram:10:Exponentials summary:11:Summaries"),
        ["Gauge"] = Fields("dataPoints:1:Number"),
        ["Sum"] = Fields("dataPoints:1:Number aggregationTemporality:2:Varint isMonotonic:3:Boolean"),
        ["Histograms"] = Fields("dataPoints:1:Histogram aggregationTemporality:2:Varint"),
        ["Exponentials"] = Fields("dataPoints:1:Exponential aggregationTemporality:2:Varint"),
        ["Summaries"] = Fields("dataPoints:1:Summary"),
        ["Number"] = Fields(
            "startTimeUnixNano:2:Fixed64 timeUnixNano:3:Fixed64 asDouble:4:Double exemplars:5:Exemplar asInt:6:Fixed64 attributes:7:KeyValue flags:8:Varint"),
        ["Histogram"] = Fields(
            "startTimeUnixNano:2:Fixed64 timeUnixNano:3:Fixed64 count:4:Fixed64 sum:5:Double bucketCounts:6:Fixed64 explicitBounds:7:Double "
            + "exemplars:8:Exemplar attributes:9:KeyValue flags:10:Varint"),
        ["Exponential"] = Fields(
            "attributes:1:KeyValue startTimeUnixNano:2:Fixed64 timeUnixNano:3:Fixed64 count:4:Fixed64 sum:5:Double scale:6:ZigZag zeroCount:7:Fixed64 "
            + "positive:8:Buckets negative:9:Buckets flags:10:Varint exemplars:11:Exemplar zeroThreshold:14:Double"),
        ["Buckets"] = Fields("offset:1:ZigZag bucketCounts:2:Varint"),
        ["Summary"] = Fields(
            "startTimeUnixNano:2:Fixed64 timeUnixNano:3:Fixed64 count:4:Fixed64 sum:5:Double quantileValues:6:Quantile attributes:7:KeyValue flags:8:Varint"),
        ["Quantile"] = Fields("quantile:1:Double value:2:Double"),
        ["Exemplar"] = Fields("timeUnixNano:2:Fixed64 asDouble:3:Double spanId:4:Hex traceId:5:Hex asInt:6:Fixed64 filteredAttributes:7:KeyValue"),
        ["KeyValue"] = Fields("key:1 value:2:AnyValue"),
        ["AnyValue"] = Fields(
            "stringValue:1 boolValue:2:Boolean intValue:3:Varint doubleValue:4:Double arrayValue:5:Array kvlistValue:6:Map bytesValue:7:Base64"),
        ["Array"] = Fields("values:1:AnyValue"),
        ["Map"] = Fields("values:1:KeyValue"),
    };

    private static Dictionary<string, Field> Fields(string list)
    {
        var fields = new Dictionary<string, Field>();
        foreach (var entry in list.Split(' '))
        {
            var parts = entry.Split(':');
            var form = parts.Length < 3 ? Form.Text : Enum.TryParse<Form>(parts[2], out var known) ? known : Form.Message;
            fields[parts[0]] = new Field(int.Parse(parts[1]), form, form == Form.Message ? parts[2] : "");
        }

        return fields;
    }

    private readonly record struct Field(int Number, Form Form, string Message);
}
