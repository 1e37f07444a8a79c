using System.Buffers;
using System.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Cuts the UTF-8 text of a query into tokens, knowing where it is: in braces, in brackets, or outside.</summary>
/// <remarks>The first error is the last token: after it only <see cref="TokenKind.EndOfInput"/> comes.</remarks>
internal sealed class Lexer(ReadOnlyMemory<byte> input)
{
    private const int EndOfText = -1;
    private static readonly Rune BadRune = Rune.ReplacementChar;

    private int _at;
    private int _start;
    private int _parenDepth;
    private bool _inBraces;
    private bool _inBrackets;
    private bool _bracketHasNumber;
    private bool _gotColon;
    private bool _failed;

    private ReadOnlySpan<byte> Text => input.Span;

    /// <summary>The next token; comments and spaces are skipped.</summary>
    public Token Next()
    {
        if (_failed)
        {
            return new Token(TokenKind.EndOfInput, Text.Length, "", 0);
        }

        SkipBlank();
        _start = _at;
        var next = Peek();
        if (_inBraces)
        {
            return InBraces(next);
        }

        return _inBrackets && !_bracketHasNumber ? InFreshBrackets(next) : Statement(next);
    }

    private static bool IsDigit(int c) => c is >= '0' and <= '9';

    private static bool IsAlpha(int c) => c is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');

    private static bool IsAlphaNumeric(int c) => IsAlpha(c) || IsDigit(c);

    private static bool IsSpace(int c) => c is ' ' or '\t' or '\n' or '\r';

    private int Peek(int ahead = 0) => _at + ahead < Text.Length ? Text[_at + ahead] : EndOfText;

    private void SkipBlank()
    {
        while (true)
        {
            var c = Peek();
            if (IsSpace(c))
            {
                _at++;
            }
            else if (c == '#' && !(_inBrackets && !_bracketHasNumber))
            {
                var end = Text[_at..].IndexOfAny((byte)'\n', (byte)'\r');
                _at = end < 0 ? Text.Length : _at + end;
            }
            else
            {
                return;
            }
        }
    }

    private Token Emit(TokenKind kind, int length)
    {
        _at = _start + length;
        return new Token(kind, _start, Encoding.UTF8.GetString(Text.Slice(_start, length)), length);
    }

    private Token Fail(string message)
    {
        _failed = true;
        return new Token(TokenKind.Error, _start, message, Text.Length - _start);
    }

    private Rune RuneAt(int at)
    {
        Rune.DecodeFromUtf8(Text[at..], out var rune, out _);
        return rune;
    }

    private string Quoted(int at) => at < Text.Length ? GoQuoting.Quote(RuneAt(at)) : GoQuoting.Quote(BadRune);

    private Token Statement(int c)
    {
        switch (c)
        {
            case EndOfText:
                return EndOrUnclosed();
            case ',':
                return Emit(TokenKind.Comma, 1);
            case '*':
                return Emit(TokenKind.Mul, 1);
            case '/':
                return Emit(TokenKind.Div, 1);
            case '%':
                return Emit(TokenKind.Mod, 1);
            case '+':
                return Emit(TokenKind.Add, 1);
            case '-':
                return Emit(TokenKind.Sub, 1);
            case '^':
                return Emit(TokenKind.Pow, 1);
            case '@':
                return Emit(TokenKind.At, 1);
            case '=':
                return Peek(1) switch
                {
                    '=' => Emit(TokenKind.EqualTo, 2),
                    '~' => Fail("unexpected character after '=': '~'"),
                    _ => Emit(TokenKind.Assign, 1),
                };
            case '!':
                return Peek(1) == '=' ? Emit(TokenKind.NotEqual, 2) : Fail("unexpected character after '!': " + Quoted(_at + 1));
            case '<':
                return Peek(1) switch
                {
                    '=' => Emit(TokenKind.LessOrEqual, 2),
                    '/' => Emit(TokenKind.TrimUpper, 2),
                    _ => Emit(TokenKind.Less, 1),
                };
            case '>':
                return Peek(1) switch
                {
                    '=' => Emit(TokenKind.GreaterOrEqual, 2),
                    '/' => Emit(TokenKind.TrimLower, 2),
                    _ => Emit(TokenKind.Greater, 1),
                };
            case '"' or '\'':
                return QuotedString((byte)c);
            case '`':
                return RawString();
            case '(':
                _parenDepth++;
                return Emit(TokenKind.LeftParen, 1);
            case ')':
                return CloseParen();
            case '{':
                _inBraces = true;
                return Emit(TokenKind.LeftBrace, 1);
            case '[':
                return OpenBracket();
            case ']':
                return CloseBracket();
            default:
                break;
        }

        if (IsDigit(c) || (c == '.' && IsDigit(Peek(1))))
        {
            return NumberOrDuration();
        }

        if (IsAlpha(c) || c == ':')
        {
            return _inBrackets ? WordInBrackets(c) : Word();
        }

        return Fail("unexpected character: " + Quoted(_at));
    }

    private Token EndOrUnclosed()
    {
        if (_parenDepth != 0)
        {
            return Fail("unclosed left parenthesis");
        }

        return _inBrackets ? Fail("unclosed left bracket") : new Token(TokenKind.EndOfInput, Text.Length, "", 0);
    }

    private Token CloseParen()
    {
        _parenDepth--;
        if (_parenDepth < 0)
        {
            _start++;
            return Fail("unexpected right parenthesis ')'");
        }

        return Emit(TokenKind.RightParen, 1);
    }

    private Token OpenBracket()
    {
        if (_inBrackets)
        {
            return Fail("unexpected left bracket '['");
        }

        _inBrackets = true;
        _bracketHasNumber = false;
        _gotColon = false;
        return Emit(TokenKind.LeftBracket, 1);
    }

    private Token CloseBracket()
    {
        if (!_inBrackets)
        {
            return Fail("unexpected right bracket ']'");
        }

        _inBrackets = false;
        return Emit(TokenKind.RightBracket, 1);
    }

    private Token WordInBrackets(int c)
    {
        if (c == ':')
        {
            if (_gotColon)
            {
                return Fail("unexpected colon ':'");
            }

            _gotColon = true;
            return Emit(TokenKind.Colon, 1);
        }

        return TryDurationWord(out var word) ? word : Fail($"unexpected character: {Quoted(_at)}, expected ':'");
    }

    /// <summary>The names that stand inside a duration: step, range, min_of, max_of.</summary>
    private bool TryDurationWord(out Token word)
    {
        var length = 0;
        while (IsAlpha(Peek(length)))
        {
            length++;
        }

        var kind = Encoding.ASCII.GetString(Text.Slice(_at, length)).ToLowerInvariant() switch
        {
            "step" => TokenKind.Step,
            "range" => TokenKind.Range,
            "min_of" => TokenKind.MinOf,
            "max_of" => TokenKind.MaxOf,
            _ => TokenKind.Error,
        };
        word = kind == TokenKind.Error ? default : Emit(kind, length);
        return kind != TokenKind.Error;
    }

    /// <summary>Between an opening bracket and its first number, nothing but a duration expression may stand.</summary>
    private Token InFreshBrackets(int c)
    {
        switch (c)
        {
            case EndOfText:
                return Fail("unexpected end of input in duration expression");
            case ':':
                _start++;
                return Fail("unexpected colon before duration in duration expression");
            case ']' or '(' or ')' or '+' or '-' or '*' or '/' or '%' or '^' or ',':
                return Statement(c);
            default:
                break;
        }

        if (IsDigit(c) || (c == '.' && IsDigit(Peek(1))))
        {
            return NumberOrDuration();
        }

        if (IsAlpha(c) && TryDurationWord(out var word))
        {
            // A name is a complete duration as well: what follows it may be a colon.
            _bracketHasNumber |= word.Kind is TokenKind.Step or TokenKind.Range;
            return word;
        }

        return Fail("unexpected character in duration expression: " + Quoted(_at));
    }

    private Token InBraces(int c)
    {
        switch (c)
        {
            case EndOfText:
                return Fail("unexpected end of input inside braces");
            case ',':
                return Emit(TokenKind.Comma, 1);
            case '"' or '\'':
                return QuotedString((byte)c);
            case '`':
                return RawString();
            case '=':
                return Peek(1) == '~' ? Emit(TokenKind.RegexMatch, 2) : Emit(TokenKind.Assign, 1);
            case '!':
                return Peek(1) switch
                {
                    '~' => Emit(TokenKind.RegexNoMatch, 2),
                    '=' => Emit(TokenKind.NotEqual, 2),
                    _ => Fail("unexpected character after '!' inside braces: " + Quoted(_at + 1)),
                };
            case '{':
                return Fail("unexpected left brace '{'");
            case '}':
                _inBraces = false;
                return Emit(TokenKind.RightBrace, 1);
            default:
                break;
        }

        if (!IsAlpha(c))
        {
            return Fail("unexpected character inside braces: " + Quoted(_at));
        }

        var length = 1;
        while (IsAlphaNumeric(Peek(length)))
        {
            length++;
        }

        return Emit(TokenKind.Identifier, length);
    }

    private Token Word()
    {
        var length = 1;
        var colon = Peek() == ':';
        while (IsAlphaNumeric(Peek(length)) || Peek(length) == ':')
        {
            colon |= Peek(length) == ':';
            length++;
        }

        var word = Encoding.ASCII.GetString(Text.Slice(_at, length));
        if (TokenKindText.TryKeyword(word, out var kind))
        {
            // "fill" became a keyword late: it stays a metric's name wherever no parenthesis follows.
            var isFill = kind is TokenKind.Fill or TokenKind.FillLeft or TokenKind.FillRight;
            return Emit(isFill && !ParenFollows(_at + length) ? TokenKind.Identifier : kind, length);
        }

        return Emit(colon ? TokenKind.MetricIdentifier : TokenKind.Identifier, length);
    }

    private bool ParenFollows(int at)
    {
        while (at < Text.Length && IsSpace(Text[at]))
        {
            at++;
        }

        return at < Text.Length && Text[at] == '(';
    }

    private Token NumberOrDuration()
    {
        _bracketHasNumber |= _inBrackets;
        var scan = new NumberScanner(Text, _at);
        if (scan.TryNumber())
        {
            return Emit(TokenKind.Number, scan.At - _start);
        }

        if (scan.TryRestOfDuration())
        {
            return Emit(TokenKind.Duration, scan.At - _start);
        }

        var read = Encoding.UTF8.GetString(Text[_start..Math.Min(scan.At, Text.Length)]);
        return Fail("bad number or duration syntax: " + GoQuoting.Quote(read));
    }

    private Token QuotedString(byte quote)
    {
        var at = _at + 1;
        while (true)
        {
            if (at >= Text.Length || Text[at] == '\n')
            {
                return Fail("unterminated quoted string");
            }

            var c = Text[at];
            if (c == quote)
            {
                return Emit(TokenKind.String, at + 1 - _start);
            }

            if (c == '\\')
            {
                if (StringEscapes.Check(Text, quote, ref at) is { } problem)
                {
                    return Fail(problem);
                }
            }
            else if (!SkipRune(ref at))
            {
                return Fail("invalid UTF-8 rune");
            }
        }
    }

    private Token RawString()
    {
        var at = _at + 1;
        while (at < Text.Length)
        {
            if (Text[at] == '`')
            {
                return Emit(TokenKind.String, at + 1 - _start);
            }

            if (!SkipRune(ref at))
            {
                return Fail("invalid UTF-8 rune");
            }
        }

        return Fail("unterminated raw string");
    }

    private bool SkipRune(ref int at)
    {
        var valid = Rune.DecodeFromUtf8(Text[at..], out _, out var length) == OperationStatus.Done;
        at += length;
        return valid;
    }
}
