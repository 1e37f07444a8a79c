using System.Text.Json;
using Flyball.Model.Labels;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flyball.Ingest.Discovery;

/// <summary>Reads lists of target groups as files and HTTP servers hold them. Prometheus documentation, "Configuration".</summary>
internal static class TargetGroupReader
{
    /// <summary>Reads a JSON list of <c>{"targets": […], "labels": {…}}</c>.</summary>
    /// <param name="source">Names the place; the groups get it with their index.</param>
    /// <param name="extra">Labels added to each group.</param>
    /// <exception cref="FormatException">It is not such a list.</exception>
    public static List<TargetGroup> ReadJson(string source, ReadOnlyMemory<byte> json, LabelSet extra)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw new FormatException("a list of target groups is expected");
            }

            return [.. document.RootElement.EnumerateArray().Select((group, index) => ReadGroup($"{source}:{index}", index, group, extra))];
        }
        catch (JsonException e)
        {
            throw new FormatException($"not valid JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"a target group holds a value of the wrong kind: {e.Message}", e);
        }
    }

    /// <summary>Reads a YAML list of the same shape.</summary>
    /// <exception cref="FormatException">It is not such a list.</exception>
    public static List<TargetGroup> ReadYaml(string source, string yaml, LabelSet extra)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (Exception e) when (e is YamlException or InvalidOperationException)
        {
            throw new FormatException($"not valid YAML: {e.Message}", e);
        }

        if (stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" })
        {
            return [];
        }

        if (stream.Documents[0].RootNode is not YamlSequenceNode list)
        {
            throw new FormatException("a list of target groups is expected");
        }

        return [.. list.Children.Select((group, index) => ReadGroup($"{source}:{index}", index, group, extra))];
    }

    private static TargetGroup ReadGroup(string source, int index, JsonElement group, LabelSet extra)
    {
        if (group.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException($"nil target group item found (index {index})");
        }

        var targets = new List<string>();
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var key in group.EnumerateObject())
        {
            switch (key.Name)
            {
                case "targets" when key.Value.ValueKind != JsonValueKind.Null:
                    targets.AddRange(key.Value.EnumerateArray().Select(t => t.GetString() ?? ""));
                    break;
                case "labels" when key.Value.ValueKind != JsonValueKind.Null:
                    labels.AddRange(key.Value.EnumerateObject().Select(l => KeyValuePair.Create(l.Name, l.Value.GetString() ?? "")));
                    break;
                case "targets" or "labels" or "source":
                    break;
                default:
                    throw new FormatException($"unknown key \"{key.Name}\" in target group {index}; targets and labels are known");
            }
        }

        return Make(source, targets, labels, extra);
    }

    private static TargetGroup ReadGroup(string source, int index, YamlNode group, LabelSet extra)
    {
        if (group is not YamlMappingNode mapping)
        {
            throw new FormatException($"nil target group item found (index {index})");
        }

        var targets = new List<string>();
        var labels = new List<KeyValuePair<string, string>>();
        foreach (var (key, value) in mapping.Children)
        {
            switch (((key as YamlScalarNode)?.Value, value))
            {
                case ("targets", YamlSequenceNode list):
                    targets.AddRange(list.Children.Select(TextOf));
                    break;
                case ("labels", YamlMappingNode map):
                    labels.AddRange(map.Children.Select(l => KeyValuePair.Create(TextOf(l.Key), TextOf(l.Value))));
                    break;
                case ("targets" or "labels", YamlScalarNode { Value: null or "" or "~" or "null" }):
                case ("source", YamlScalarNode):
                    break;
                case var (name, _):
                    throw new FormatException($"{key.Start.Line}:{key.Start.Column}: \"{name}\" is no key of a target group or has a value of the wrong kind");
            }
        }

        return Make(source, targets, labels, extra);
    }

    private static TargetGroup Make(
        string source, List<string> targets, List<KeyValuePair<string, string>> labels, LabelSet extra)
    {
        var builder = new LabelSetBuilder().Start(extra);
        foreach (var (name, value) in labels)
        {
            if (name.Length == 0)
            {
                throw new FormatException("\"\" is not a valid label name");
            }

            builder.Set(name, value);
        }

        return TargetGroup.Of(source, targets, builder.Build());
    }

    private static string TextOf(YamlNode node) =>
        (node as YamlScalarNode)?.Value ?? throw new FormatException($"{node.Start.Line}:{node.Start.Column}: a text is expected");
}
