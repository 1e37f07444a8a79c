using System.Globalization;
using System.Text.Json;
using Flyball.Testing;
using YamlDotNet.RepresentationModel;

namespace Flyball.Server.Tests.Support;

/// <summary>Checks answers against the OpenAPI description of Prometheus' API. As much of JSON Schema as that file uses.</summary>
internal sealed class OpenApi
{
    private readonly YamlMappingNode _paths;
    private readonly YamlMappingNode _root;

    private OpenApi(YamlMappingNode root)
    {
        _root = root;
        _paths = Map(root["paths"]);
    }

    public static OpenApi Load()
    {
        using var reader = File.OpenText(SharedData.Require("conformance/api/prometheus-openapi-3.1.yaml"));
        var yaml = new YamlStream();
        yaml.Load(reader);
        return new OpenApi(Map(yaml.Documents[0].RootNode));
    }

    /// <summary>All paths with their methods.</summary>
    public IEnumerable<(string Path, string Method)> Operations =>
        from path in _paths.Children
        from method in Map(path.Value).Children
        select (Text(path.Key), Text(method.Key).ToUpperInvariant());

    /// <summary>What is wrong with an answer; empty when nothing is.</summary>
    /// <param name="path">As requested, with or without <c>/api/v1</c>.</param>
    public IReadOnlyList<string> Problems(string method, string path, int status, JsonElement body)
    {
        var problems = new List<string>();
        var template = TemplateOf(path.Replace("/api/v1", "", StringComparison.Ordinal));
        if (Find(_paths, template) is not { } item || Find(Map(item), method.ToLowerInvariant()) is not { } operation)
        {
            return [$"{method} {path} is not described"];
        }

        var responses = Map(Map(operation)["responses"]);
        var response = Find(responses, status.ToString(CultureInfo.InvariantCulture)) ?? Find(responses, "default");
        if (response is null || Find(Map(response), "content") is not { } content || Find(Map(content), "application/json") is not { } json)
        {
            return problems;
        }

        Check(Map(json)["schema"], body, "$", problems);

        // Prometheus sends the state, its description forgets it; the churn is Flyball's own.
        problems.RemoveAll(p => p is "$.data.state: is not described" or "$.data.churn: is not described");
        return problems;
    }

    private static string TemplateOf(string path) =>
        path.StartsWith("/label/", StringComparison.Ordinal) ? "/label/{name}/values" : path;

    private void Check(YamlNode schemaNode, JsonElement value, string at, List<string> problems)
    {
        var schema = Resolve(Map(schemaNode));
        if (Find(schema, "oneOf") is { } one)
        {
            CheckAlternatives(one, value, at, exactlyOne: true, problems);
        }

        if (Find(schema, "anyOf") is { } any)
        {
            CheckAlternatives(any, value, at, exactlyOne: false, problems);
        }

        if (Find(schema, "enum") is YamlSequenceNode words && !words.Any(w => Text(w) == value.ToString()))
        {
            problems.Add($"{at}: \"{value}\" is none of the allowed words");
        }

        switch (Find(schema, "type") is { } type ? Text(type) : "")
        {
            case "object" when Is(value, JsonValueKind.Object, at, "an object", problems):
                CheckObject(schema, value, at, problems);
                break;
            case "array" when Is(value, JsonValueKind.Array, at, "an array", problems):
                CheckArray(schema, value, at, problems);
                break;
            case "string" when Is(value, JsonValueKind.String, at, "a string", problems):
                CheckTime(schema, value, at, problems);
                break;
            case "number":
                Is(value, JsonValueKind.Number, at, "a number", problems);
                break;
            case "integer" when Is(value, JsonValueKind.Number, at, "an integer", problems) && !value.TryGetInt64(out _):
                problems.Add($"{at}: {value} is no integer");
                break;
            case "boolean" when value.ValueKind is not (JsonValueKind.True or JsonValueKind.False):
                problems.Add($"{at}: {value} is no boolean");
                break;
            default:
                break;
        }
    }

    private void CheckAlternatives(YamlNode alternatives, JsonElement value, string at, bool exactlyOne, List<string> problems)
    {
        var fitting = 0;
        var why = new List<string>();
        foreach (var alternative in (YamlSequenceNode)alternatives)
        {
            var own = new List<string>();
            Check(alternative, value, at, own);
            fitting += own.Count == 0 ? 1 : 0;
            why.AddRange(own);
        }

        if (fitting == 0 || (exactlyOne && fitting > 1))
        {
            problems.Add($"{at}: fits {fitting} of the alternatives: {string.Join("; ", why.Take(4))}");
        }
    }

    private void CheckObject(YamlMappingNode schema, JsonElement value, string at, List<string> problems)
    {
        var properties = Find(schema, "properties") is { } declared ? Map(declared) : new YamlMappingNode();
        if (Find(schema, "required") is YamlSequenceNode required)
        {
            problems.AddRange(required.Where(r => !value.TryGetProperty(Text(r), out _)).Select(r => $"{at}: \"{Text(r)}\" is missing"));
        }

        var rest = Find(schema, "additionalProperties");
        foreach (var property in value.EnumerateObject())
        {
            var where = $"{at}.{property.Name}";
            if (Find(properties, property.Name) is { } known)
            {
                Check(known, property.Value, where, problems);
            }
            else if (rest is YamlMappingNode)
            {
                Check(rest, property.Value, where, problems);
            }
            else if (rest is YamlScalarNode { Value: "false" })
            {
                problems.Add($"{where}: is not described");
            }
        }
    }

    private void CheckArray(YamlMappingNode schema, JsonElement value, string at, List<string> problems)
    {
        if (Find(schema, "minItems") is { } least && value.GetArrayLength() < int.Parse(Text(least)))
        {
            problems.Add($"{at}: has {value.GetArrayLength()} items");
        }

        if (Find(schema, "maxItems") is { } most && value.GetArrayLength() > int.Parse(Text(most)))
        {
            problems.Add($"{at}: has {value.GetArrayLength()} items");
        }

        if (Find(schema, "items") is not { } items)
        {
            return;
        }

        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Check(items, item, $"{at}[{index++}]", problems);
        }
    }

    private static void CheckTime(YamlMappingNode schema, JsonElement value, string at, List<string> problems)
    {
        if (Find(schema, "format") is { } format && Text(format) == "date-time"
            && !DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _))
        {
            problems.Add($"{at}: {value} is no time");
        }
    }

    private YamlMappingNode Resolve(YamlMappingNode schema) =>
        Find(schema, "$ref") is { } reference
            ? Map(Map(Map(_root["components"])["schemas"])[Text(reference).Split('/')[^1]])
            : schema;

    private static bool Is(JsonElement value, JsonValueKind kind, string at, string what, List<string> problems)
    {
        if (value.ValueKind == kind)
        {
            return true;
        }

        problems.Add($"{at}: {value.ValueKind} is not {what}");
        return false;
    }

    private static YamlNode? Find(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static YamlMappingNode Map(YamlNode node) => (YamlMappingNode)node;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
}
