using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>A series of a metrics query; NaN means no sample.</summary>
internal sealed record MetricSeries(IReadOnlyList<KeyValuePair<string, Value>> Labels, double[] Values)
{
    /// <summary>Labels without the name, as one text: what joins series in arithmetic.</summary>
    public string Key => string.Join('\u0001', Labels.Where(l => l.Key != "__name__").Select(l => $"{l.Key}={l.Value.Kind}:{l.Value}"));
}
