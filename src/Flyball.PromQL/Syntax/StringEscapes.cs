using System.Buffers;
using System.Text;

namespace Flyball.PromQL.Syntax;

/// <summary>Escapes in quoted strings: those of Go.</summary>
internal static class StringEscapes
{
    /// <summary>Checks the escape that begins at a backslash and moves behind it.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? Check(ReadOnlySpan<byte> text, byte quote, ref int at)
    {
        at++;
        if (at >= text.Length)
        {
            return "escape sequence not terminated";
        }

        var c = text[at];
        if (c == quote || "abfnrtv\\"u8.Contains(c))
        {
            at++;
            return null;
        }

        var (digits, numberBase, most) = c switch
        {
            >= (byte)'0' and <= (byte)'7' => (3, 8u, 255u),
            (byte)'x' => (2, 16u, 255u),
            (byte)'u' => (4, 16u, 0x10ffffu),
            (byte)'U' => (8, 16u, 0x10ffffu),
            _ => (0, 0u, 0u),
        };
        if (digits == 0)
        {
            return "unknown escape sequence " + CodePointAt(text, at);
        }

        at += numberBase == 16 ? 1 : 0;
        return CheckDigits(text, ref at, digits, numberBase, most);
    }

    /// <summary>The value of a quoted or raw string token, quotes included in the input.</summary>
    public static string Unquote(string token)
    {
        var inner = token.AsSpan(1, token.Length - 2);
        if (token[0] == '`')
        {
            return inner.ToString();
        }

        if (!inner.Contains('\\'))
        {
            return inner.ToString();
        }

        var bytes = new ArrayBufferWriter<byte>(inner.Length);
        for (var i = 0; i < inner.Length;)
        {
            if (inner[i] != '\\')
            {
                Rune.DecodeFromUtf16(inner[i..], out var plain, out var length);
                Append(bytes, plain);
                i += length;
            }
            else
            {
                i = Decode(inner, i + 1, bytes);
            }
        }

        return ToText(bytes.WrittenSpan);
    }

    /// <summary>Bytes that are no UTF-8 become lone surrogates, so that names made of them can be told and refused.</summary>
    private static string ToText(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var length) == OperationStatus.Done)
            {
                text.Append(rune.ToString());
                bytes = bytes[length..];
            }
            else
            {
                text.Append((char)(0xdc00 + bytes[0]));
                bytes = bytes[1..];
            }
        }

        return text.ToString();
    }

    private static string? CheckDigits(ReadOnlySpan<byte> text, ref int at, int digits, uint numberBase, uint most)
    {
        uint value = 0;
        for (; digits > 0; digits--, at++)
        {
            if (at >= text.Length)
            {
                return "escape sequence not terminated";
            }

            var digit = HexValue((char)text[at]);
            if (digit >= numberBase)
            {
                return $"illegal character {CodePointAt(text, at)} in escape sequence";
            }

            value = (value * numberBase) + digit;
        }

        return value > most || value is >= 0xd800 and < 0xe000 ? "escape sequence is an invalid Unicode code point" : null;
    }

    private static int Decode(ReadOnlySpan<char> text, int at, ArrayBufferWriter<byte> bytes)
    {
        var c = text[at];
        var simple = c switch
        {
            'a' => '\a', 'b' => '\b', 'f' => '\f', 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v',
            '\\' or '"' or '\'' => c,
            _ => '\0',
        };
        if (simple != '\0')
        {
            Append(bytes, new Rune(simple));
            return at + 1;
        }

        var (digits, numberBase, skip) = c switch { 'x' => (2, 16u, 1), 'u' => (4, 16u, 1), 'U' => (8, 16u, 1), _ => (3, 8u, 0) };
        uint value = 0;
        foreach (var digit in text.Slice(at + skip, digits))
        {
            value = (value * numberBase) + HexValue(digit);
        }

        if (c is 'u' or 'U')
        {
            Append(bytes, new Rune(value));
        }
        else
        {
            bytes.GetSpan(1)[0] = (byte)value;
            bytes.Advance(1);
        }

        return at + skip + digits;
    }

    private static void Append(ArrayBufferWriter<byte> bytes, Rune rune) => bytes.Advance(rune.EncodeToUtf8(bytes.GetSpan(4)));

    private static uint HexValue(char c) => char.IsAsciiHexDigit(c) ? (uint)Convert.ToInt32(c.ToString(), 16) : 16;

    private static string CodePointAt(ReadOnlySpan<byte> text, int at)
    {
        Rune.DecodeFromUtf8(text[at..], out var rune, out _);
        return GoQuoting.CodePoint(rune);
    }
}
