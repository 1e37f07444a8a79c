namespace Flyball.Templates;

/// <summary>A template cannot be parsed or failed while it was executed.</summary>
/// <remarks>The message is the one Go's text/template gives, so that what people search for on the web is found.</remarks>
public sealed class TemplateException : Exception
{
    /// <summary>Makes the error of a place in a template.</summary>
    /// <param name="message">The whole message, place included.</param>
    /// <param name="line">Line in the template, from 1.</param>
    /// <param name="column">Column in that line, from 1.</param>
    public TemplateException(string message, int line, int column, Exception? cause = null)
        : base(message, cause)
    {
        Line = line;
        Column = column;
    }

    /// <summary>Line in the template, from 1.</summary>
    public int Line { get; }

    /// <summary>Column in that line, from 1. (Go's message counts bytes from 0.)</summary>
    public int Column { get; }
}

/// <summary>A template function refuses its arguments or fails.</summary>
public sealed class TemplateFunctionException : Exception
{
    /// <summary>Makes an error that is reported as "error calling NAME: MESSAGE".</summary>
    public TemplateFunctionException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    internal bool IsTypeMismatch { get; private init; }

    internal static TemplateFunctionException WrongType(string expected, object? got) =>
        new(got is null
            ? $"invalid value; expected {expected}"
            : $"wrong type for value; expected {expected}; got {Values.GoValue.TypeName(got)}")
        {
            IsTypeMismatch = true,
        };
}
