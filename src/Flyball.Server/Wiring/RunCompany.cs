using System.Text.Json;
using Flyball.Actions.Api;
using Flyball.Actions.Policy;
using Flyball.Alerting.Api;
using Flyball.Alerting.Rules;
using Flyball.Model.Runs;

namespace Flyball.Server.Wiring;

/// <summary>What belongs to a run but is known to rooms that the run tracker does not know: its alerts and the actions they caused.</summary>
/// <remarks>An alert belongs to a run when it carries the run's <c>trace_id</c>, as alerts on <c>ci_task_*</c> series do.</remarks>
internal sealed class RunCompany(RuleManager rules, PolicyEngine policies)
{
    public void WriteAlerts(Utf8JsonWriter json, PipelineRun run)
    {
        var id = run.TraceId.ToString();
        foreach (var rule in rules.Snapshot().SelectMany(g => g.Rules))
        {
            foreach (var alert in rule.Alerts.Where(a => a.Labels["trace_id"] == id))
            {
                RulesJson.Write(json, alert);
            }
        }
    }

    public ValueTask WriteActionsAsync(Utf8JsonWriter json, PipelineRun run, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var id = run.TraceId.ToString();
        foreach (var record in policies.NewestFirst().Where(r => r.Run == id))
        {
            ActionJson.Write(json, record);
        }

        return ValueTask.CompletedTask;
    }
}
