using System.Text;
using System.Text.RegularExpressions;

namespace Flyball.Model.Text;

/// <summary>A regular expression in RE2 syntax (the one of Go, and so of Prometheus), matching in linear time.</summary>
/// <remarks>Parsed as Go does, then written for the framework's non-backtracking engine. Expressions that accept few strings, or
/// anything around few strings, need no engine at all. Immutable, thread-safe. Syntax: RE2 wiki, "Syntax".</remarks>
public sealed class GoRegex
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lazy<Regex> _regex;
    private readonly HashSet<string>? _accepted;
    private readonly List<Regex>? _pieces;
    private readonly List<string>? _contained;
    private readonly bool _openLeft;
    private readonly bool _openRight;

    private GoRegex(string pattern, bool anchored)
    {
        Pattern = pattern;
        var node = GoRegexParser.Parse(pattern, dotMatchesNewline: anchored, out var groups);
        Prefix = "";
        if (anchored)
        {
            var inner = GoRegexFacts.WithoutAnchors(node);
            Accepted = GoRegexFacts.Strings(inner);
            Literals = groups == 0 ? Accepted : null;
            Prefix = GoRegexFacts.Prefix(inner);
            _accepted = Accepted is null ? null : new HashSet<string>(Accepted, StringComparer.Ordinal);
            _contained = GoRegexFacts.TryContains(inner, out var contained, out _openLeft, out _openRight) ? contained : null;
        }

        var written = GoRegexWriter.Write(node);
        _regex = new Lazy<Regex>(() => Build(pattern, anchored ? Anchored(written) : written, Accepted is not null));
        if (_accepted is null && _contained is null)
        {
            _pieces = anchored ? TryPieces(node, out _accepted) : null;
            _ = _pieces is null ? _regex.Value : null;
        }
    }

    /// <summary>The expression as written.</summary>
    public string Pattern { get; }

    /// <summary>The finite set of strings the anchored expression accepts, or null if it is too large to list.</summary>
    public IReadOnlyList<string>? Accepted { get; }

    /// <summary>As <see cref="Accepted"/>, but null if the expression captures groups: a match says more than the string then.</summary>
    public IReadOnlyList<string>? Literals { get; }

    /// <summary>What every string accepted by an anchored expression starts with; "" if nothing is known.</summary>
    public string Prefix { get; }

    /// <summary>Compiles an expression that must match a whole string; <c>.</c> matches newlines too.</summary>
    /// <exception cref="RegexSyntaxException">It is not valid RE2 syntax.</exception>
    public static GoRegex CompileAnchored(string pattern) => new(pattern, anchored: true);

    /// <summary>Compiles an expression that may match anywhere in a string, as Go's <c>regexp.MustCompile</c> does.</summary>
    /// <exception cref="RegexSyntaxException">It is not valid RE2 syntax.</exception>
    public static GoRegex CompileSearch(string pattern) => new(pattern, anchored: false);

    /// <summary>Whether the string is accepted.</summary>
    public bool IsMatch(string value)
    {
        if (_accepted is not null && (_pieces is null || _accepted.Contains(value)))
        {
            return _accepted.Contains(value);
        }

        if (_pieces is not null)
        {
            return _pieces.Exists(p => p.IsMatch(value));
        }

        if (_contained is null)
        {
            return value.StartsWith(Prefix, StringComparison.Ordinal) && _regex.Value.IsMatch(value);
        }

        foreach (var part in _contained)
        {
            var fits = _openLeft
                ? (_openRight ? value.Contains(part, StringComparison.Ordinal) : value.EndsWith(part, StringComparison.Ordinal))
                : value.StartsWith(part, StringComparison.Ordinal);
            if (fits)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first match with its groups.</summary>
    public Match Match(string value) => _accepted is null || _pieces is not null || _accepted.Contains(value) ? _regex.Value.Match(value) : System.Text.RegularExpressions.Match.Empty;

    /// <summary>The translated expression, for callers that need the framework's own type.</summary>
    public Regex ToRegex() => _regex.Value;

    private static string Anchored(string written) => @"\A(?:" + written + @")\z";

    // Thousands of alternatives are too many for one automaton: those without wildcards become a set, the others are asked in turn.
    private static List<Regex>? TryPieces(RegexNode node, out HashSet<string>? accepted)
    {
        const int EnoughBranches = 64, LongestPiece = 2000;
        accepted = null;
        if (GoRegexFacts.WithoutAnchors(node is RegexGroup group ? group.Inner : node) is not RegexChoice { Branches.Count: > EnoughBranches } choice)
        {
            return null;
        }

        accepted = new HashSet<string>(StringComparer.Ordinal);
        var pieces = new List<Regex>();
        var piece = new StringBuilder();
        foreach (var branch in choice.Branches)
        {
            if (GoRegexFacts.Strings(branch) is { } strings)
            {
                accepted.UnionWith(strings);
                continue;
            }

            var written = GoRegexWriter.Write(branch);
            if (piece.Length > 0 && piece.Length + written.Length > LongestPiece)
            {
                pieces.Add(Build(piece.ToString(), Anchored(piece.ToString()), isFinite: false));
                piece.Clear();
            }

            piece.Append(piece.Length > 0 ? "|" : "").Append(written);
        }

        pieces.Add(Build(piece.ToString(), Anchored(piece.ToString()), isFinite: false));
        return pieces;
    }

    private static Regex Build(string pattern, string translated, bool isFinite)
    {
        try
        {
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException) when (isFinite)
        {
            // A list of strings cannot make the other engine go astray, and only values known to match reach it.
            return new Regex(translated, RegexOptions.CultureInvariant, Patience);
        }
        catch (NotSupportedException e)
        {
            throw new RegexSyntaxException(pattern, "expression too large", pattern, e);
        }
        catch (ArgumentException e)
        {
            throw new RegexSyntaxException(pattern, e.Message, pattern, e);
        }
    }
}

/// <summary>A pattern is not valid RE2 syntax.</summary>
public sealed class RegexSyntaxException(string pattern, string reason, string part, Exception? cause = null)
    : FormatException($"error parsing regexp: {reason}: `{part}`", cause)
{
    /// <summary>The pattern as written.</summary>
    public string Pattern { get; } = pattern;
}
