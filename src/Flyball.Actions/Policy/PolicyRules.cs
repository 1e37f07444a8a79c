using Flyball.Actions.Configuration;
using Flyball.Actions.Records;
using Flyball.Model.Time;

namespace Flyball.Actions.Policy;

/// <summary>The rules that look at what was done before. Pure: state, time and policy in, verdict out.</summary>
internal static class PolicyRules
{
    /// <summary>Asks cooldown and rate limit.</summary>
    public static Verdict Decide(PolicyConfig policy, string group, ActionBook book, TimestampMs now)
    {
        if (policy.Cooldown > TimeSpan.Zero && book.LastAllowed(policy.Name, group) is { } last)
        {
            var over = last + DurationMs.From(policy.Cooldown);
            if (now < over)
            {
                return Verdict.No("cooldown", $"the last one{Of(policy, group)} was allowed at {last}; the next may be at {over} (cooldown {Text(policy.Cooldown)})");
            }
        }

        if (policy.RateLimit is { } limit)
        {
            var (count, oldest) = book.AllowedSince(policy.Name, now - DurationMs.From(limit.Per));
            if (count >= limit.Count)
            {
                return Verdict.No(
                    "rate_limit",
                    $"{count} were allowed in the last {Text(limit.Per)} and {limit.Count} may be; the next may be at {oldest + DurationMs.From(limit.Per)}");
            }
        }

        return Verdict.Yes("every rule of the policy agrees");
    }

    private static string Of(PolicyConfig policy, string group) => policy.GroupBy.Count == 0 ? "" : $" for {group}";

    private static string Text(TimeSpan span) => DurationText.Format(DurationMs.From(span));
}
