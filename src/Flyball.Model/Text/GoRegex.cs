using System.Buffers;
using System.Text.RegularExpressions;

namespace Flyball.Model.Text;

/// <summary>A regular expression in RE2 syntax (the one of Go, and so of Prometheus), matching in linear time.</summary>
/// <remarks>Runs on the framework's non-backtracking engine after its syntax has been translated. Immutable, thread-safe.
/// Syntax: RE2 wiki, "Syntax".</remarks>
public sealed class GoRegex
{
    private static readonly SearchValues<char> Meta = SearchValues.Create(@"\.+*?()[]{}^$|");

    private readonly Regex? _regex;
    private readonly HashSet<string>? _literalSet;

    private GoRegex(string pattern, Regex? regex, IReadOnlyList<string>? literals, string prefix)
    {
        Pattern = pattern;
        _regex = regex;
        Literals = literals;
        Prefix = prefix;
        _literalSet = literals is { Count: > 4 } ? [.. literals] : null;
    }

    /// <summary>The expression as written.</summary>
    public string Pattern { get; }

    /// <summary>The finite set of strings the anchored expression accepts, or null if it is not a plain alternation.</summary>
    public IReadOnlyList<string>? Literals { get; }

    /// <summary>What every accepted string starts with; "" if nothing is known.</summary>
    public string Prefix { get; }

    /// <summary>Compiles an expression that must match a whole string; <c>.</c> matches newlines too.</summary>
    /// <exception cref="RegexSyntaxException">It is not valid RE2 syntax.</exception>
    public static GoRegex CompileAnchored(string pattern)
    {
        if (TryReadLiterals(pattern, out var literals))
        {
            return new GoRegex(pattern, regex: null, literals, literals.Count == 1 ? literals[0] : "");
        }

        var translated = GoRegexTranslator.Translate(pattern, dotMatchesNewline: true);
        return new GoRegex(pattern, Build(pattern, @"\A(?:" + translated + @")\z"), literals: null, ReadPrefix(pattern));
    }

    /// <summary>Compiles an expression that may match anywhere in a string, as Go's <c>regexp.MustCompile</c> does.</summary>
    /// <exception cref="RegexSyntaxException">It is not valid RE2 syntax.</exception>
    public static GoRegex CompileSearch(string pattern) =>
        new(pattern, Build(pattern, GoRegexTranslator.Translate(pattern, dotMatchesNewline: false)), literals: null, "");

    /// <summary>Whether the string is accepted.</summary>
    public bool IsMatch(string value)
    {
        if (_literalSet is not null)
        {
            return _literalSet.Contains(value);
        }

        if (Literals is { } literals)
        {
            foreach (var literal in literals)
            {
                if (literal == value)
                {
                    return true;
                }
            }

            return false;
        }

        return value.StartsWith(Prefix, StringComparison.Ordinal) && _regex!.IsMatch(value);
    }

    /// <summary>The first match with its groups.</summary>
    public Match Match(string value) => (_regex ?? Build(Pattern, @"\A(?:" + GoRegexTranslator.Translate(Pattern, dotMatchesNewline: true) + @")\z")).Match(value);

    /// <summary>The translated expression, for callers that need the framework's own type.</summary>
    public Regex ToRegex() => _regex ?? Build(Pattern, @"\A(?:" + GoRegexTranslator.Translate(Pattern, dotMatchesNewline: true) + @")\z");

    private static Regex Build(string pattern, string translated)
    {
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new RegexSyntaxException(pattern, e.Message, e);
        }
    }

    private static bool TryReadLiterals(string pattern, out List<string> literals)
    {
        const int MostLiterals = 256;
        literals = [];
        foreach (var part in pattern.Split('|'))
        {
            if (literals.Count == MostLiterals || part.AsSpan().ContainsAny(Meta))
            {
                return false;
            }

            literals.Add(part);
        }

        return true;
    }

    private static string ReadPrefix(string pattern)
    {
        var end = pattern.AsSpan().IndexOfAny(Meta);
        if (end <= 0 || pattern.Contains('|'))
        {
            return "";
        }

        // The character before a quantifier is optional or repeated, so it is not part of the certain prefix.
        return pattern[end] is '*' or '?' or '{' or '+' ? pattern[..(end - 1)] : pattern[..end];
    }
}

/// <summary>A pattern is not valid RE2 syntax.</summary>
public sealed class RegexSyntaxException(string pattern, string reason, Exception? cause = null)
    : FormatException($"error parsing regexp: {reason}: `{pattern}`", cause)
{
    /// <summary>The pattern as written.</summary>
    public string Pattern { get; } = pattern;
}
