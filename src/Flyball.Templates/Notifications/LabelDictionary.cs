using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Flyball.Templates.Values;

namespace Flyball.Templates.Notifications;

/// <summary>Labels or annotations as notification templates see them: a map with methods. Source: Alertmanager documentation, "Notification template reference".</summary>
public sealed class LabelDictionary : IReadOnlyDictionary<string, string>, ITemplateObject
{
    private readonly SortedDictionary<string, string> _pairs;

    /// <summary>Takes pairs; a name occurs once.</summary>
    public LabelDictionary(IEnumerable<KeyValuePair<string, string>> pairs) =>
        _pairs = new SortedDictionary<string, string>(new Dictionary<string, string>(pairs), StringComparer.Ordinal);

    /// <inheritdoc />
    public string TypeName => "template.KV";

    /// <inheritdoc />
    public int Count => _pairs.Count;

    /// <inheritdoc />
    public IEnumerable<string> Keys => _pairs.Keys;

    /// <inheritdoc />
    public IEnumerable<string> Values => _pairs.Values;

    /// <inheritdoc />
    public string this[string key] => _pairs[key];

    /// <inheritdoc />
    public bool TryGetMember(string name, out object? member)
    {
        member = name switch
        {
            "SortedPairs" => new TemplateFunction(0, 0, _ => SortedPairs()),
            "Names" => new TemplateFunction(0, 0, _ => Names()),
            "Values" => new TemplateFunction(0, 0, _ => NamesFirst().Select(n => (object?)_pairs[n]).ToArray()),
            "Remove" => new TemplateFunction(1, 1, c => Remove(GoValue.AsList(c[0]) ?? throw TemplateFunctionException.WrongType("[]string", c[0]))),
            _ => null,
        };
        return member is not null;
    }

    /// <inheritdoc />
    public bool ContainsKey(string key) => _pairs.ContainsKey(key);

    /// <inheritdoc />
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _pairs.TryGetValue(key, out value);

    /// <inheritdoc />
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _pairs.GetEnumerator();

    /// <inheritdoc />
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc />
    public override string ToString() => GoValue.PrintMap(_pairs.Select(p => (p.Key, p.Value)));

    // The alert's name comes first, because it is what people look for.
    private IEnumerable<string> NamesFirst() => _pairs.Keys.OrderBy(n => n == "alertname" ? 0 : 1).ThenBy(n => n, StringComparer.Ordinal);

    private object?[] Names() => [.. NamesFirst()];

    private object?[] SortedPairs() => [.. NamesFirst().Select(n => new Dictionary<string, string> { ["Name"] = n, ["Value"] = _pairs[n] })];

    private LabelDictionary Remove(IReadOnlyList<object?> names) => new(_pairs.Where(p => !names.Contains(p.Key)));
}
