namespace Flyball.Model.Text;

/// <summary>One mistake in a file that a person wrote.</summary>
/// <param name="File">Path as the person gave it.</param>
/// <param name="Line">From 1; 0 when the file as a whole is meant.</param>
/// <param name="Column">From 1; 0 when the file as a whole is meant.</param>
/// <param name="Message">What is wrong and what to do; lower case, no full stop.</param>
/// <remarks>YAML readers that produce these: <c>Flyball.Configuration</c>, <c>YamlSection</c>.</remarks>
public sealed record ConfigProblem(string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: message</c>, the form editors jump to.</summary>
    public override string ToString() => Line == 0 ? $"{File}: {Message}" : $"{File}:{Line}:{Column}: {Message}";
}
