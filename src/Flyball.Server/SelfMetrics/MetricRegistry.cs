using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.SelfMetrics;

/// <summary>Listens to every meter of the program and keeps what its instruments measure, ready to be exposed.</summary>
/// <remarks>Meters named <c>Flyball.*</c> take part; an instrument's name is the exposed metric's name, its tags are the labels.
/// Thread-safe. Dispose it to stop listening.</remarks>
internal sealed class MetricRegistry : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();

    private readonly ILogger _logger;

    public MetricRegistry(ILogger logger)
    {
        _logger = logger;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith("Flyball.", StringComparison.Ordinal))
            {
                var family = _families.GetOrAdd(instrument, static i => MetricFamily.Of(i));
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out var _);
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((MetricFamily)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>Asks observable instruments for their present values and returns all families, sorted by name.</summary>
    /// <remarks>An instrument that fails keeps its last value and is named in the log: the page is needed most when something
    /// is broken.</remarks>
    public IReadOnlyList<MetricFamily> Collect()
    {
        try
        {
            _listener.RecordObservableInstruments();
        }
        catch (AggregateException failed)
        {
            foreach (var failure in failed.InnerExceptions)
            {
                ServerLog.InstrumentFailed(_logger, failure);
            }
        }

        return [.. _families.Values.OrderBy(f => f.Name, StringComparer.Ordinal)];
    }

    public void Dispose() => _listener.Dispose();
}
