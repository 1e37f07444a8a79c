using System.Globalization;
using System.Text;

namespace Flyball.Model.Text;

/// <summary>Reads RE2 syntax with the Perl extensions Go allows; what Go refuses is refused with Go's words.</summary>
internal sealed class GoRegexParser
{
    private const int MostRepeats = 1000;
    private const int MostDepth = 1000;

    private readonly string _pattern;
    private int _at;
    private int _depth;
    private bool _anyCase;
    private bool _multiLine;
    private bool _dotMatchesNewline;
    private bool _swapGreed;

    private GoRegexParser(string pattern, bool dotMatchesNewline)
    {
        _pattern = pattern;
        _dotMatchesNewline = dotMatchesNewline;
    }

    /// <summary>How many groups capture.</summary>
    public int Groups { get; private set; }

    private bool AtEnd => _at == _pattern.Length;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="RegexSyntaxException">Go would not accept it.</exception>
    public static RegexNode Parse(string pattern, bool dotMatchesNewline, out int groups)
    {
        var parser = new GoRegexParser(pattern, dotMatchesNewline);
        var node = parser.Choice();
        groups = parser.Groups;
        return parser.AtEnd ? node : throw parser.Error("unexpected )", pattern);
    }

    private RegexSyntaxException Error(string reason, string part) => new(_pattern, reason, part);

    private RegexSyntaxException ErrorFrom(string reason, int start) => Error(reason, _pattern[start.._at]);

    private bool Take(char c)
    {
        if (AtEnd || _pattern[_at] != c)
        {
            return false;
        }

        _at++;
        return true;
    }

    private bool Ahead(string text) => string.CompareOrdinal(_pattern, _at, text, 0, text.Length) == 0;

    private int NextRune()
    {
        if (Rune.DecodeFromUtf16(_pattern.AsSpan(_at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
        {
            throw Error("invalid UTF-8", _pattern);
        }

        _at += length;
        return rune.Value;
    }

    private RegexNode Choice()
    {
        if (++_depth > MostDepth)
        {
            throw Error("expression nests too deeply", _pattern);
        }

        var branches = new List<RegexNode> { Sequence() };
        while (Take('|'))
        {
            branches.Add(Sequence());
        }

        _depth--;
        return branches.Count == 1 ? branches[0] : new RegexChoice(branches);
    }

    private RegexNode Sequence()
    {
        var parts = new List<RegexNode>();
        var lastRepeat = -1;
        while (!AtEnd && _pattern[_at] is not ('|' or ')'))
        {
            var start = _at;
            if (TryRepetition(out var min, out var max))
            {
                var lazy = Take('?') != _swapGreed;
                if (parts.Count == 0)
                {
                    throw ErrorFrom("missing argument to repetition operator", start);
                }

                if (lastRepeat >= 0)
                {
                    throw ErrorFrom("invalid nested repetition operator", lastRepeat);
                }

                var repeat = new RegexRepeat(parts[^1], min, max, lazy);
                if ((min >= 2 || max >= 2) && !IsBounded(repeat, MostRepeats))
                {
                    throw ErrorFrom("invalid repeat count", start);
                }

                parts[^1] = repeat;
                lastRepeat = start;
            }
            else
            {
                Part(parts);
                lastRepeat = -1;
            }
        }

        return Joined(parts);
    }

    private static RegexNode Joined(List<RegexNode> parts)
    {
        var joined = new List<RegexNode>(parts.Count);
        foreach (var part in parts)
        {
            if (part is RegexText text && joined.Count > 0 && joined[^1] is RegexText before && before.AnyCase == text.AnyCase)
            {
                joined[^1] = before with { Text = before.Text + text.Text };
            }
            else
            {
                joined.Add(part);
            }
        }

        return joined.Count switch { 0 => new RegexEmpty(), 1 => joined[0], _ => new RegexSequence(joined) };
    }

    private static bool IsBounded(RegexNode node, int budget)
    {
        switch (node)
        {
            case RegexRepeat { Max: 0 }:
                return true;
            case RegexRepeat repeat:
                var times = repeat.Max < 0 ? repeat.Min : repeat.Max;
                return times <= budget && IsBounded(repeat.Inner, times > 0 ? budget / times : budget);
            case RegexGroup group:
                return IsBounded(group.Inner, budget);
            case RegexSequence sequence:
                return sequence.Parts.All(p => IsBounded(p, budget));
            case RegexChoice choice:
                return choice.Branches.All(b => IsBounded(b, budget));
            default:
                return true;
        }
    }

    private bool TryRepetition(out int min, out int max)
    {
        (min, max) = (0, -1);
        switch (_pattern[_at])
        {
            case '*':
                _at++;
                return true;
            case '+':
                _at++;
                min = 1;
                return true;
            case '?':
                _at++;
                max = 1;
                return true;
            case '{':
                return TryCounts(out min, out max);
            default:
                return false;
        }
    }

    /// <summary>Reads <c>{n}</c>, <c>{n,}</c> or <c>{n,m}</c>; a brace that begins none of them is an ordinary character.</summary>
    private bool TryCounts(out int min, out int max)
    {
        var start = _at++;
        max = 0;
        if (TryCount(out min))
        {
            max = min;
            var closed = true;
            if (Take(','))
            {
                max = -1;
                closed = (!AtEnd && _pattern[_at] == '}') || TryCount(out max);
            }

            if (closed && Take('}'))
            {
                return min <= MostRepeats && max <= MostRepeats && (max < 0 || min <= max) ? true : throw ErrorFrom("invalid repeat count", start);
            }
        }

        _at = start;
        return false;
    }

    private bool TryCount(out int count)
    {
        var start = _at;
        while (!AtEnd && char.IsAsciiDigit(_pattern[_at]))
        {
            _at++;
        }

        var digits = _pattern.AsSpan(start, _at - start);
        count = 0;
        if (digits.Length == 0 || (digits.Length > 1 && digits[0] == '0'))
        {
            return false;
        }

        count = digits.Length >= 9 ? int.MaxValue : int.Parse(digits, CultureInfo.InvariantCulture);
        return true;
    }

    private void Part(List<RegexNode> parts)
    {
        switch (_pattern[_at])
        {
            case '(':
                if (GroupOrFlags() is { } group)
                {
                    parts.Add(group);
                }

                break;
            case '[':
                parts.Add(new RegexSet(Class()));
                break;
            case '.':
                _at++;
                parts.Add(new RegexSet(_dotMatchesNewline ? RuneSet.All : RuneSet.AllButNewline));
                break;
            case '^':
                _at++;
                parts.Add(new RegexPlace(_multiLine ? "(?m:^)" : @"\A"));
                break;
            case '$':
                _at++;
                parts.Add(new RegexPlace(_multiLine ? "(?m:$)" : @"\z"));
                break;
            case '\\':
                Escaped(parts);
                break;
            default:
                parts.Add(TextOf(NextRune()));
                break;
        }
    }

    private RegexText TextOf(int rune)
    {
        var text = char.ConvertFromUtf32(rune);
        return new RegexText(text, _anyCase && RuneCases.Of(rune).Any());
    }

    private void Escaped(List<RegexNode> parts)
    {
        var next = _at + 1 < _pattern.Length ? _pattern[_at + 1] : '\0';
        switch (next)
        {
            case 'A':
                _at += 2;
                parts.Add(new RegexPlace(@"\A"));
                return;
            case 'z':
                _at += 2;
                parts.Add(new RegexPlace(@"\z"));
                return;
            case 'b' or 'B':
                _at += 2;
                parts.Add(new RegexPlace(@"\" + next));
                return;
            case 'Q':
                _at += 2;
                Quoted(parts);
                return;
            default:
                parts.Add(TryClassEscape() is { } set ? new RegexSet(set.Normalize()) : TextOf(Escape()));
                return;
        }
    }

    private void Quoted(List<RegexNode> parts)
    {
        while (!AtEnd)
        {
            if (Ahead(@"\E"))
            {
                _at += 2;
                return;
            }

            parts.Add(TextOf(NextRune()));
        }
    }

    /// <summary>Reads <c>\d</c>, <c>\pL</c> and their kin; null if something else is ahead.</summary>
    private RuneSet? TryClassEscape()
    {
        var c = _at + 1 < _pattern.Length ? _pattern[_at + 1] : '\0';
        if (c is 'p' or 'P')
        {
            return Category(c == 'P');
        }

        var set = char.ToLowerInvariant(c) switch
        {
            'd' => new RuneSet().Add('0', '9'),
            's' => new RuneSet().Add('\t', '\n').Add('\f', '\r').Add(' ', ' '),
            'w' => new RuneSet().Add('0', '9').Add('A', 'Z').Add('_', '_').Add('a', 'z'),
            _ => null,
        };
        if (set is null)
        {
            return null;
        }

        _at += 2;
        set = _anyCase ? set.InAnyCase() : set;
        return char.IsAsciiLetterUpper(c) ? set.Negate() : set;
    }

    private RuneSet Category(bool negated)
    {
        var start = _at;
        _at += 2;
        string name;
        if (Take('{'))
        {
            var end = _pattern.IndexOf('}', _at);
            if (end < 0)
            {
                throw Error("invalid character class range", _pattern[start..]);
            }

            name = _pattern[_at..end];
            _at = end + 1;
        }
        else
        {
            name = AtEnd ? "" : char.ConvertFromUtf32(NextRune());
        }

        if (name.StartsWith('^'))
        {
            negated = !negated;
            name = name[1..];
        }

        var set = RuneSet.OfCategory(name) ?? throw ErrorFrom("invalid character class range", start);
        var copy = new RuneSet().Add(set).Normalize();
        copy = _anyCase ? copy.InAnyCase() : copy;
        return negated ? copy.Negate() : copy;
    }

    /// <summary>Reads an escape that stands for one character.</summary>
    private int Escape()
    {
        var start = _at++;
        if (AtEnd)
        {
            throw Error("trailing backslash at end of expression", "");
        }

        var c = NextRune();
        switch (c)
        {
            case >= '1' and <= '7' when AtEnd || _pattern[_at] is < '0' or > '7':
                break;
            case >= '0' and <= '7':
                var octal = c - '0';
                for (var i = 1; i < 3 && !AtEnd && _pattern[_at] is >= '0' and <= '7'; i++)
                {
                    octal = (octal * 8) + (_pattern[_at++] - '0');
                }

                return octal;
            case 'x':
                if (TryHex(out var rune))
                {
                    return rune;
                }

                break;
            case 'a':
                return 7;
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            case < 128 when !char.IsAsciiLetterOrDigit((char)c):
                return c;
            default:
                break;
        }

        throw ErrorFrom("invalid escape sequence", start);
    }

    private bool TryHex(out int rune)
    {
        rune = 0;
        if (!Take('{'))
        {
            for (var i = 0; i < 2; i++)
            {
                if (AtEnd || !char.IsAsciiHexDigit(_pattern[_at]))
                {
                    return false;
                }

                rune = (rune * 16) + Convert.ToInt32(_pattern[_at++].ToString(), 16);
            }

            return true;
        }

        var digits = 0;
        while (!AtEnd && char.IsAsciiHexDigit(_pattern[_at]))
        {
            rune = (rune * 16) + Convert.ToInt32(_pattern[_at++].ToString(), 16);
            digits++;
            if (rune > RuneSet.MaxRune)
            {
                return false;
            }
        }

        return digits > 0 && Take('}') && Rune.IsValid(rune);
    }

    private RegexNode? GroupOrFlags()
    {
        var start = _at++;
        string? name = null;
        var saved = (_anyCase, _multiLine, _dotMatchesNewline, _swapGreed);
        var captures = true;
        if (Ahead("?P<") || Ahead("?<"))
        {
            name = GroupName(start);
        }
        else if (Take('?'))
        {
            if (!Flags(start))
            {
                return null;
            }

            captures = false;
        }

        Groups += captures ? 1 : 0;
        var inner = Choice();
        if (!Take(')'))
        {
            throw Error("missing closing )", _pattern);
        }

        (_anyCase, _multiLine, _dotMatchesNewline, _swapGreed) = saved;
        return captures ? new RegexGroup(name, inner) : inner;
    }

    private string GroupName(int start)
    {
        _at += Ahead("?P<") ? 3 : 2;
        var end = _pattern.IndexOf('>', _at);
        if (end < 0)
        {
            throw Error("invalid named capture", _pattern[start..]);
        }

        var name = _pattern[_at..end];
        _at = end + 1;
        if (name.Length == 0 || !name.All(c => c == '_' || char.IsAsciiLetterOrDigit(c)))
        {
            throw ErrorFrom("invalid named capture", start);
        }

        return name;
    }

    /// <summary>Reads flags after <c>(?</c>.</summary>
    /// <returns>True if a group follows, false if they hold until the surrounding group ends.</returns>
    private bool Flags(int start)
    {
        var on = true;
        var seen = false;
        while (!AtEnd)
        {
            var c = NextRune();
            switch (c)
            {
                case 'i':
                    _anyCase = on;
                    break;
                case 'm':
                    _multiLine = on;
                    break;
                case 's':
                    _dotMatchesNewline = on;
                    break;
                case 'U':
                    _swapGreed = on;
                    break;
                case '-' when on:
                    on = false;
                    seen = false;
                    continue;
                case ':' or ')' when on || seen:
                    return c == ':';
                default:
                    throw ErrorFrom("invalid or unsupported Perl syntax", start);
            }

            seen = true;
        }

        throw Error("missing closing )", _pattern);
    }

    private RuneSet Class()
    {
        var start = _at++;
        var negated = Take('^');
        var set = new RuneSet();
        for (var first = true; AtEnd || _pattern[_at] != ']' || first; first = false)
        {
            if (AtEnd)
            {
                throw Error("missing closing ]", _pattern[start..]);
            }

            if (TryPosixClass(set) || (_pattern[_at] == '\\' && AddClassEscape(set)))
            {
                continue;
            }

            var from = _at;
            var low = ClassRune(start);
            var high = low;
            if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                high = ClassRune(start);
                if (high < low)
                {
                    throw ErrorFrom("invalid character class range", from);
                }
            }

            var range = new RuneSet().Add(low, high);
            set.Add(_anyCase ? range.InAnyCase() : range);
        }

        _at++;
        return negated ? set.Negate() : set.Normalize();
    }

    private bool AddClassEscape(RuneSet set)
    {
        if (TryClassEscape() is not { } members)
        {
            return false;
        }

        set.Add(members);
        return true;
    }

    private int ClassRune(int classStart)
    {
        if (AtEnd)
        {
            throw Error("missing closing ]", _pattern[classStart..]);
        }

        return _pattern[_at] == '\\' ? Escape() : NextRune();
    }

    private bool TryPosixClass(RuneSet set)
    {
        var end = Ahead("[:") ? _pattern.IndexOf(":]", _at + 2, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            return false;
        }

        var start = _at;
        var name = _pattern[(_at + 2)..end];
        _at = end + 2;
        var negated = name.StartsWith('^');
        RuneSet? members = (negated ? name[1..] : name) switch
        {
            "alnum" => new RuneSet().Add('0', '9').Add('A', 'Z').Add('a', 'z'),
            "alpha" => new RuneSet().Add('A', 'Z').Add('a', 'z'),
            "ascii" => new RuneSet().Add(0, 0x7F),
            "blank" => new RuneSet().Add('\t', '\t').Add(' ', ' '),
            "cntrl" => new RuneSet().Add(0, 0x1F).Add(0x7F, 0x7F),
            "digit" => new RuneSet().Add('0', '9'),
            "graph" => new RuneSet().Add('!', '~'),
            "lower" => new RuneSet().Add('a', 'z'),
            "print" => new RuneSet().Add(' ', '~'),
            "punct" => new RuneSet().Add('!', '/').Add(':', '@').Add('[', '`').Add('{', '~'),
            "space" => new RuneSet().Add('\t', '\r').Add(' ', ' '),
            "upper" => new RuneSet().Add('A', 'Z'),
            "word" => new RuneSet().Add('0', '9').Add('A', 'Z').Add('_', '_').Add('a', 'z'),
            "xdigit" => new RuneSet().Add('0', '9').Add('A', 'F').Add('a', 'f'),
            _ => throw ErrorFrom("invalid character class range", start),
        };
        members = _anyCase ? members.InAnyCase() : members;
        set.Add(negated ? members.Negate() : members);
        return true;
    }
}
