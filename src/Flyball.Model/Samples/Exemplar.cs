using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Model.Samples;

/// <summary>One observation kept as an example beside a series, usually carrying the id of its trace.</summary>
/// <param name="Labels">Its own labels, e.g. <c>trace_id</c>; at most 128 characters in all (OpenMetrics 1.0).</param>
/// <param name="Value">What was observed.</param>
/// <param name="Timestamp">When.</param>
public sealed record Exemplar(LabelSet Labels, double Value, TimestampMs Timestamp);
