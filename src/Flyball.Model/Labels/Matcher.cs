using System.Text;
using Flyball.Model.Text;

namespace Flyball.Model.Labels;

/// <summary>How a matcher compares.</summary>
public enum MatchOp
{
    /// <summary><c>=</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,

    /// <summary><c>=~</c>, anchored at both ends.</summary>
    Regex,

    /// <summary><c>!~</c>, anchored at both ends.</summary>
    NotRegex,
}

/// <summary>A condition on one label, as in selectors, routes and silences. An absent label has the value "".</summary>
/// <remarks>Immutable and thread-safe. Regular expressions are RE2 syntax, fully anchored, and run in linear time.</remarks>
public sealed class Matcher : IEquatable<Matcher>
{
    private readonly GoRegex? _regex;

    /// <summary>Makes a matcher.</summary>
    /// <exception cref="RegexSyntaxException">The value is no regular expression RE2 would accept.</exception>
    public Matcher(MatchOp op, string name, string value)
    {
        Op = op;
        Name = name;
        Value = value;
        if (op is MatchOp.Regex or MatchOp.NotRegex)
        {
            _regex = GoRegex.CompileAnchored(value);
        }

        MatchesEmpty = Matches("");
    }

    /// <summary>How it compares.</summary>
    public MatchOp Op { get; }

    /// <summary>The label's name.</summary>
    public string Name { get; }

    /// <summary>What it compares with: a value or a regular expression.</summary>
    public string Value { get; }

    /// <summary>Whether series without the label are accepted.</summary>
    public bool MatchesEmpty { get; }

    /// <summary>For <c>=~</c> and <c>!~</c>: the finite set of values the expression accepts, or null if it is no such set.
    /// An index looks these up one by one instead of testing every value.</summary>
    public IReadOnlyList<string>? Literals => _regex?.Accepted;

    /// <summary>For <c>=~</c> and <c>!~</c>: what every accepted value starts with; "" if nothing is known.</summary>
    public string Prefix => _regex?.Prefix ?? "";

    /// <summary>Whether a value is accepted.</summary>
    public bool Matches(string value) => Op switch
    {
        MatchOp.Equal => value == Value,
        MatchOp.NotEqual => value != Value,
        MatchOp.Regex => _regex!.IsMatch(value),
        _ => !_regex!.IsMatch(value),
    };

    /// <summary>Whether the label set is accepted.</summary>
    public bool Matches(LabelSet labels) => Matches(labels[Name]);

    /// <inheritdoc />
    public bool Equals(Matcher? other) => other is not null && Op == other.Op && Name == other.Name && Value == other.Value;

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Matcher);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Op, Name, Value);

    /// <summary>As written in a selector, e.g. <c>job=~"a|b"</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (LabelText.IsLegacyLabelName(Name))
        {
            text.Append(Name);
        }
        else
        {
            LabelText.AppendQuoted(text, Name);
        }

        text.Append(Op switch { MatchOp.Equal => "=", MatchOp.NotEqual => "!=", MatchOp.Regex => "=~", _ => "!~" });
        LabelText.AppendQuoted(text, Value);
        return text.ToString();
    }
}
