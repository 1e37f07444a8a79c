namespace Flyball.Actions.Policy;

/// <summary>What a policy says, and which of its rules said it.</summary>
/// <param name="IsAllowed">Whether the action may be done.</param>
/// <param name="Rule">The rule that said no; empty if all agreed.</param>
/// <param name="Reason">Why, as a sentence for the journal.</param>
internal readonly record struct Verdict(bool IsAllowed, string Rule, string Reason)
{
    public static Verdict Yes(string reason) => new(true, "", reason);

    public static Verdict No(string rule, string reason) => new(false, rule, reason);
}
