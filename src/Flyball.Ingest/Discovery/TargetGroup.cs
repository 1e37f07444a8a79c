using Flyball.Model.Labels;

namespace Flyball.Ingest.Discovery;

/// <summary>Targets that share labels, from one place.</summary>
/// <param name="Source">Where the group comes from; a newer group of the same source replaces it.</param>
/// <param name="Targets">For each target its own labels, <c>__address__</c> at least.</param>
/// <param name="Labels">Labels of all of them; a target's own win.</param>
public sealed record TargetGroup(string Source, IReadOnlyList<LabelSet> Targets, LabelSet Labels)
{
    /// <summary>The label that holds a target's host and port.</summary>
    public const string AddressLabel = "__address__";

    /// <summary>A group of addresses.</summary>
    public static TargetGroup Of(string source, IEnumerable<string> addresses, LabelSet? labels = null) =>
        new(source, [.. addresses.Select(a => LabelSet.Of((AddressLabel, a)))], labels ?? LabelSet.Empty);
}
