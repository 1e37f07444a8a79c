using Flyball.Durable.Files;
using Flyball.Model.Text;

namespace Flyball.Alerting.Rules.Files;

/// <summary>Finds the files a pattern of <c>rule_files</c> names: <c>*</c> and <c>?</c> in its last part.</summary>
public static class FileGlob
{
    /// <summary>The files, by name; a pattern without wildcards names its file whether it exists or not.</summary>
    /// <param name="folder">Where a relative pattern begins.</param>
    public static IReadOnlyList<string> Expand(IFileSystem files, string folder, string pattern)
    {
        var path = Path.Combine(folder, pattern);
        var name = Path.GetFileName(path);
        if (name.AsSpan().IndexOfAny('*', '?', '[') < 0)
        {
            return [path];
        }

        var parent = Path.GetDirectoryName(path) is { Length: > 0 } above ? above : ".";
        var regex = GoRegex.CompileAnchored(string.Concat(name.Select(c => c switch
        {
            '*' => ".*",
            '?' => ".",
            '[' or ']' or '-' => c.ToString(),
            _ => System.Text.RegularExpressions.Regex.Escape(c.ToString()),
        })));
        return [.. files.List(parent).Where(e => !e.IsDirectory && regex.IsMatch(e.Name)).Select(e => Path.Combine(parent, e.Name))];
    }
}
