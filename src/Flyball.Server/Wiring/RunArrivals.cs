using Flyball.Alerting.Rules;
using Flyball.Model.Runs;

namespace Flyball.Server.Wiring;

/// <summary>Tells reactive rules which virtual series a changed run has touched.</summary>
internal sealed class RunArrivals(RuleManager rules) : IRunObserver
{
    public void OnRunChanged(RunChange change)
    {
        if (change.ChangedSeries.Count > 0)
        {
            rules.OnSeriesChanged(change.ChangedSeries, change.CausedAt);
        }
    }
}
