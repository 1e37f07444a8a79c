using Flyball.Model.Time;
using Flyball.PromQL;

namespace Flyball.Alerting.Rules;

/// <summary>A query that a rule asked, for the log of queries.</summary>
/// <param name="Group">Name of the rule's group.</param>
/// <param name="File">The file it stands in.</param>
/// <param name="Query">The expression as written.</param>
/// <param name="At">The time it was evaluated at.</param>
public sealed record RuleQueryRecord(string Group, string File, string Query, TimestampMs At)
{
    /// <summary>What it took; null if it failed.</summary>
    public QueryStatistics? Statistics { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; init; }
}
