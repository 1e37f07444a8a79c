using System.Text;

namespace Flyball.Templates.Syntax;

/// <summary>Cuts a template into tokens. What is not a template any more becomes one error token, the last.</summary>
/// <remarks>Follows the lexical rules of Go's text/template: spaces separate operands and so are tokens; <c>{{-</c> and
/// <c>-}}</c> trim; a comment must fill its delimiters.</remarks>
internal sealed class Lexer
{
    private const string Left = "{{";
    private const string Right = "}}";
    private const string TrimSpace = " \t\r\n";

    private static readonly HashSet<string> Keywords =
        ["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"];

    private readonly string _text;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _start;
    private int _parens;

    private Lexer(string text) => _text = text;

    public static List<Token> Run(string text)
    {
        var lexer = new Lexer(text);
        lexer.LexText();
        return lexer._tokens;
    }

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    private bool Ended => _at >= _text.Length;

    private bool Starts(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;

    private void LexText()
    {
        while (true)
        {
            var delim = _text.IndexOf(Left, _at, StringComparison.Ordinal);
            if (delim < 0)
            {
                EmitText(_text.Length, trimRight: false);
                _tokens.Add(new Token(TokenKind.End, _text.Length, ""));
                return;
            }

            var trims = delim + 3 < _text.Length && _text[delim + 2] == '-' && TrimSpace.Contains(_text[delim + 3]);
            EmitText(delim, trims);
            _at = delim;
            if (!(IsComment(trims) ? LexComment(trims) : LexAction(trims)))
            {
                return;
            }
        }
    }

    private void EmitText(int end, bool trimRight)
    {
        var text = _text[_at..end];
        text = trimRight ? text.TrimEnd(' ', '\t', '\r', '\n') : text;
        if (text.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Text, _at, text));
        }
    }

    private bool IsComment(bool trims) =>
        string.CompareOrdinal(_text, _at + Left.Length + (trims ? 2 : 0), "/*", 0, 2) == 0;

    private bool LexComment(bool trims)
    {
        _start = _at;
        var end = _text.IndexOf("*/", _at + Left.Length + (trims ? 2 : 0), StringComparison.Ordinal);
        if (end < 0)
        {
            return Fail("unclosed comment");
        }

        _at = end + 2;
        var closing = RightDelimLength();
        if (closing == 0)
        {
            return Fail("comment ends before closing delimiter");
        }

        SkipRightDelim(closing);
        return true;
    }

    private bool LexAction(bool trims)
    {
        _tokens.Add(new Token(TokenKind.LeftDelim, _at, Left));
        _at += Left.Length + (trims ? 1 : 0);
        _parens = 0;
        while (true)
        {
            _start = _at;
            var closing = RightDelimLength();
            if (closing > 0)
            {
                if (_parens > 0)
                {
                    return Fail("unclosed left paren");
                }

                var trimmed = closing > Right.Length;
                _tokens.Add(new Token(TokenKind.RightDelim, trimmed ? _at + 2 : _at, Right));
                SkipRightDelim(closing);
                return true;
            }

            if (!LexInside())
            {
                return false;
            }
        }
    }

    // 0 when no right delimiter stands here, else its length, trim marker included.
    private int RightDelimLength()
    {
        if (Starts(Right))
        {
            return Right.Length;
        }

        return !Ended && TrimSpace.Contains(Peek) && string.CompareOrdinal(_text, _at + 1, "-" + Right, 0, 3) == 0 ? 4 : 0;
    }

    private void SkipRightDelim(int length)
    {
        _at += length;
        if (length > Right.Length)
        {
            while (!Ended && TrimSpace.Contains(Peek))
            {
                _at++;
            }
        }
    }

    private bool LexInside()
    {
        if (Ended)
        {
            return Fail("unclosed action");
        }

        var c = _text[_at++];
        switch (c)
        {
            case ' ' or '\t' or '\r' or '\n':
                return LexSpace();
            case '=':
                return Emit(TokenKind.Assign);
            case ':':
                return Peek == '=' && ++_at > 0 ? Emit(TokenKind.Declare) : Fail("expected :=");
            case '|':
                return Emit(TokenKind.Pipe);
            case '"':
                return LexQuoted('"', TokenKind.Quoted, "unterminated quoted string");
            case '\'':
                return LexQuoted('\'', TokenKind.Rune, "unterminated character constant");
            case '`':
                return LexRaw();
            case '$':
                return LexWord(TokenKind.Variable);
            case '.' when !char.IsAsciiDigit(Peek):
                return LexWord(TokenKind.Field);
            case '.' or '+' or '-' or (>= '0' and <= '9'):
                return LexNumber();
            case '(':
                _parens++;
                return Emit(TokenKind.LeftParen);
            case ')':
                return --_parens < 0 ? Fail("unexpected right paren") : Emit(TokenKind.RightParen);
            case '_':
                return LexIdentifier();
            default:
                return char.IsLetter(c) ? LexIdentifier() : LexOther(c);
        }
    }

    private bool LexOther(char c)
    {
        if (c is > ' ' and < (char)0x7f)
        {
            return Emit(TokenKind.Character);
        }

        _at--;
        var rune = Rune.TryGetRuneAt(_text, _at, out var whole) ? whole : Rune.ReplacementChar;
        var shown = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) ? "" : $" '{rune}'";
        return Fail($"unrecognized character in action: U+{rune.Value:X4}{shown}");
    }

    private bool LexSpace()
    {
        while (!Ended && TrimSpace.Contains(Peek))
        {
            // The space before "-}}" belongs to the delimiter.
            if (RightDelimLength() > 0)
            {
                break;
            }

            _at++;
        }

        return Emit(TokenKind.Space);
    }

    private bool LexQuoted(char quote, TokenKind kind, string unterminated)
    {
        for (; ; _at++)
        {
            if (Ended || Peek == '\n')
            {
                return Fail(unterminated);
            }

            if (Peek == '\\' && _at + 1 < _text.Length && _text[_at + 1] != '\n')
            {
                _at++;
            }
            else if (Peek == quote)
            {
                _at++;
                return Emit(kind);
            }
        }
    }

    private bool LexRaw()
    {
        var end = _text.IndexOf('`', _at);
        if (end < 0)
        {
            return Fail("unterminated raw quoted string");
        }

        _at = end + 1;
        return Emit(TokenKind.RawText);
    }

    private bool LexWord(TokenKind kind)
    {
        if (AtTerminator())
        {
            return Emit(kind == TokenKind.Variable ? kind : TokenKind.Dot);
        }

        SkipAlphanumeric();
        return AtTerminator() ? Emit(kind) : BadCharacter();
    }

    private bool LexIdentifier()
    {
        _at--;
        SkipAlphanumeric();
        if (!AtTerminator())
        {
            return BadCharacter();
        }

        var word = _text[_start.._at];
        return Emit(word switch
        {
            "true" or "false" => TokenKind.Boolean,
            "nil" => TokenKind.Nil,
            _ when Keywords.Contains(word) => TokenKind.Keyword,
            _ => TokenKind.Identifier,
        });
    }

    private bool LexNumber()
    {
        _at--;
        if (Peek is '+' or '-')
        {
            _at++;
        }

        var hex = Peek == '0' && _at + 1 < _text.Length && _text[_at + 1] is 'x' or 'X';
        while (!Ended && (char.IsAsciiLetterOrDigit(Peek) || Peek is '.' or '_' || IsExponentSign(hex)))
        {
            _at++;
        }

        return Emit(TokenKind.Number);
    }

    private bool IsExponentSign(bool hex) =>
        Peek is '+' or '-' && _at > _start && (hex ? _text[_at - 1] is 'p' or 'P' : _text[_at - 1] is 'e' or 'E');

    private bool BadCharacter()
    {
        var rune = Rune.TryGetRuneAt(_text, _at, out var whole) ? whole : Rune.ReplacementChar;
        return Fail($"bad character U+{rune.Value:X4}{(Rune.IsControl(rune) ? "" : $" '{rune}'")}");
    }

    private void SkipAlphanumeric()
    {
        while (!Ended && (Peek == '_' || char.IsLetterOrDigit(Peek)))
        {
            _at++;
        }
    }

    // What may follow a word: anything else right behind it is a typing mistake, not the next operand.
    private bool AtTerminator() => Ended || " \t\r\n.,|:()".Contains(Peek) || Starts(Right);

    private bool Emit(TokenKind kind)
    {
        _tokens.Add(new Token(kind, _start, _text[_start.._at]));
        return true;
    }

    private bool Fail(string message)
    {
        _tokens.Add(new Token(TokenKind.Error, _start, message));
        return false;
    }
}
