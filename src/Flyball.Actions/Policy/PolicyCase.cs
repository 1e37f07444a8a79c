using System.Security.Cryptography;
using System.Text;
using Flyball.Actions.Configuration;
using Flyball.Actions.Executors;
using Flyball.Actions.Records;
using Flyball.Model.Alerts;

namespace Flyball.Actions.Policy;

/// <summary>One policy looking at one alert instance: who it is, and the action with its templates filled in.</summary>
internal sealed class PolicyCase
{
    private const int LongestSummary = 4096;

    public PolicyCase(PolicyConfig policy, AlertTransition alert)
    {
        Policy = policy;
        Alert = alert;
        Id = IdOf(policy.Name, alert);
        Group = string.Join(", ", policy.GroupBy.Select(l => $"{l}={alert.Labels[l]}"));
        Facts = new Dictionary<string, object?>
        {
            ["Labels"] = TemplateFacts.Of(alert.Labels),
            ["Annotations"] = TemplateFacts.Of(alert.Annotations),
            ["Value"] = alert.Value,
            ["Policy"] = policy.Name,
            ["Action"] = policy.Action.Name,
            ["ID"] = Id,
            ["StartsAt"] = alert.ActiveAt.ToString(),
        };
    }

    public PolicyConfig Policy { get; }

    public AlertTransition Alert { get; }

    /// <summary>The same for the same policy and alert instance, in every process: what was decided once is not decided again.</summary>
    public string Id { get; }

    /// <summary>Values of the <c>group_by</c> labels.</summary>
    public string Group { get; }

    /// <summary>What templates see.</summary>
    public IReadOnlyDictionary<string, object?> Facts { get; }

    /// <summary>Fills in every template of the action.</summary>
    /// <exception cref="Templates.TemplateException">One failed.</exception>
    public PreparedAction Prepare()
    {
        var action = Policy.Action;
        if (action.Command is { } command)
        {
            return new PreparedAction(Id, Policy.Name, action.Name, command.Timeout)
            {
                Argv = [.. command.Argv.Select(a => a.Expand(Facts))],
                Environment = [.. command.Environment.Select(e => KeyValuePair.Create(e.Key, e.Value.Expand(Facts)))],
                WorkingDirectory = command.WorkingDirectory,
            };
        }

        var http = action.Http!;
        return new PreparedAction(Id, Policy.Name, action.Name, http.Timeout)
        {
            Url = http.Url.Expand(Facts),
            Method = http.Method,
            Headers = [.. http.Headers.Select(h => KeyValuePair.Create(h.Key, h.Value.Expand(Facts)))],
            Body = http.Body?.Expand(Facts),
        };
    }

    /// <summary>The record of a decision about it.</summary>
    public ActionRecord Record(Verdict verdict, string summary) => new(Id, Policy.Name, Policy.Action.Name, Policy.Action.Executor)
    {
        Status = !verdict.IsAllowed ? ActionStatus.Refused : Policy.DryRun ? ActionStatus.DryRun : ActionStatus.Allowed,
        Rule = verdict.Rule,
        Reason = verdict.Reason,
        Alert = Alert.Labels,
        Group = Group,
        Run = Alert.Labels["trace_id"],
        Summary = summary.Length > LongestSummary ? summary[..LongestSummary] + "…" : summary,
        CausedAt = Alert.CausedAt,
    };

    // The instance is the alert and since when it holds: the same labels that fire again later are another one.
    // Whole seconds: that is how exactly ALERTS_FOR_STATE lets a restart know since when an alert has been active.
    private static string IdOf(string policy, AlertTransition alert)
    {
        var since = Math.DivRem(alert.ActiveAt.Value, 1000).Quotient;
        byte[] bytes = [.. Encoding.UTF8.GetBytes(policy), 0, .. alert.Labels.Encoded, .. BitConverter.GetBytes(since)];
        return Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
    }
}
