using System.Text;

namespace Flyball.Templates.Syntax;

/// <summary>The text of one template and the errors that point into it.</summary>
internal sealed record SourceText(string Name, string Text)
{
    public TemplateException ParseError(int at, string message)
    {
        var (line, column) = Place(at);
        return new TemplateException($"template: {Name}:{line}: {message}", line, column);
    }

    public TemplateException ExecutionError(string definition, Node node, string message, Exception? cause = null)
    {
        var (line, column) = Place(node.At);
        var bytes = Encoding.UTF8.GetByteCount(Text.AsSpan(LineStart(node.At), column - 1));
        return new TemplateException(
            $"template: {Name}:{line}:{bytes}: executing {Values.GoStrings.Quote(definition)} at <{node}>: {message}", line, column, cause);
    }

    private (int Line, int Column) Place(int at)
    {
        at = Math.Min(at, Text.Length);
        return (Text.AsSpan(0, at).Count('\n') + 1, at - LineStart(at) + 1);
    }

    private int LineStart(int at) => Text.AsSpan(0, Math.Min(at, Text.Length)).LastIndexOf('\n') + 1;
}
