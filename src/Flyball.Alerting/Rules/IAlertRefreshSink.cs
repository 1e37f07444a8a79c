using Flyball.Model.Alerts;

namespace Flyball.Alerting.Rules;

/// <summary>A sink of transitions that also wants to know when the annotations of a firing alert change.</summary>
/// <remarks>Notifications repeat them; policies do not read them, which is why this is not part of the model's seam.</remarks>
internal interface IAlertRefreshSink
{
    /// <summary>Takes the present form of alerts that were firing and still are. Returns quickly.</summary>
    void Refresh(IReadOnlyList<AlertTransition> alerts);
}
