using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Matching;

/// <summary>The strict parser: names and values in UTF-8, quoted where they hold reserved characters.</summary>
/// <remarks>Positions in messages are columns from 0, first inside and last outside.</remarks>
internal ref struct Utf8MatcherParser
{
    private const string Reserved = "{}!=~,\\\"'`";

    private readonly string _text;
    private int _at;

    private Utf8MatcherParser(string text) => _text = text;

    private enum Kind
    {
        End,
        OpenBrace,
        CloseBrace,
        Comma,
        Operator,
        Quoted,
        Unquoted,
    }

    public static IReadOnlyList<Matcher> Parse(string text) => new Utf8MatcherParser(text).Run();

    public static bool IsReserved(char c) => char.IsWhiteSpace(c) || Reserved.Contains(c);

    private List<Matcher> Run()
    {
        var matchers = new List<Matcher>();
        var hasBrace = Peek().Kind == Kind.OpenBrace;
        if (hasBrace)
        {
            Next();
        }
        else if (Peek().Kind == Kind.End)
        {
            return matchers;
        }

        while (Peek().Kind is not (Kind.CloseBrace or Kind.End))
        {
            matchers.Add(ReadMatcher());
            var token = Peek("expected a comma or close brace");
            if (token.Kind == Kind.Comma)
            {
                Next();
                var after = Peek("expected a matcher or close brace after comma");
                if (after.Kind is not (Kind.CloseBrace or Kind.End or Kind.Quoted or Kind.Unquoted))
                {
                    throw Unexpected(after, "expected a matcher or close brace after comma");
                }
            }
            else if (token.Kind is not (Kind.CloseBrace or Kind.End))
            {
                throw Unexpected(token, "expected a comma or close brace");
            }
        }

        ReadEnd(hasBrace);
        return matchers;
    }

    private void ReadEnd(bool hasBrace)
    {
        var token = Next();
        if (hasBrace && token.Kind != Kind.CloseBrace)
        {
            throw new MatcherSyntaxException($"0:{_text.Length}: end of input: expected close brace");
        }

        if (!hasBrace && token.Kind == Kind.CloseBrace)
        {
            throw new MatcherSyntaxException($"0:{token.End}: }}: expected opening brace");
        }

        if (hasBrace && Next() is { Kind: not Kind.End } extra)
        {
            throw Unexpected(extra, "expected end of input");
        }
    }

    private Matcher ReadMatcher()
    {
        var name = Expect("expected label name", Kind.Quoted, Kind.Unquoted);
        var op = Expect("expected an operator such as '=', '!=', '=~' or '!~'", Kind.Operator, Kind.Operator);
        var value = Expect("expected label value", Kind.Quoted, Kind.Unquoted);
        return AlertMatchers.Make(op.Text, Unquote(name), Unquote(value));
    }

    private Token Expect(string wanted, Kind one, Kind other)
    {
        var token = Next(wanted);
        return token.Kind == one || token.Kind == other ? token
            : token.Kind == Kind.End ? throw new MatcherSyntaxException($"0:{_text.Length}: end of input: {wanted}")
            : throw Unexpected(token, wanted);
    }

    private readonly Token Peek(string wanted = "") => Copy().Scan(wanted);

    private readonly Utf8MatcherParser Copy() => this;

    private Token Next(string wanted = "")
    {
        var token = Scan(wanted);
        _at = token.End;
        return token;
    }

    private Token Scan(string wanted)
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        var start = _at;
        if (start >= _text.Length)
        {
            return new Token(Kind.End, start, start, "");
        }

        switch (_text[start])
        {
            case '{':
                return Piece(Kind.OpenBrace, start, 1);
            case '}':
                return Piece(Kind.CloseBrace, start, 1);
            case ',':
                return Piece(Kind.Comma, start, 1);
            case '=':
                return Piece(Kind.Operator, start, Follows(start, "~") ? 2 : 1);
            case '!' when Follows(start, "=~"):
                return Piece(Kind.Operator, start, 2);
            case '"':
                return ScanQuoted(start);
            case var c when IsReserved(c):
                throw Invalid(start, start + 1, wanted);
            default:
                var end = start;
                while (end < _text.Length && !IsReserved(_text[end]))
                {
                    end++;
                }

                return Piece(Kind.Unquoted, start, end - start);
        }
    }

    private readonly Token ScanQuoted(int start)
    {
        for (var at = start + 1; at < _text.Length; at++)
        {
            if (_text[at] == '\\')
            {
                at++;
            }
            else if (_text[at] == '"')
            {
                return Piece(Kind.Quoted, start, at + 1 - start);
            }
        }

        throw new MatcherSyntaxException($"{start}:{_text.Length}: {_text[start..]}: missing end \"");
    }

    private readonly bool Follows(int at, string any) => at + 1 < _text.Length && any.Contains(_text[at + 1]);

    private readonly Token Piece(Kind kind, int start, int length) => new(kind, start, start + length, _text.Substring(start, length));

    private readonly string Unquote(Token token)
    {
        if (token.Kind == Kind.Unquoted)
        {
            return token.Text;
        }

        return TryUnquote(token.Text, out var value) ? value : throw Invalid(token.Start, token.End, "");
    }

    // Go's string literals.
    private static bool TryUnquote(string literal, out string value)
    {
        var bytes = new List<byte>();
        value = "";
        for (var at = 1; at < literal.Length - 1; at++)
        {
            if (literal[at] != '\\')
            {
                if (!Rune.TryGetRuneAt(literal, at, out var rune))
                {
                    return false;
                }

                at += rune.Utf16SequenceLength - 1;
                AppendRune(bytes, rune);
                continue;
            }

            var c = literal[++at];
            var simple = "abfnrtv\\\"".IndexOf(c, StringComparison.Ordinal);
            var digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (simple >= 0)
            {
                bytes.Add((byte)"\a\b\f\n\r\t\v\\\""[simple]);
            }
            else if (digits == 0 || at + digits >= literal.Length
                || !int.TryParse(literal.AsSpan(at + 1, digits), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var code)
                || (digits > 2 && !Rune.IsValid(code)))
            {
                return false;
            }
            else
            {
                at += digits;
                if (digits == 2)
                {
                    bytes.Add((byte)code);
                }
                else
                {
                    AppendRune(bytes, new Rune(code));
                }
            }
        }

        return TryDecode([.. bytes], out value);
    }

    private static void AppendRune(List<byte> bytes, Rune rune)
    {
        Span<byte> utf8 = stackalloc byte[4];
        bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
    }

    private static bool TryDecode(byte[] bytes, out string value)
    {
        try
        {
            value = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            value = "";
            return false;
        }
    }

    private static MatcherSyntaxException Unexpected(Token token, string wanted) =>
        new($"{token.Start}:{token.End}: unexpected {token.Text}: {wanted}");

    private readonly MatcherSyntaxException Invalid(int start, int end, string wanted) =>
        new($"{start}:{end}: {_text[start..end]}: invalid input" + (wanted.Length > 0 ? ": " + wanted : ""));

    private readonly record struct Token(Kind Kind, int Start, int End, string Text);
}
