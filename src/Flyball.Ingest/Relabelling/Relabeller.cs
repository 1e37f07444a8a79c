using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Ingest.Relabelling;

/// <summary>Applies relabelling rules to a label set under construction. Prometheus documentation, "Configuration".</summary>
public static class Relabeller
{
    /// <summary>Applies the rules in order.</summary>
    /// <param name="labels">Changed in place; of no use when the result is false.</param>
    /// <param name="legacyNames">Whether label names outside <c>[a-zA-Z_][a-zA-Z0-9_]*</c> are refused as targets.</param>
    /// <returns>False when a rule dropped the set.</returns>
    public static bool Apply(IReadOnlyList<RelabelRule> rules, LabelSetBuilder labels, bool legacyNames = false)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            if (!Apply(rules[i], labels, legacyNames))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Apply(RelabelRule rule, LabelSetBuilder labels, bool legacyNames)
    {
        switch (rule.Action)
        {
            case RelabelAction.Keep:
                return rule.Pattern.IsMatch(Source(rule, labels));
            case RelabelAction.Drop:
                return !rule.Pattern.IsMatch(Source(rule, labels));
            case RelabelAction.KeepEqual:
                return labels.Get(rule.TargetLabel) == Source(rule, labels);
            case RelabelAction.DropEqual:
                return labels.Get(rule.TargetLabel) != Source(rule, labels);
            case RelabelAction.Replace:
                Replace(rule, labels, legacyNames);
                return true;
            case RelabelAction.HashMod:
                labels.Set(rule.TargetLabel, HashOf(Source(rule, labels), rule.Modulus));
                return true;
            case RelabelAction.Lowercase:
                labels.Set(rule.TargetLabel, Source(rule, labels).ToLowerInvariant());
                return true;
            case RelabelAction.Uppercase:
                labels.Set(rule.TargetLabel, Source(rule, labels).ToUpperInvariant());
                return true;
            case RelabelAction.LabelMap:
                MapNames(rule, labels);
                return true;
            case RelabelAction.LabelDrop:
                RemoveNames(labels, name => rule.Pattern.IsMatch(name));
                return true;
            case RelabelAction.LabelKeep:
                RemoveNames(labels, name => !rule.Pattern.IsMatch(name));
                return true;
            default:
                throw new ArgumentException($"there is no relabelling action {rule.Action}", nameof(rule));
        }
    }

    private static void Replace(RelabelRule rule, LabelSetBuilder labels, bool legacyNames)
    {
        if (!rule.Pattern.TryMatch(Source(rule, labels), out var match))
        {
            return;
        }

        var target = rule.Pattern.Expand(rule.TargetLabel, match);
        if (target.Length == 0 || (legacyNames && !LabelText.IsLegacyLabelName(target)))
        {
            return;
        }

        labels.Set(target, rule.Pattern.Expand(rule.Replacement, match));
    }

    private static void MapNames(RelabelRule rule, LabelSetBuilder labels)
    {
        foreach (var (name, value) in labels.ToPairs())
        {
            if (rule.Pattern.TryMatch(name, out var match) && rule.Pattern.Expand(rule.Replacement, match) is { Length: > 0 } target)
            {
                labels.Set(target, value);
            }
        }
    }

    private static void RemoveNames(LabelSetBuilder labels, Func<string, bool> isUnwanted)
    {
        foreach (var (name, _) in labels.ToPairs())
        {
            if (isUnwanted(name))
            {
                labels.Remove(name);
            }
        }
    }

    private static string Source(RelabelRule rule, LabelSetBuilder labels) => rule.SourceLabels.Count switch
    {
        0 => "",
        1 => labels.Get(rule.SourceLabels[0]),
        _ => string.Join(rule.Separator, rule.SourceLabels.Select(labels.Get)),
    };

    // MD5 because every Prometheus must put a target into the same shard; nothing is kept secret by it.
#pragma warning disable CA5351
    private static string HashOf(string value, ulong modulus)
    {
        var hash = MD5.HashData(Encoding.UTF8.GetBytes(value));
        return (BinaryPrimitives.ReadUInt64BigEndian(hash.AsSpan(8)) % modulus).ToString();
    }
#pragma warning restore CA5351
}
