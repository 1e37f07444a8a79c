using Flyball.Templates.Values;

namespace Flyball.Templates;

/// <summary>One call of a function or method: its arguments and where it happens.</summary>
public sealed class TemplateCall
{
    private readonly IReadOnlyList<object?> _arguments;
    private readonly Func<string, object?, string> _executeNamed;

    internal TemplateCall(IReadOnlyList<object?> arguments, object? host, Func<string, object?, string> executeNamed)
    {
        _arguments = arguments;
        Host = host;
        _executeNamed = executeNamed;
    }

    /// <summary>Number of arguments, the piped one included.</summary>
    public int Count => _arguments.Count;

    /// <summary>What the caller of <c>Template.Execute</c> gave for its functions: a clock, an address, …</summary>
    public object? Host { get; }

    /// <summary>The arguments in order; a piped one is last.</summary>
    public IReadOnlyList<object?> Arguments => _arguments;

    /// <summary>An argument of any type.</summary>
    public object? this[int index] => _arguments[index];

    /// <summary>An argument that must be a string.</summary>
    /// <exception cref="TemplateFunctionException">It is something else.</exception>
    public string Text(int index) => _arguments[index] switch
    {
        string text => text,
        SafeHtml html => html.Value,
        var other => throw TemplateFunctionException.WrongType("string", other),
    };

    /// <summary>An argument that must be an integer.</summary>
    /// <exception cref="TemplateFunctionException">It is something else.</exception>
    public long Integer(int index) => _arguments[index] switch
    {
        long value => value,
        ulong value => checked((long)value),
        var other => throw TemplateFunctionException.WrongType("int", other),
    };

    /// <summary>An argument that is a number or a string that reads as one.</summary>
    /// <exception cref="TemplateFunctionException">It is neither.</exception>
    public double Number(int index) => GoValue.ToFloat(_arguments[index]);

    /// <summary>An argument of a given type.</summary>
    /// <exception cref="TemplateFunctionException">It is something else.</exception>
    public T Value<T>(int index, string typeName)
        where T : class => _arguments[index] as T ?? throw TemplateFunctionException.WrongType(typeName, _arguments[index]);

    /// <summary>The output of another template of the same set.</summary>
    public string ExecuteTemplate(string name, object? data) => _executeNamed(name, data);
}
