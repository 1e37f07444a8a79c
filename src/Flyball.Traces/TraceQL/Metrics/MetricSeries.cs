using Flyball.Model.Spans;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>A series of a metrics query; NaN means no sample.</summary>
internal sealed record MetricSeries(IReadOnlyList<KeyValuePair<string, Value>> Labels, double[] Values)
{
    /// <summary>Spans that stand for the series, in no order.</summary>
    public IReadOnlyList<MetricExemplar> Exemplars { get; init; } = [];

    /// <summary>Labels without the name, as one text: what joins series in arithmetic.</summary>
    public string Key => string.Join('\u0001', Labels.Where(l => l.Key != "__name__").Select(l => $"{l.Key}={l.Value.Kind}:{l.Value}"));
}

/// <summary>A span that stands for the others of its slot (Tempo documentation, "TraceQL").</summary>
/// <param name="Value">What the function saw of it, durations in seconds; NaN for functions that only count.</param>
internal sealed record MetricExemplar(TraceId Trace, ulong Span, double Value, ulong StartNs, int Slot)
{
    /// <summary>Its ids, name and attributes; filled in for those that are shown.</summary>
    public IReadOnlyList<KeyValuePair<string, Value>> Labels { get; init; } = [];
}
