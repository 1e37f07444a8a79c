using System.Text.Json.Serialization;
using Flyball.Model.Runs;
using Flyball.Model.Text;

namespace Flyball.Pipelines.History;

/// <summary>A whole run as JSON, as pages of version 1 hold it: read, no longer written.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter), typeof(SpanIdConverter)])]
[JsonSerializable(typeof(PipelineRun))]
internal sealed partial class RunSnapshotJson : JsonSerializerContext;
