using System.Globalization;
using System.Text;

namespace Flyball.Traces.TraceQL;

/// <summary>Cuts a query into words. Rules: Tempo documentation, "TraceQL".</summary>
internal sealed class Lexer(string query)
{
    private static readonly string[] Symbols =
    [
        "!>>", "!<<", "&>>", "&<<",
        ">>", "<<", "!>", "!<", "!~", "!=", "=~", "<=", ">=", "&&", "||", "&>", "&<", "&~",
        "{", "}", "(", ")", "|", ",", "=", "<", ">", "~", "!", "+", "-", "*", "/", "%", "^",
    ];

    private static readonly Dictionary<string, double> Units = new()
    {
        ["ns"] = 1, ["us"] = 1e3, ["µs"] = 1e3, ["μs"] = 1e3, ["ms"] = 1e6, ["s"] = 1e9, ["m"] = 60e9, ["h"] = 3600e9,
        ["d"] = 86400e9, ["w"] = 7 * 86400e9, ["y"] = 365 * 86400e9,
    };

    private int _at;

    /// <summary>All words, ended by <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TraceQLException">Some characters are no word.</exception>
    public static List<Token> Read(string query)
    {
        var lexer = new Lexer(query);
        var tokens = new List<Token>();
        do
        {
            tokens.Add(lexer.Next());
        }
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        SkipBlanks();
        if (_at == query.Length)
        {
            return new Token(TokenKind.End, "", _at + 1);
        }

        var c = query[_at];
        if (c is '"' or '`')
        {
            var start = _at;
            return new Token(TokenKind.Text, c == '"' ? ReadQuoted(goEscapes: true) : ReadRaw(), start + 1);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < query.Length && char.IsAsciiDigit(query[_at + 1])))
        {
            return ReadNumber();
        }

        if (c == '.')
        {
            return ReadAttribute(_at++, AttributeScope.Any);
        }

        return char.IsAsciiLetter(c) || c == '_' ? ReadWord() : ReadSymbol();
    }

    private void SkipBlanks()
    {
        while (_at < query.Length && char.IsWhiteSpace(query[_at]))
        {
            _at++;
        }
    }

    private Token ReadSymbol()
    {
        foreach (var symbol in Symbols)
        {
            if (query.AsSpan(_at).StartsWith(symbol))
            {
                _at += symbol.Length;
                return new Token(TokenKind.Symbol, symbol, _at - symbol.Length + 1);
            }
        }

        throw new TraceQLException($"unexpected character '{query[_at]}'", _at + 1);
    }

    private Token ReadWord()
    {
        var start = _at;
        while (_at < query.Length && (char.IsAsciiLetterOrDigit(query[_at]) || query[_at] == '_'))
        {
            _at++;
        }

        var word = query[start.._at];
        if (_at < query.Length && query[_at] == '.' && ScopeOf(word) is { } scope)
        {
            _at++;
            return ReadAttribute(start, scope);
        }

        if (word == "parent" && _at < query.Length && query[_at] == '.')
        {
            throw new TraceQLException("parent attributes are not yet supported", start + 1);
        }

        if (Peek(':') && (word is "span" or "trace" or "event" or "link" or "instrumentation"))
        {
            var nameStart = ++_at;
            while (_at < query.Length && char.IsAsciiLetter(query[_at]))
            {
                _at++;
            }

            return new Token(TokenKind.ScopedIntrinsic, $"{word}:{query[nameStart.._at]}", start + 1);
        }

        return new Token(TokenKind.Word, word, start + 1);
    }

    private bool Peek(char c) => _at < query.Length && query[_at] == c;

    private static AttributeScope? ScopeOf(string word) => word switch
    {
        "span" => AttributeScope.Span,
        "resource" => AttributeScope.Resource,
        "event" => AttributeScope.Event,
        "link" => AttributeScope.Link,
        "instrumentation" => AttributeScope.Instrumentation,
        _ => null,
    };

    private Token ReadAttribute(int start, AttributeScope scope)
    {
        var name = new StringBuilder();
        while (_at < query.Length && !char.IsWhiteSpace(query[_at]) && !"{}()=~!<>&|^,".Contains(query[_at]))
        {
            if (query[_at] == '"')
            {
                name.Append(ReadQuoted(goEscapes: false));
            }
            else
            {
                name.Append(query[_at++]);
            }
        }

        return name.Length > 0
            ? new Token(TokenKind.Attribute, name.ToString(), start + 1, scope)
            : throw new TraceQLException("an attribute name is missing behind the dot", start + 1);
    }

    private string ReadRaw()
    {
        var end = query.IndexOf('`', _at + 1);
        if (end < 0)
        {
            throw new TraceQLException("a string does not end", _at + 1);
        }

        var text = query[(_at + 1)..end];
        _at = end + 1;
        return text;
    }

    private string ReadQuoted(bool goEscapes)
    {
        var start = _at++;
        var text = new StringBuilder();
        while (_at < query.Length && query[_at] != '"')
        {
            if (query[_at] == '\\')
            {
                ReadEscape(text, goEscapes);
            }
            else
            {
                text.Append(query[_at++]);
            }
        }

        if (_at++ >= query.Length)
        {
            throw new TraceQLException("a string does not end", start + 1);
        }

        return text.ToString();
    }

    private void ReadEscape(StringBuilder text, bool goEscapes)
    {
        var start = _at++;
        var c = _at < query.Length ? query[_at++] : '\0';
        if (c is '"' or '\\')
        {
            text.Append(c);
            return;
        }

        if (!goEscapes)
        {
            throw new TraceQLException("only \\\" and \\\\ may be escaped in an attribute name", start + 1);
        }

        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '\'': text.Append('\''); break;
            case 'x': text.Append((char)ReadHex(2, start)); break;
            case 'u': text.Append((char)ReadHex(4, start)); break;
            case 'U': text.Append(char.ConvertFromUtf32(ReadHex(8, start))); break;
            default: throw new TraceQLException("unknown escape in a string", start + 1);
        }
    }

    private int ReadHex(int digits, int start)
    {
        if (_at + digits > query.Length || !int.TryParse(query.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, null, out var value)
            || value > 0x10FFFF || (digits == 8 && value is >= 0xD800 and <= 0xDFFF))
        {
            throw new TraceQLException("bad escape in a string", start + 1);
        }

        _at += digits;
        return value;
    }

    private Token ReadNumber()
    {
        var start = _at;
        var number = ReadDigits();
        var unit = ReadUnit();
        if (unit is null)
        {
            var text = query[start.._at];
            return text.AsSpan().ContainsAny(".eE")
                ? new Token(TokenKind.Float, text, start + 1, Number: BitConverter.DoubleToInt64Bits(number))
                : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var integer)
                    ? new Token(TokenKind.Integer, text, start + 1, Number: integer)
                    : throw new TraceQLException($"{text} does not fit into 64 bits", start + 1);
        }

        var total = number * Units[unit];
        while (_at < query.Length && char.IsAsciiDigit(query[_at]))
        {
            number = ReadDigits();
            unit = ReadUnit() ?? throw new TraceQLException("a unit is missing in a duration", _at + 1);
            total += number * Units[unit];
        }

        return total <= long.MaxValue
            ? new Token(TokenKind.Duration, query[start.._at], start + 1, Number: (long)total)
            : throw new TraceQLException("a duration is too long", start + 1);
    }

    private double ReadDigits()
    {
        var start = _at;
        while (_at < query.Length && (char.IsAsciiDigit(query[_at]) || query[_at] == '.'))
        {
            _at++;
        }

        if ((Peek('e') || Peek('E')) && HasExponent())
        {
            _at += query[_at + 1] is '+' or '-' ? 2 : 1;
            while (_at < query.Length && char.IsAsciiDigit(query[_at]))
            {
                _at++;
            }
        }

        return double.TryParse(query.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new TraceQLException($"\"{query[start.._at]}\" is not a number", start + 1);
    }

    private bool HasExponent()
    {
        var at = _at + 1;
        if (at < query.Length && (query[at] is '+' or '-'))
        {
            at++;
        }

        return at < query.Length && char.IsAsciiDigit(query[at]);
    }

    private string? ReadUnit()
    {
        var end = _at;
        while (end < query.Length && char.IsLetter(query[end]))
        {
            end++;
        }

        if (end == _at)
        {
            return null;
        }

        var unit = query[_at..end];
        if (!Units.ContainsKey(unit))
        {
            throw new TraceQLException($"unknown unit \"{unit}\"", _at + 1);
        }

        _at = end;
        return unit;
    }
}
