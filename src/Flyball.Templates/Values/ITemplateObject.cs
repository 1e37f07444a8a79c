namespace Flyball.Templates.Values;

/// <summary>A value with fields and methods, as a template sees it: <c>.Name</c>, <c>.Method arg</c>.</summary>
public interface ITemplateObject
{
    /// <summary>What the type is called in error messages.</summary>
    string TypeName { get; }

    /// <summary>Finds a field or method.</summary>
    /// <param name="member">The field's value, or a <see cref="TemplateFunction"/> for a method.</param>
    bool TryGetMember(string name, out object? member);
}

/// <summary>Text that is HTML already and is not escaped again.</summary>
public sealed record SafeHtml(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>A series with its value, as <c>query</c> gives it to a template.</summary>
/// <param name="Labels">Its labels, the metric's name among them.</param>
/// <param name="Value">A <see cref="double"/>, or a histogram that says what it is by <see cref="object.ToString"/>.</param>
public sealed record TemplateSample(IReadOnlyDictionary<string, string> Labels, object Value) : ITemplateObject
{
    /// <inheritdoc />
    public string TypeName => "*template.sample";

    /// <inheritdoc />
    public bool TryGetMember(string name, out object? member)
    {
        member = name switch { "Labels" => Labels, "Value" => Value, _ => null };
        return member is not null;
    }
}

/// <summary>The answer of <c>query</c>: samples in order.</summary>
public class TemplateVector(IReadOnlyList<TemplateSample> samples) : List<object?>(samples)
{
    internal TemplateSample First => (TemplateSample)this[0]!;
}
