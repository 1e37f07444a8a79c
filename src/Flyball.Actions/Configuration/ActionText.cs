using System.Text.Json;
using Flyball.Templates;

namespace Flyball.Actions.Configuration;

/// <summary>A text of the configuration in Go template syntax, to be filled with the facts of an alert.</summary>
/// <remarks>Immutable; safe from many threads. Functions: Go's own and <c>toJson</c>.</remarks>
public sealed class ActionText
{
    private static readonly TemplateFunctions Functions = TemplateFunctions.Builtin.With(
    [
        new("toJson", new TemplateFunction(1, 1, call => JsonSerializer.Serialize(call[0]))),
    ]);

    private readonly Template? _template;

    private ActionText(string text, Template? template)
    {
        Text = text;
        _template = template;
    }

    /// <summary>The text as written.</summary>
    public string Text { get; }

    /// <summary>Parses a text.</summary>
    /// <exception cref="TemplateException">It is no template.</exception>
    public static ActionText Parse(string name, string text) =>
        new(text, text.Contains("{{", StringComparison.Ordinal) ? Template.Parse(name, text, Functions) : null);

    /// <summary>Fills it in.</summary>
    /// <exception cref="TemplateException">It failed.</exception>
    internal string Expand(IReadOnlyDictionary<string, object?> data) => _template is null ? Text : _template.Execute(data);
}
