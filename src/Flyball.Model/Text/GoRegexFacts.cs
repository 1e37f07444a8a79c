using System.Text;

namespace Flyball.Model.Text;

/// <summary>What can be said of an anchored expression without running it.</summary>
internal static class GoRegexFacts
{
    private const int MostStrings = 256;

    // A list of alternatives may be as long as the pattern is; what they multiply to may not.
    private const long MostCharacters = 1 << 22;

    /// <summary>The expression without the anchors at its ends, which say nothing new.</summary>
    public static RegexNode WithoutAnchors(RegexNode node)
    {
        switch (node)
        {
            case RegexPlace { Spelling: @"\A" or @"\z" }:
                return new RegexEmpty();
            case RegexChoice choice:
                return new RegexChoice([.. choice.Branches.Select(WithoutAnchors)]);
            case RegexSequence sequence:
                var parts = sequence.Parts.SkipWhile(p => p is RegexPlace { Spelling: @"\A" }).ToList();
                while (parts.Count > 0 && parts[^1] is RegexPlace { Spelling: @"\z" })
                {
                    parts.RemoveAt(parts.Count - 1);
                }

                return parts.Count switch { 0 => new RegexEmpty(), 1 => parts[0], _ => new RegexSequence(parts) };
            default:
                return node;
        }
    }

    /// <summary>The strings an expression accepts, or null if there are too many to list.</summary>
    public static List<string>? Strings(RegexNode node)
    {
        switch (node)
        {
            case RegexEmpty:
                return [""];
            case RegexText text:
                return text.AnyCase ? CasesOf(text.Text) : [text.Text];
            case RegexSet set:
                return set.Runes.Count <= 32 ? [.. RunesOf(set.Runes)] : null;
            case RegexGroup group:
                return Strings(group.Inner);
            case RegexRepeat { Min: 0, Max: 1 } maybe:
                return Strings(maybe.Inner) is { } some ? Distinct([.. some, ""]) : null;
            case RegexRepeat { Max: >= 0 and <= 16 } counted when counted.Min == counted.Max:
                return Product(Enumerable.Repeat(counted.Inner, counted.Max));
            case RegexSequence sequence:
                return Product(sequence.Parts);
            case RegexChoice choice:
                return Union(choice.Branches);
            default:
                return null;
        }
    }

    /// <summary>What every accepted string starts with.</summary>
    public static string Prefix(RegexNode node)
    {
        var prefix = new StringBuilder();
        AppendPrefix(prefix, node);
        return prefix.ToString();
    }

    /// <summary>Recognises <c>.*x.*</c>, where x is one of few strings and either side may be missing.</summary>
    public static bool TryContains(RegexNode node, out List<string> inner, out bool openLeft, out bool openRight)
    {
        var parts = node is RegexSequence sequence ? sequence.Parts : [node];
        openLeft = IsAnything(parts[0]);
        openRight = parts.Count > 1 && IsAnything(parts[^1]);
        var middle = parts.Skip(openLeft ? 1 : 0).SkipLast(openRight ? 1 : 0).ToList();
        inner = openLeft || openRight ? Product(middle) ?? [] : [];
        return inner.Count is > 0 and <= 8;
    }

    // Returns whether the part was told completely, so that what follows belongs to the prefix too.
    private static bool AppendPrefix(StringBuilder prefix, RegexNode node)
    {
        switch (node)
        {
            case RegexEmpty:
                return true;
            case RegexText { AnyCase: false } text:
                prefix.Append(text.Text);
                return true;
            case RegexSet { Runes.Count: 1 } set:
                prefix.Append(RunesOf(set.Runes).Single());
                return true;
            case RegexGroup group:
                return AppendPrefix(prefix, group.Inner);
            case RegexSequence sequence:
                return sequence.Parts.All(part => AppendPrefix(prefix, part));
            case RegexRepeat { Min: >= 1 } repeat:
                return AppendPrefix(prefix, repeat.Inner) && repeat is { Min: 1, Max: 1 };
            case RegexChoice choice:
                prefix.Append(choice.Branches.Select(Prefix).Aggregate(Common));
                return false;
            default:
                return false;
        }
    }

    private static string Common(string a, string b) => a[..a.AsSpan().CommonPrefixLength(b)];

    private static bool IsAnything(RegexNode node) => node is RegexRepeat { Min: 0, Max: -1, Inner: RegexSet { Runes.IsAll: true } };

    private static List<string>? Product(IEnumerable<RegexNode> parts)
    {
        List<string> all = [""];
        foreach (var part in parts)
        {
            if (Strings(part) is not { } next || !MayMultiply(all, next))
            {
                return null;
            }

            all = [.. all.SelectMany(_ => next, string.Concat)];
        }

        return Distinct(all);
    }

    // One string before or behind a long list of them leaves it a list.
    private static bool MayMultiply(List<string> left, List<string> right)
    {
        var fewEnough = left.Count == 1 || right.Count == 1 || (long)left.Count * right.Count <= MostStrings;
        return fewEnough && (left.Sum(s => (long)s.Length) * right.Count) + (right.Sum(s => (long)s.Length) * left.Count) <= MostCharacters;
    }

    private static List<string>? Union(IEnumerable<RegexNode> branches)
    {
        var all = new List<string>();
        long characters = 0;
        foreach (var branch in branches)
        {
            if (Strings(branch) is not { } next || (characters += next.Sum(s => (long)s.Length)) > MostCharacters)
            {
                return null;
            }

            all.AddRange(next);
        }

        return Distinct(all);
    }

    private static List<string> Distinct(List<string> strings) => [.. strings.Distinct(StringComparer.Ordinal)];

    private static List<string>? CasesOf(string text) =>
        Product(text.EnumerateRunes().Select(r => new RegexSet(new RuneSet().Add(r.Value, r.Value).InAnyCase())));

    private static IEnumerable<string> RunesOf(RuneSet set)
    {
        foreach (var (low, high) in set.Ranges)
        {
            for (var c = low; c <= high; c++)
            {
                if (Rune.IsValid(c))
                {
                    yield return char.ConvertFromUtf32(c);
                }
            }
        }
    }
}
