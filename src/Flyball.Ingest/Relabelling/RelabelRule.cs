using Flyball.Model.Text;

namespace Flyball.Ingest.Relabelling;

/// <summary>One <c>relabel_config</c>, compiled. Immutable, thread-safe. Prometheus documentation, "Configuration".</summary>
/// <exception cref="RegexSyntaxException">On creation: <see cref="Regex"/> is not RE2 syntax.</exception>
public sealed record RelabelRule
{
    /// <summary>The regex of a rule that names none.</summary>
    public const string DefaultRegex = "(.*)";

    /// <summary>The replacement of a rule that names none.</summary>
    public const string DefaultReplacement = "$1";

    /// <summary>The separator of a rule that names none.</summary>
    public const string DefaultSeparator = ";";

    private readonly string _regex = DefaultRegex;

    /// <summary>Labels whose values are joined, in this order.</summary>
    public IReadOnlyList<string> SourceLabels { get; init; } = [];

    /// <summary>What stands between the joined values.</summary>
    public string Separator { get; init; } = DefaultSeparator;

    /// <summary>RE2 expression, anchored at both ends.</summary>
    public string Regex
    {
        get => _regex;
        init
        {
            _regex = value;
            Pattern = new RelabelPattern(value);
        }
    }

    /// <summary>Divisor of <see cref="RelabelAction.HashMod"/>.</summary>
    public ulong Modulus { get; init; }

    /// <summary>The label that is set or compared; may refer to groups of the regex.</summary>
    public string TargetLabel { get; init; } = "";

    /// <summary>The new value, with <c>$1</c>, <c>${1}</c>, <c>${name}</c> for groups of the regex.</summary>
    public string Replacement { get; init; } = DefaultReplacement;

    /// <summary>What to do.</summary>
    public RelabelAction Action { get; init; }

    internal RelabelPattern Pattern { get; private init; } = RelabelPattern.Everything;

    /// <summary>What is wrong with the combination of values, or null; in the words of Prometheus.</summary>
    public string? FindProblem()
    {
        var word = Action.ToString().ToLowerInvariant();
        if (Action == RelabelAction.HashMod && Modulus == 0)
        {
            return "relabel configuration for hashmod requires non-zero modulus";
        }

        if (NeedsTarget && TargetLabel.Length == 0)
        {
            return $"relabel configuration for {word} action requires 'target_label' value";
        }

        return Action switch
        {
            RelabelAction.Lowercase or RelabelAction.Uppercase when Replacement != DefaultReplacement =>
                $"'replacement' can not be set for {word} action",
            RelabelAction.LabelDrop or RelabelAction.LabelKeep when !OnlyRegex =>
                $"{word} action requires only 'regex', and no other fields",
            RelabelAction.KeepEqual or RelabelAction.DropEqual when Regex != DefaultRegex || Modulus != 0
                    || Separator != DefaultSeparator || Replacement != DefaultReplacement =>
                $"{word} action requires only 'source_labels' and `target_label`, and no other fields",
            _ => null,
        };
    }

    /// <summary>Two rules are equal when they are written equally.</summary>
    public bool Equals(RelabelRule? other) =>
        other is not null && Action == other.Action && Regex == other.Regex && Replacement == other.Replacement
        && TargetLabel == other.TargetLabel && Separator == other.Separator && Modulus == other.Modulus
        && SourceLabels.SequenceEqual(other.SourceLabels);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Action, Regex, Replacement, TargetLabel);

    private bool NeedsTarget => Action is RelabelAction.Replace or RelabelAction.HashMod or RelabelAction.Lowercase
        or RelabelAction.Uppercase or RelabelAction.KeepEqual or RelabelAction.DropEqual;

    private bool OnlyRegex => SourceLabels.Count == 0 && TargetLabel.Length == 0 && Modulus == 0
        && Separator == DefaultSeparator && Replacement == DefaultReplacement;
}
