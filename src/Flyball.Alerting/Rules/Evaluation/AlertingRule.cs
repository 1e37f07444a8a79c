using Flyball.Alerting.Rules.Files;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Raises an alert for every element of its expression's result. Source: Prometheus documentation, "Recording and alerting rules".</summary>
/// <remarks>
/// <code>
///             condition holds            held for "for"
///  (nothing) ───────────────▶ pending ───────────────▶ firing ──▶ inactive, kept 15 min, then forgotten
///                                │ no longer holds                (no longer holds, and not for keep_firing_for either)
///                                ▼
///                            (nothing)
/// </code>
/// </remarks>
internal sealed class AlertingRule(RuleConfig config) : EvaluatedRule(config)
{
    private static readonly DurationMs ResolvedRetention = DurationMs.FromSeconds(15 * 60);

    private static readonly Dictionary<LabelSet, TimestampMs> NoneBefore = [];

    private readonly Dictionary<LabelSet, ActiveAlert> _alerts = [];
    private readonly LabelSetBuilder _builder = new();
    private List<AlertDraft> _drafts = [];

    public override IReadOnlyList<string> Writes { get; } = ["ALERTS", "ALERTS_FOR_STATE"];

    /// <summary>Whether the state before the last stop is known; until then no series are written, lest they overwrite it.</summary>
    public bool IsRestored { get; set; } = true;

    /// <summary>Whether the alerts that fired before the last stop are still to be recognised: at the first evaluation.</summary>
    public bool AwaitsRecognition { get; set; }

    /// <summary>By their ALERTS_FOR_STATE series: since when alerts that fired before the last stop had held.</summary>
    public IReadOnlyDictionary<LabelSet, TimestampMs> FiredBefore { get; set; } = NoneBefore;

    /// <summary>Alerts that are pending, firing, or resolved a while ago.</summary>
    public IReadOnlyCollection<ActiveAlert> Alerts => _alerts.Values;

    public override async ValueTask PrepareAsync(EvaluationContext context, CancellationToken cancellationToken)
    {
        var result = await context.Query.EvaluateAsync(Config.Expression, context.DataTime, cancellationToken);
        var drafts = new List<AlertDraft>(result.Count);
        var seen = new HashSet<LabelSet>(result.Count);
        foreach (var sample in result)
        {
            var draft = await AlertDraft.ExpandAsync(Config, sample, context, _builder, cancellationToken);
            if (!seen.Add(draft.Labels))
            {
                throw new RuleEvaluationException("vector contains metrics with the same labelset after applying alert labels");
            }

            drafts.Add(draft);
        }

        _drafts = drafts;
    }

    public override void Commit(EvaluationContext context)
    {
        var holding = TakeDrafts(context.At);
        FiredBefore = NoneBefore;
        var active = 0;
        foreach (var (labels, alert) in _alerts)
        {
            if (holding.Contains(labels))
            {
                alert.KeptSince = null;
            }
            else if (!GoesOnFiring(alert, context.At))
            {
                Resolve(labels, alert, context);
                continue;
            }

            active++;
            if (alert.State == AlertState.Pending && context.At - alert.ActiveAt >= Config.For)
            {
                alert.State = AlertState.Firing;
                alert.FiredAt = context.At;
            }
        }

        if (context.Limit > 0 && active > context.Limit)
        {
            Forget(context);
        }

        RefuseBeyondLimit(context.Limit, active, "alerts");
        Written.Begin();
        foreach (var alert in _alerts.Values)
        {
            Write(alert, context);
            Tell(alert, context);
        }

        Written.End(context.Batch, context.DataTime);
    }

    public override void CopyState(EvaluatedRule predecessor, EvaluationContext context)
    {
        base.CopyState(predecessor, context);
        var before = (AlertingRule)predecessor;
        IsRestored = before.IsRestored;
        AwaitsRecognition = before.AwaitsRecognition;
        foreach (var alert in before.Alerts)
        {
            // A longer "for" takes effect at once: what has not held so long is pending again.
            if (alert.State == AlertState.Firing && Config.For > before.Config.For && context.At - alert.ActiveAt < Config.For)
            {
                alert.State = AlertState.Pending;
            }

            _alerts[alert.Labels] = alert;
        }
    }

    /// <summary>Tells that its alerts are over, because the rule is.</summary>
    public void Retire(EvaluationContext context)
    {
        Forget(context);
        Written.Begin();
        Written.End(context.Batch, context.DataTime);
    }

    /// <summary>When, after the present, the passing of time alone will change a state; null = never.</summary>
    public TimestampMs? NextDeadline()
    {
        TimestampMs? next = null;
        foreach (var alert in _alerts.Values)
        {
            TimestampMs? due = alert switch
            {
                { State: AlertState.Pending } => alert.ActiveAt + Config.For,
                { State: AlertState.Firing, KeptSince: { } since } => since + Config.KeepFiringFor,
                _ => null,
            };
            next = due is { } time && (next is null || time < next) ? time : next;
        }

        return next;
    }

    private HashSet<LabelSet> TakeDrafts(TimestampMs at)
    {
        var holding = new HashSet<LabelSet>(_drafts.Count);
        foreach (var draft in _drafts)
        {
            holding.Add(draft.Labels);
            if (!_alerts.TryGetValue(draft.Labels, out var alert) || alert.State == AlertState.Inactive)
            {
                _alerts[draft.Labels] = alert = Begin(draft.Labels, at);
            }

            alert.Annotations = draft.Annotations;
            alert.Value = draft.Value;
            alert.Histogram = draft.Histogram;
        }

        _drafts = [];
        return holding;
    }

    // After a restart an alert that goes on firing is the same alert: whoever acted on it must not take it for another one.
    private ActiveAlert Begin(LabelSet labels, TimestampMs at)
    {
        var alert = new ActiveAlert(labels, at);
        if (FiredBefore.Count > 0 && FiredBefore.TryGetValue(alert.ForStateSeries(_builder), out var since))
        {
            alert.ActiveAt = since;
        }

        return alert;
    }

    private bool GoesOnFiring(ActiveAlert alert, TimestampMs at)
    {
        if (alert.State != AlertState.Firing || Config.KeepFiringFor <= DurationMs.Zero)
        {
            return false;
        }

        alert.KeptSince ??= at;
        return at - alert.KeptSince.Value < Config.KeepFiringFor;
    }

    // The condition of the alert no longer holds.
    private void Resolve(LabelSet labels, ActiveAlert alert, EvaluationContext context)
    {
        if (alert.State == AlertState.Pending || (alert.ResolvedAt is { } resolved && context.At - resolved > ResolvedRetention))
        {
            _alerts.Remove(labels);
        }

        if (alert.State != AlertState.Inactive)
        {
            alert.State = AlertState.Inactive;
            alert.ResolvedAt = context.At;
            Tell(alert, context);
        }
    }

    private void Forget(EvaluationContext context)
    {
        foreach (var alert in _alerts.Values)
        {
            alert.ResolvedAt ??= context.At;
            alert.State = AlertState.Inactive;
            Tell(alert, context);
        }

        _alerts.Clear();
    }

    private void Write(ActiveAlert alert, EvaluationContext context)
    {
        if (alert.State != AlertState.Inactive && IsRestored)
        {
            Written.Write(context.Batch, alert.StateSeries(_builder), context.DataTime, 1);
            var activeAtSeconds = Math.Floor(alert.ActiveAt.ToSeconds());
            Written.Write(context.Batch, alert.ForStateSeries(_builder), context.DataTime, activeAtSeconds);
        }
    }

    private void Tell(ActiveAlert alert, EvaluationContext context)
    {
        // Fires at once without "for": nobody needs to hear that it was pending in between.
        if (alert.State != alert.Told)
        {
            context.Transitions.Add(Transition(alert, alert.Told, context));
        }
        else if (alert.State == AlertState.Firing && !alert.Annotations.Equals(alert.ToldAnnotations))
        {
            context.Refreshes.Add(Transition(alert, alert.Told, context));
        }

        alert.Told = alert.State;
        alert.ToldAnnotations = alert.Annotations;
    }

    private AlertTransition Transition(ActiveAlert alert, AlertState from, EvaluationContext context) =>
        new(alert.Labels, from, alert.State, context.At)
        {
            Annotations = alert.Annotations,
            Value = alert.Value,
            ActiveAt = alert.ActiveAt,
            ResolvedAt = alert.State == AlertState.Inactive ? alert.ResolvedAt : null,
            GeneratorUrl = GeneratorUrl.Of(context.Settings.ExternalUrl, Config.Expression),
            CausedAt = context.CausedAt,
        };
}
