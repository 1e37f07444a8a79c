using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Flyball.Templates;

/// <summary>Computes what a call in a template yields.</summary>
/// <exception cref="TemplateFunctionException">The arguments are refused or the computation failed.</exception>
public delegate object? TemplateFunctionBody(TemplateCall call);

/// <summary>A function a template may call.</summary>
/// <param name="MinArguments">Fewest arguments, the piped one included.</param>
/// <param name="MaxArguments">Most arguments; <see cref="int.MaxValue"/> = any number.</param>
/// <param name="Body">What it does.</param>
public sealed record TemplateFunction(int MinArguments, int MaxArguments, TemplateFunctionBody Body);

/// <summary>The functions a template may call, by name. Immutable.</summary>
public sealed class TemplateFunctions
{
    private readonly FrozenDictionary<string, TemplateFunction> _byName;

    private TemplateFunctions(FrozenDictionary<string, TemplateFunction> byName) => _byName = byName;

    /// <summary>What Go's text/template brings along: <c>printf</c>, <c>index</c>, <c>eq</c> and so on.</summary>
    public static TemplateFunctions Builtin { get; } = new(Functions.BuiltinFunctions.All.ToFrozenDictionary());

    /// <summary>The names, in no order.</summary>
    public IReadOnlyList<string> Names => _byName.Keys;

    /// <summary>These functions and further ones; a further one replaces a function of the same name.</summary>
    public TemplateFunctions With(IEnumerable<KeyValuePair<string, TemplateFunction>> further)
    {
        var all = new Dictionary<string, TemplateFunction>(_byName);
        foreach (var (name, function) in further)
        {
            all[name] = function;
        }

        return new TemplateFunctions(all.ToFrozenDictionary());
    }

    internal bool TryGet(string name, [NotNullWhen(true)] out TemplateFunction? function) =>
        _byName.TryGetValue(name, out function);
}
