using System.Diagnostics.Metrics;
using Flyball.Alerting.Silences;

namespace Flyball.Alerting.Routing;

/// <summary>Instruments of routing, under the names Alertmanager gives them.</summary>
internal sealed class RoutingMetrics : IDisposable
{
    private readonly Meter _meter = new("Flyball.Alerting");
    private readonly Counter<long> _received;
    private readonly Counter<long> _invalid;
    private readonly Counter<long> _notifications;
    private readonly Counter<long> _failed;
    private readonly Histogram<double> _latency;

    public RoutingMetrics(AlertRouter router)
    {
        _received = _meter.CreateCounter<long>("alertmanager_alerts_received_total", description: "Alerts received.");
        _invalid = _meter.CreateCounter<long>("alertmanager_alerts_invalid_total", description: "Alerts refused as invalid.");
        _notifications = _meter.CreateCounter<long>("alertmanager_notifications_total", description: "Attempts to notify.");
        _failed = _meter.CreateCounter<long>("alertmanager_notifications_failed_total", description: "Attempts to notify that failed.");
        _latency = _meter.CreateHistogram<double>("alertmanager_notification_latency_seconds", "s", "How long attempts to notify took.");
        _meter.CreateObservableGauge("alertmanager_alerts", () => CountAlerts(router), description: "Alerts by state.");
        _meter.CreateObservableGauge("alertmanager_silences", () => CountSilences(router), description: "Silences by state.");
        _meter.CreateObservableGauge("alertmanager_dispatcher_aggregation_groups", () => router.GroupCount, description: "Alert groups.");
    }

    public void Received(bool firing, string version) =>
        _received.Add(1, new("status", firing ? "firing" : "resolved"), new KeyValuePair<string, object?>("version", version));

    public void Invalid() => _invalid.Add(1, new KeyValuePair<string, object?>("version", "v2"));

    public void Attempted(string integration, bool delivered, TimeSpan took)
    {
        var tag = new KeyValuePair<string, object?>("integration", integration);
        _notifications.Add(1, tag);
        _failed.Add(delivered ? 0 : 1, tag);
        _latency.Record(took.TotalSeconds, tag);
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> CountAlerts(AlertRouter router)
    {
        var states = router.Alerts().CountBy(a => a.State).ToDictionary();
        return Enum.GetValues<RoutedAlertState>().Select(s =>
            new Measurement<long>(states.GetValueOrDefault(s), new KeyValuePair<string, object?>("state", s.ToString().ToLowerInvariant())));
    }

    private static IEnumerable<Measurement<long>> CountSilences(AlertRouter router)
    {
        var now = router.Now;
        return Enum.GetValues<SilenceState>().Select(s => new Measurement<long>(
            router.Silences.All.Count(x => x.StateAt(now) == s), new KeyValuePair<string, object?>("state", s.ToString().ToLowerInvariant())));
    }
}
