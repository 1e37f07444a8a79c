using Flyball.Model.Alerts;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>An alert that holds, or held a while ago.</summary>
internal sealed class ActiveAlert(LabelSet labels, TimestampMs activeAt)
{
    private LabelSet? _pendingSeries;
    private LabelSet? _firingSeries;
    private LabelSet? _forStateSeries;

    public LabelSet Labels { get; } = labels;

    public LabelSet Annotations { get; set; } = LabelSet.Empty;

    public AlertState State { get; set; } = AlertState.Pending;

    public double Value { get; set; }

    public NativeHistogram? Histogram { get; set; }

    /// <summary>Since when its condition has held.</summary>
    public TimestampMs ActiveAt { get; set; } = activeAt;

    public TimestampMs? FiredAt { get; set; }

    public TimestampMs? ResolvedAt { get; set; }

    /// <summary>Since when it has been firing only because of keep_firing_for.</summary>
    public TimestampMs? KeptSince { get; set; }

    /// <summary>The state others were last told.</summary>
    public AlertState Told { get; set; } = AlertState.Inactive;

    /// <summary>The annotations others were last told.</summary>
    public LabelSet ToldAnnotations { get; set; } = LabelSet.Empty;

    /// <summary>Labels of its ALERTS series in the present state. Kept, because they are written at every evaluation.</summary>
    public LabelSet StateSeries(LabelSetBuilder builder) => State == AlertState.Firing
        ? _firingSeries ??= Series(builder, "ALERTS", "firing")
        : _pendingSeries ??= Series(builder, "ALERTS", "pending");

    /// <summary>Labels of its ALERTS_FOR_STATE series.</summary>
    public LabelSet ForStateSeries(LabelSetBuilder builder) => _forStateSeries ??= Series(builder, "ALERTS_FOR_STATE", state: "");

    private LabelSet Series(LabelSetBuilder builder, string name, string state)
    {
        builder.Start(Labels).Set(LabelSet.MetricNameLabel, name);
        // An "alertstate" label of the rule's own survives on ALERTS_FOR_STATE only, as in Prometheus.
        if (state.Length > 0)
        {
            builder.Set("alertstate", state);
        }

        return builder.Build();
    }
}
