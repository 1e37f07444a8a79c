using System.Collections.Frozen;
using Flyball.Templates.Execution;
using Flyball.Templates.Syntax;

namespace Flyball.Templates;

/// <summary>What an absent map key yields.</summary>
public enum MissingKey
{
    /// <summary>The zero value of the map's elements: "" for labels. What Prometheus and Alertmanager ask for.</summary>
    Zero,

    /// <summary>An error.</summary>
    Error,
}

/// <summary>How a template is read and executed.</summary>
public sealed record TemplateOptions
{
    /// <summary>Names of variables (with their dollar) that exist before the template begins.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>A template whose definitions this one may call and override; null = none.</summary>
    public Template? Library { get; init; }

    /// <summary>Whether what actions print is escaped for HTML text and quoted attributes.</summary>
    public bool Html { get; init; }

    /// <summary>What an absent map key yields.</summary>
    public MissingKey MissingKey { get; init; }

    /// <summary>What an execution may cost.</summary>
    public TemplateLimits Limits { get; init; } = TemplateLimits.Default;
}

/// <summary>A parsed template in the language of Go's text/template. Immutable; safe from many threads.</summary>
public sealed class Template
{
    private readonly FrozenDictionary<string, Definition> _definitions;
    private readonly TemplateFunctions _functions;
    private readonly TemplateOptions _options;

    private Template(string name, FrozenDictionary<string, Definition> definitions, TemplateFunctions functions, TemplateOptions options)
    {
        Name = name;
        _definitions = definitions;
        _functions = functions;
        _options = options;
    }

    /// <summary>Its name, as error messages show it.</summary>
    public string Name { get; }

    /// <summary>Names of the templates it defines, itself and its library's among them.</summary>
    public IReadOnlyList<string> Definitions => _definitions.Keys;

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is no template; the message says where and why.</exception>
    public static Template Parse(string name, string text, TemplateFunctions functions, TemplateOptions? options = null)
    {
        options ??= new TemplateOptions();
        var definitions = options.Library is { } library
            ? new Dictionary<string, Definition>(library._definitions)
            : [];
        definitions.Remove(name);
        Parser.Parse(new SourceText(name, text), functions, options.Variables, definitions);
        return new Template(name, definitions.ToFrozenDictionary(), functions, options);
    }

    /// <summary>Executes it.</summary>
    /// <param name="data">The dot it begins with: null, a number, string, list, map or object with members.</param>
    /// <param name="variables">Values of <see cref="TemplateOptions.Variables"/>, in that order.</param>
    /// <param name="host">What its functions find in <see cref="TemplateCall.Host"/>.</param>
    /// <exception cref="TemplateException">It failed, or cost more than its limits allow.</exception>
    public string Execute(object? data, IReadOnlyList<object?>? variables = null, object? host = null) =>
        Execute(Name, data, variables, host);

    /// <summary>Executes one of its definitions by name.</summary>
    /// <exception cref="TemplateException">There is none of that name, it failed, or cost more than its limits allow.</exception>
    public string Execute(string definition, object? data, IReadOnlyList<object?>? variables, object? host)
    {
        var interpreter = new Interpreter(_definitions, _functions, _options, host);
        return interpreter.Run(definition, data, variables ?? []);
    }
}
