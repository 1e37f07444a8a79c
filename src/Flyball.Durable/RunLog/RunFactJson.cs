using System.Text.Json.Serialization;
using Flyball.Model.Runs;
using Flyball.Model.Text;

namespace Flyball.Durable.RunLog;

/// <summary>Facts as JSON, which earlier versions wrote, one to a record: read, no longer written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter), typeof(SpanIdConverter)])]
[JsonSerializable(typeof(RunFact))]
internal sealed partial class RunFactJson : JsonSerializerContext;
