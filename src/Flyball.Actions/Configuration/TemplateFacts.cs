using Flyball.Model.Labels;

namespace Flyball.Actions.Configuration;

/// <summary>What the templates of an action see: <c>.Labels</c>, <c>.Annotations</c>, <c>.Value</c>, <c>.Policy</c>, <c>.Action</c>, <c>.ID</c>, <c>.StartsAt</c>.</summary>
internal static class TemplateFacts
{
    public static readonly IReadOnlyDictionary<string, object?> Empty = new Dictionary<string, object?>
    {
        ["Labels"] = new Dictionary<string, string>(),
        ["Annotations"] = new Dictionary<string, string>(),
        ["Value"] = 0.0,
        ["Policy"] = "",
        ["Action"] = "",
        ["ID"] = "",
        ["StartsAt"] = "",
    };

    public static IReadOnlyDictionary<string, string> Of(LabelSet labels) => labels.AsPairs().ToDictionary(p => p.Key, p => p.Value);

    /// <summary>The same facts with label values that stay inside the double quotes of a PromQL string, whatever is in them.</summary>
    public static IReadOnlyDictionary<string, object?> ForQuery(IReadOnlyDictionary<string, object?> facts) => facts.ToDictionary(
        f => f.Key,
        f => f.Value is IReadOnlyDictionary<string, string> texts ? texts.ToDictionary(t => t.Key, t => Escape(t.Value)) : f.Value);

    private static string Escape(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
