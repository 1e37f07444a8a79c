using System.Text;
using System.Text.RegularExpressions;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Flyball.PromQL.Evaluation;

namespace Flyball.PromQL.Functions;

/// <summary><c>label_replace</c>: writes a label from what a regular expression finds in another.</summary>
internal sealed class LabelReplaceNode : VectorNode
{
    private readonly VectorNode _inner;
    private readonly string _target;
    private readonly ReplacementTemplate _replacement;
    private readonly string _source;
    private readonly GoRegex _regex;

    public LabelReplaceNode(VectorNode inner, string target, string replacement, string source, string pattern)
    {
        _inner = inner;
        _target = target;
        _replacement = new ReplacementTemplate(replacement);
        _source = source;
        try
        {
            _regex = GoRegex.CompileAnchored(pattern);
            _ = _regex.ToRegex();
        }
        catch (RegexSyntaxException e)
        {
            throw new PromQLQueryException(QueryFailure.Execution, "invalid regular expression in label_replace(): " + pattern, e);
        }

        if (!MetadataLabels.IsValidName(target))
        {
            throw new PromQLQueryException(QueryFailure.Execution, "invalid destination label name in label_replace(): " + target);
        }
    }

    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var rows = _inner.Collect(scope);
        var replacements = new Dictionary<string, byte[]?>();
        var (target, source) = (Encoding.UTF8.GetBytes(_target), Encoding.UTF8.GetBytes(_source));
        (LabelSet Labels, byte[]? Replacement)? before = null;
        foreach (var row in rows)
        {
            // Thousands of series share a few values, neighbours most of all: each is matched once.
            if (before is not { } known || !ValueOf(row.Labels, source).SequenceEqual(ValueOf(known.Labels, source)))
            {
                known = (row.Labels, Find(scope, Encoding.UTF8.GetString(ValueOf(row.Labels, source)), replacements));
                before = known;
            }

            if (known.Replacement is { } replacement)
            {
                row.Labels = row.Labels.With(target, replacement);
                row.DropName &= _target != LabelSet.MetricNameLabel;
            }
        }

        Push(ResultShaper.Merge(rows), sink);
    }

    private static ReadOnlySpan<byte> ValueOf(LabelSet labels, ReadOnlySpan<byte> name) => labels.TryGet(name, out var value) ? value : default;

    /// <summary>What a value is replaced by; null if it does not match.</summary>
    private byte[]? Find(QueryScope scope, string value, Dictionary<string, byte[]?> known)
    {
        if (known.TryGetValue(value, out var replacement))
        {
            return replacement;
        }

        scope.Budget.ThrowIfDone();
        var match = _regex.Match(value);
        if (match.Success)
        {
            LabelGrowth.Check(scope, "label_replace", _target, _replacement.LengthOf(match));
            replacement = Encoding.UTF8.GetBytes(_replacement.Expand(match));
        }

        known.Add(value, replacement);
        return replacement;
    }
}

/// <summary>A replacement with <c>$1</c>, <c>$name</c>, <c>${1}</c>, <c>$$</c>, as Go's regexp expands it.</summary>
internal sealed class ReplacementTemplate
{
    private readonly List<(string Text, bool IsGroup)> _parts = [];

    public ReplacementTemplate(string template)
    {
        var rest = template.AsSpan();
        while (!rest.IsEmpty)
        {
            var dollar = rest.IndexOf('$');
            if (dollar < 0)
            {
                _parts.Add((rest.ToString(), false));
                break;
            }

            _parts.Add((rest[..dollar].ToString(), false));
            rest = rest[(dollar + 1)..];
            rest = ReadGroup(rest);
        }
    }

    public string Expand(Match match) => string.Concat(_parts.Select(p => p.IsGroup ? match.Groups[p.Text].Value : p.Text));

    /// <summary>How long the expansion is.</summary>
    public long LengthOf(Match match) => _parts.Sum(p => p.IsGroup ? match.Groups[p.Text].Length : (long)p.Text.Length);

    private ReadOnlySpan<char> ReadGroup(ReadOnlySpan<char> rest)
    {
        if (rest.StartsWith("$"))
        {
            _parts.Add(("$", false));
            return rest[1..];
        }

        var braced = rest.StartsWith("{");
        var name = braced ? rest[1..] : rest;
        var length = 0;
        while (length < name.Length && (char.IsLetterOrDigit(name[length]) || name[length] == '_'))
        {
            length++;
        }

        if (length == 0 || (braced && (length >= name.Length || name[length] != '}')))
        {
            // Not a group: Go leaves the dollar standing.
            _parts.Add(("$", false));
            return rest;
        }

        _parts.Add((name[..length].ToString(), true));
        return name[(length + (braced ? 1 : 0))..];
    }
}

/// <summary><c>label_join</c>: writes a label from several others.</summary>
internal sealed class LabelJoinNode(VectorNode inner, string target, string separator, string[] sources) : VectorNode
{
    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var invalid = Array.Find(sources, s => !MetadataLabels.IsValidName(s));
        if (invalid is not null || !MetadataLabels.IsValidName(target))
        {
            var what = invalid is not null ? "source label name in label_join(): " + invalid : "destination label name in label_join(): " + target;
            throw new PromQLQueryException(QueryFailure.Execution, "invalid " + what);
        }

        var rows = inner.Collect(scope);
        var builder = new LabelSetBuilder();
        foreach (var row in rows)
        {
            var parts = Array.ConvertAll(sources, s => row.Labels[s]);
            LabelGrowth.Check(scope, "label_join", target, parts.Sum(p => (long)p.Length + separator.Length));
            var value = string.Join(separator, parts);
            row.Labels = builder.Start(row.Labels).Set(target, value).Build();
            row.DropName &= target != LabelSet.MetricNameLabel;
        }

        Push(ResultShaper.Merge(rows), sink);
    }
}
