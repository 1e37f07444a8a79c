namespace Flyball.Templates;

/// <summary>What one execution may cost; a template is user input like any other.</summary>
public sealed record TemplateLimits
{
    /// <summary>Enough for any notification people have written.</summary>
    public static readonly TemplateLimits Default = new();

    /// <summary>Most characters of output, and of any string a function makes.</summary>
    public int OutputChars { get; init; } = 1 << 20;

    /// <summary>Most nodes executed, loops and nested templates included.</summary>
    public int Steps { get; init; } = 1_000_000;

    /// <summary>Deepest nesting of <c>template</c> calls.</summary>
    public int Depth { get; init; } = 100;
}
