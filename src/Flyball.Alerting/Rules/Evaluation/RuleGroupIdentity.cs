using System.Text;
using Flyball.Alerting.Rules.Files;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>Whether a reload changes a group: one that it does not goes on undisturbed.</summary>
internal static class RuleGroupIdentity
{
    public static bool AreEqual(RuleGroup running, RuleGroupConfig config, RuleSettings settings) =>
        running.Settings == settings && TextOf(running.Config) == TextOf(config);

    private static string TextOf(RuleGroupConfig group)
    {
        var text = new StringBuilder();
        text.Append(group.Interval).Append(group.Limit).Append(group.QueryOffset).Append(group.Reactive);
        foreach (var rule in group.Rules)
        {
            text.Append('\u0001').Append(rule.IsAlert).Append(rule.Name).Append('\u0002').Append(rule.Expression.Text)
                .Append('\u0002').Append(rule.For).Append(rule.KeepFiringFor);
            foreach (var (name, template) in rule.Labels.Concat(rule.Annotations))
            {
                text.Append('\u0002').Append(name).Append('\u0003').Append(template.Text);
            }
        }

        return text.ToString();
    }
}
