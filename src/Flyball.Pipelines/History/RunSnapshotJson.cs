using System.Text.Json.Serialization;
using Flyball.Model.Runs;
using Flyball.Model.Text;

namespace Flyball.Pipelines.History;

/// <summary>A whole run as JSON: read one at a time and compressed in groups, so that what it costs to spell names out is little,
/// and a new member needs no new format.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(TimestampNsConverter), typeof(TraceIdConverter), typeof(SpanIdConverter)])]
[JsonSerializable(typeof(PipelineRun))]
internal sealed partial class RunSnapshotJson : JsonSerializerContext;
