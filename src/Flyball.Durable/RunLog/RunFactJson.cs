using System.Text.Json;
using System.Text.Json.Serialization;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Durable.RunLog;

/// <summary>Facts as JSON: few per second, many fields of which most are absent, and new fields must not need a new format.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter), typeof(SpanIdConverter)])]
[JsonSerializable(typeof(RunFact))]
internal sealed partial class RunFactJson : JsonSerializerContext;

/// <summary>Nanoseconds as a number.</summary>
internal sealed class TimestampNsConverter : JsonConverter<TimestampNs>
{
    public override TimestampNs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt64());

    public override void Write(Utf8JsonWriter writer, TimestampNs value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>A trace id as hex.</summary>
internal sealed class TraceIdConverter : JsonConverter<TraceId>
{
    public override TraceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TraceId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("no trace id");

    public override void Write(Utf8JsonWriter writer, TraceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A span id as hex.</summary>
internal sealed class SpanIdConverter : JsonConverter<SpanId>
{
    public override SpanId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SpanId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("no span id");

    public override void Write(Utf8JsonWriter writer, SpanId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
