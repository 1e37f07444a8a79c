using System.Text.Json;
using System.Text.Json.Serialization;
using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Model.Text;

/// <summary>Nanoseconds as a number.</summary>
public sealed class TimestampNsConverter : JsonConverter<TimestampNs>
{
    /// <inheritdoc />
    public override TimestampNs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetUInt64());

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TimestampNs value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
}

/// <summary>A trace id as hex.</summary>
public sealed class TraceIdConverter : JsonConverter<TraceId>
{
    /// <inheritdoc />
    public override TraceId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TraceId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("no trace id");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, TraceId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A span id as hex.</summary>
public sealed class SpanIdConverter : JsonConverter<SpanId>
{
    /// <inheritdoc />
    public override SpanId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        SpanId.TryParse(reader.GetString(), out var id) ? id : throw new JsonException("no span id");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, SpanId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
