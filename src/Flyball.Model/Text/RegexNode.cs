namespace Flyball.Model.Text;

/// <summary>A part of a regular expression, as RE2 understands it.</summary>
internal abstract record RegexNode;

/// <summary>Matches the empty string.</summary>
internal sealed record RegexEmpty : RegexNode;

/// <summary>Text, perhaps in any case.</summary>
internal sealed record RegexText(string Text, bool AnyCase) : RegexNode;

/// <summary>One of a set of runes.</summary>
internal sealed record RegexSet(RuneSet Runes) : RegexNode;

/// <summary>A place between runes, in the framework's spelling.</summary>
internal sealed record RegexPlace(string Spelling) : RegexNode;

/// <summary>A capturing group.</summary>
internal sealed record RegexGroup(string? Name, RegexNode Inner) : RegexNode;

/// <summary>A repetition; no upper bound is -1.</summary>
internal sealed record RegexRepeat(RegexNode Inner, int Min, int Max, bool Lazy) : RegexNode;

/// <summary>One after the other.</summary>
internal sealed record RegexSequence(IReadOnlyList<RegexNode> Parts) : RegexNode;

/// <summary>One or another.</summary>
internal sealed record RegexChoice(IReadOnlyList<RegexNode> Branches) : RegexNode;
