using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Flyball.Model.Text;

namespace Flyball.Templates.Functions;

/// <summary>The regular expression functions of rule and notification templates.</summary>
internal static class RegexFunctions
{
    private const int MostCached = 256;

    // Patterns are literals of templates, so the same few return at every evaluation; compiling one costs far more than using it.
    private static readonly ConcurrentDictionary<string, GoRegex> Cache = new();

    public static object Match(TemplateCall call) => Compile(call.Text(0)).IsMatch(call.Text(1));

    public static object ReplaceAll(TemplateCall call)
    {
        var (template, text) = (call.Text(1), call.Text(2));
        var result = new StringBuilder();
        var at = 0;
        for (var match = Compile(call.Text(0)).Match(text); match.Success; match = match.NextMatch())
        {
            result.Append(text, at, match.Index - at);
            Expand(template, match, result);
            at = match.Index + match.Length;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private static GoRegex Compile(string pattern)
    {
        if (Cache.TryGetValue(pattern, out var known))
        {
            return known;
        }

        try
        {
            var compiled = GoRegex.CompileSearch(pattern);
            if (Cache.Count >= MostCached)
            {
                Cache.Clear();
            }

            return Cache[pattern] = compiled;
        }
        catch (RegexSyntaxException e)
        {
            throw new TemplateFunctionException(e.Message, e);
        }
    }

    // $1, ${1}, $name, ${name}, $$; the longest name counts, an unknown one is empty.
    private static void Expand(string template, Match match, StringBuilder result)
    {
        for (var at = 0; at < template.Length;)
        {
            var dollar = template.IndexOf('$', at);
            if (dollar < 0 || dollar == template.Length - 1)
            {
                result.Append(template, at, template.Length - at);
                return;
            }

            result.Append(template, at, dollar - at);
            at = dollar + 1;
            if (template[at] == '$')
            {
                result.Append('$');
                at++;
                continue;
            }

            var braced = template[at] == '{';
            var end = at + (braced ? 1 : 0);
            while (end < template.Length && (template[end] == '_' || char.IsLetterOrDigit(template[end])))
            {
                end++;
            }

            var name = template[(at + (braced ? 1 : 0))..end];
            if (name.Length == 0 || (braced && (end >= template.Length || template[end] != '}')))
            {
                result.Append('$');
                continue;
            }

            result.Append(match.Groups[name].Value);
            at = end + (braced ? 1 : 0);
        }
    }
}
