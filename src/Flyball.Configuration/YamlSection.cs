using System.Globalization;
using Flyball.Model.Labels;
using Flyball.Model.Text;
using Flyball.Model.Time;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flyball.Configuration;

/// <summary>One mapping of a configuration file, read key by key; keys nobody asked for are mistakes.</summary>
/// <remarks>Ask for every key the section knows, whether present or not, then call <see cref="Finish"/>.</remarks>
public sealed class YamlSection
{
    private const int DeepestMerge = 8;

    private readonly Dictionary<string, (YamlScalarNode Key, YamlNode Value)> _entries = [];
    private readonly HashSet<string> _known = [];
    private readonly ConfigProblems _problems;

    /// <summary>Opens a mapping.</summary>
    /// <param name="file">The name problems are reported under.</param>
    public YamlSection(string file, YamlMappingNode node, ConfigProblems problems)
        : this(file, node, problems, mergeDepth: 0)
    {
    }

    private YamlSection(string file, YamlMappingNode node, ConfigProblems problems, int mergeDepth)
    {
        File = file;
        Node = node;
        _problems = problems;
        foreach (var (key, value) in node.Children)
        {
            switch (key)
            {
                case YamlScalarNode { Value: "<<", Style: ScalarStyle.Plain }:
                    Merge(value, mergeDepth);
                    break;
                case YamlScalarNode { Value: { } name } scalar:
                    _entries[name] = (scalar, value);
                    break;
                default:
                    problems.Add(file, key, "a key must be a plain text");
                    break;
            }
        }
    }

    /// <summary>The file this section stands in.</summary>
    public string File { get; }

    /// <summary>The node behind it.</summary>
    public YamlMappingNode Node { get; }

    /// <summary>The keys that are there, in file order, for sections whose keys the user chooses; all of them count as asked for.</summary>
    public IReadOnlyCollection<string> Keys
    {
        get
        {
            _known.UnionWith(_entries.Keys);
            return _entries.Keys;
        }
    }

    /// <summary>Whether the key is there with a value (<c>key:</c> alone is "not there").</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>The node of a key; null when absent or empty.</summary>
    public YamlNode? Find(string key)
    {
        _known.Add(key);
        return _entries.TryGetValue(key, out var entry) && !IsNull(entry.Value) ? entry.Value : null;
    }

    /// <summary>Notes a problem at a key, or at the section when the key is absent.</summary>
    public void Report(string key, string message) =>
        _problems.Add(File, _entries.TryGetValue(key, out var entry) ? entry.Value : Node, message);

    /// <summary>Notes a problem at the section.</summary>
    public void Report(string message) => _problems.Add(File, Node, message);

    /// <summary>Reads text.</summary>
    public string? Text(string key)
    {
        var node = Find(key);
        return node is null ? null : Scalar(key, node, "a text");
    }

    /// <summary>Reads text that must be there.</summary>
    public string RequiredText(string key)
    {
        var text = Text(key);
        if (string.IsNullOrEmpty(text))
        {
            Report(key, $"\"{key}\" is missing; give it a value");
        }

        return text ?? "";
    }

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public bool? Boolean(string key)
    {
        var node = Find(key);
        switch (node is null ? null : Scalar(key, node, "true or false"))
        {
            case null:
                return null;
            case "true" or "True" or "TRUE" or "yes" or "on":
                return true;
            case "false" or "False" or "FALSE" or "no" or "off":
                return false;
            case var other:
                Report(key, $"\"{key}\" is \"{other}\"; write true or false");
                return null;
        }
    }

    /// <summary>Reads a whole number.</summary>
    public long? Integer(string key, long least = long.MinValue, long most = long.MaxValue)
    {
        var text = Find(key) is { } node ? Scalar(key, node, "a whole number") : null;
        if (text is null)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, null, out var value))
        {
            Report(key, $"\"{key}\" is \"{text}\"; write a whole number");
            return null;
        }

        if (value < least || value > most)
        {
            Report(key, $"\"{key}\" is {value}; it must lie between {least} and {most}");
            return null;
        }

        return value;
    }

    /// <summary>Reads a number.</summary>
    public double? Number(string key)
    {
        var text = Find(key) is { } node ? Scalar(key, node, "a number") : null;
        if (text is null)
        {
            return null;
        }

        if (!double.TryParse(text, NumberStyles.Float, null, out var value))
        {
            Report(key, $"\"{key}\" is \"{text}\"; write a number");
            return null;
        }

        return value;
    }

    /// <summary>Reads a duration such as <c>15s</c> or <c>1h30m</c>.</summary>
    public DurationMs? Duration(string key)
    {
        var text = Find(key) is { } node ? Scalar(key, node, "a duration") : null;
        if (text is null)
        {
            return null;
        }

        if (!DurationText.TryParse(text, out var value))
        {
            Report(key, $"\"{key}\" is \"{text}\", which is no duration; write one like 15s, 5m or 1h30m");
            return null;
        }

        return value;
    }

    /// <summary>Reads a size such as <c>10MB</c> or <c>512KiB</c> (powers of 1024 either way, as Prometheus reads them).</summary>
    public long? Bytes(string key)
    {
        var text = Find(key) is { } node ? Scalar(key, node, "a size") : null;
        if (text is null)
        {
            return null;
        }

        var letters = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var unit = letters < 0 ? "B" : text[letters..].Replace("i", "", StringComparison.Ordinal).ToUpperInvariant();
        var power = "BKMGTPE".IndexOf(unit.Length == 0 ? 'B' : unit[0], StringComparison.Ordinal);
        if (power < 0 || (unit.Length > 1 && unit[1..] != "B")
            || !long.TryParse(letters < 0 ? text : text[..letters], NumberStyles.None, null, out var count)
            || count > long.MaxValue >> (10 * power))
        {
            Report(key, $"\"{key}\" is \"{text}\", which is no size; write one like 512KB, 10MB or 2GB");
            return null;
        }

        return count << (10 * power);
    }

    /// <summary>Reads one of a few words.</summary>
    /// <returns>The index of the word in <paramref name="words"/>, or null.</returns>
    public int? Choice(string key, params string[] words)
    {
        var text = Text(key);
        if (text is null)
        {
            return null;
        }

        var index = Array.IndexOf(words, text);
        if (index < 0)
        {
            Report(key, $"\"{key}\" is \"{text}\"; write one of {string.Join(", ", words)}{NearestWord.Suggest(text, words)}");
            return null;
        }

        return index;
    }

    /// <summary>Reads a list of texts; a single text counts as a list of one.</summary>
    public IReadOnlyList<string> Texts(string key)
    {
        var texts = new List<string>();
        foreach (var item in Items(key))
        {
            if (Scalar(key, item, "a text") is { } text)
            {
                texts.Add(text);
            }
        }

        return texts;
    }

    /// <summary>The items of a list; a single value counts as a list of one; absent is empty.</summary>
    public IReadOnlyList<YamlNode> Items(string key) => Find(key) switch
    {
        null => [],
        YamlSequenceNode list => [.. list.Children],
        var single => [single],
    };

    /// <summary>Opens a mapping below a key; null when absent.</summary>
    public YamlSection? Section(string key) => Find(key) is { } node ? Open(key, node) : null;

    /// <summary>Opens each mapping of a list below a key.</summary>
    public IReadOnlyList<YamlSection> Sections(string key)
    {
        var sections = new List<YamlSection>();
        foreach (var item in Items(key))
        {
            if (Open(key, item) is { } section)
            {
                sections.Add(section);
            }
        }

        return sections;
    }

    /// <summary>Reads a mapping of texts to texts, e.g. labels or headers, in file order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs(string key)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        if (Section(key) is { } section)
        {
            foreach (var (name, entry) in section._entries)
            {
                pairs.Add(new(name, IsNull(entry.Value) ? "" : section.Scalar(name, entry.Value, "a text") ?? ""));
            }
        }

        return pairs;
    }

    /// <summary>Reads a mapping of label names to values.</summary>
    public LabelSet Labels(string key)
    {
        var builder = new LabelSetBuilder();
        foreach (var (name, value) in Pairs(key))
        {
            if (name.Length == 0 || name == LabelSet.MetricNameLabel)
            {
                Report(key, $"\"{name}\" is not a valid label name");
                continue;
            }

            builder.Set(name, value);
        }

        return builder.Build();
    }

    /// <summary>Says that a key is understood but cannot be served, if it is there.</summary>
    public void Refuse(string key, string why)
    {
        if (Has(key))
        {
            _problems.Add(File, _entries[key].Key, $"\"{key}\" {why}");
        }
    }

    /// <summary>Warns at a key, if it is there.</summary>
    public void Warn(string key, string message)
    {
        if (Has(key))
        {
            _problems.Warn(File, _entries[key].Key, $"\"{key}\" {message}");
        }
    }

    /// <summary>Accepts a key without reading it: it is known, and what it asks for changes nothing here.</summary>
    public void Accept(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            _known.Add(key);
        }
    }

    /// <summary>Reports every key that nobody asked for, with the nearest that somebody did.</summary>
    /// <param name="typeName">When given, the problem is worded as Prometheus words it, with its name of the section's type.</param>
    public void Finish(string? typeName = null)
    {
        foreach (var (name, entry) in _entries)
        {
            if (!_known.Contains(name))
            {
                var message = typeName is null ? $"unknown key \"{name}\"" : $"field {name} not found in type {typeName}";
                _problems.Add(File, entry.Key, message + NearestWord.Suggest(name, _known));
            }
        }
    }

    // "<<: *anchor" or a list of such: keys of the mapping itself win, then those of earlier mappings in the list.
    private void Merge(YamlNode merged, int depth)
    {
        foreach (var source in merged is YamlSequenceNode list ? list.Children : [merged])
        {
            // A mapping can be made to merge itself; nobody needs more than a few levels.
            if (source is not YamlMappingNode mapping || depth == DeepestMerge)
            {
                _problems.Add(File, source, "\"<<\" must name a mapping that does not merge itself");
                continue;
            }

            foreach (var (name, entry) in new YamlSection(File, mapping, _problems, depth + 1)._entries)
            {
                if (!Node.Children.ContainsKey(new YamlScalarNode(name)))
                {
                    _entries.TryAdd(name, entry);
                }
            }
        }
    }

    private YamlSection? Open(string key, YamlNode node)
    {
        if (node is YamlMappingNode mapping)
        {
            return new YamlSection(File, mapping, _problems);
        }

        _problems.Add(File, node, $"\"{key}\" must be a mapping of keys to values");
        return null;
    }

    private string? Scalar(string key, YamlNode node, string wanted)
    {
        if (node is YamlScalarNode { Value: { } value })
        {
            return value;
        }

        _problems.Add(File, node, $"\"{key}\" must be {wanted}");
        return null;
    }

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" };
}
