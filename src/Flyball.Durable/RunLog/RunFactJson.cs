using System.Text.Json.Serialization;
using Flyball.Model.Runs;
using Flyball.Model.Text;

namespace Flyball.Durable.RunLog;

/// <summary>Facts as JSON: few per second, many fields of which most are absent, and new fields must not need a new format.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter), typeof(SpanIdConverter)])]
[JsonSerializable(typeof(RunFact))]
internal sealed partial class RunFactJson : JsonSerializerContext;
