using System.Diagnostics.Metrics;

namespace Flyball.Traces;

/// <summary>What a span store tells about itself. Names are the exposed Prometheus names.</summary>
internal sealed class StoreMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Traces");
    private readonly Counter<long> _appended;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _sealed;
    private readonly Counter<long> _merged;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _thinned;

    public StoreMetrics(SpanStore store)
    {
        _appended = _meter.CreateCounter<long>("flyball_traces_spans_appended_total", description: "Spans stored.");
        _rejected = _meter.CreateCounter<long>("flyball_traces_spans_rejected_total", description: "Spans refused for their time.");
        _sealed = _meter.CreateCounter<long>("flyball_traces_segments_sealed_total", description: "Segments written from memory.");
        _merged = _meter.CreateCounter<long>("flyball_traces_compactions_total", description: "Merges of segments.");
        _expired = _meter.CreateCounter<long>("flyball_traces_segments_expired_total", description: "Segments deleted by retention.");
        _thinned = _meter.CreateCounter<long>("flyball_traces_spans_thinned_total", description: "Spans that left segments by a rule of retention.");
        _meter.CreateObservableGauge("flyball_traces_head_spans", () => store.Stats.HeadSpans, description: "Spans in memory.");
        _meter.CreateObservableGauge("flyball_traces_segments", () => store.Stats.Segments, description: "Segments on disk.");
        _meter.CreateObservableGauge("flyball_traces_segments_damaged", () => store.Stats.DamagedSegments, description: "Segments left out.");
        _meter.CreateObservableGauge("flyball_traces_spans", () => store.Stats.Spans, description: "Spans in memory and on disk.");
        _meter.CreateObservableGauge("flyball_traces_bytes", () => store.Stats.Bytes, description: "Bytes of segments on disk.");
    }

    public void Appended(int spans) => _appended.Add(spans);

    public void Rejected(string reason) => _rejected.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Sealed() => _sealed.Add(1);

    public void Merged() => _merged.Add(1);

    public void Expired(int segments) => _expired.Add(segments);

    public void Thinned(int spans) => _thinned.Add(spans);

    public void Dispose() => _meter.Dispose();
}
