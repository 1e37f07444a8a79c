using System.Text.Unicode;
using Flyball.Model.Labels;

namespace Flyball.Ingest.Exposition;

/// <summary>Decodes the labels of one series or exemplar into a builder; shared by the two text formats.</summary>
internal sealed class LabelReader
{
    private byte[] _unescapedName = new byte[64];
    private byte[] _unescapedValue = new byte[256];

    /// <summary>Writes <c>le</c> and <c>quantile</c> values in canonical form while the family's type asks for it.</summary>
    public string? FloatLabel { get; set; }

    /// <summary>Reads up to the closing brace.</summary>
    /// <param name="named">Whether the metric's name stands before the brace.</param>
    /// <param name="into">Where the labels go; null only checks.</param>
    /// <returns>The first byte after the closing brace.</returns>
    public int ReadSeries(ref LabelLexer lexer, bool named, LabelSetBuilder? into)
    {
        var hasName = named;
        var token = lexer.NextName(exemplar: false);
        while (token != ExpositionToken.BraceClose)
        {
            var name = TakeName(ref lexer, token);
            var quoted = token == ExpositionToken.QuotedString;
            token = lexer.NextName(exemplar: false);
            if (quoted && token is ExpositionToken.Comma or ExpositionToken.BraceClose)
            {
                // A quoted string without a value is the metric's name.
                if (hasName)
                {
                    throw new ExpositionFormatException($"metric name already set while parsing: {lexer.SoFar}");
                }

                hasName = true;
                into?.Append("__name__"u8, name);
                token = token == ExpositionToken.Comma ? lexer.NextName(exemplar: false) : token;
                continue;
            }

            ReadValue(ref lexer, token, name, into, exemplar: false);
            token = TakeSeparator(ref lexer, exemplar: false);
        }

        // Raised by the caller: the message quotes on to the value, whose token is read first.
        MissingName = !hasName;
        return lexer.At;
    }

    /// <summary>Whether the series read last has no metric name.</summary>
    public bool MissingName { get; private set; }

    /// <summary>Reads the labels of an exemplar up to the closing brace.</summary>
    public int ReadExemplar(ref LabelLexer lexer, LabelSetBuilder into)
    {
        var token = lexer.NextName(exemplar: true);
        while (token != ExpositionToken.BraceClose)
        {
            var name = TakeName(ref lexer, token);
            ReadValue(ref lexer, lexer.NextName(exemplar: true), name, into, exemplar: true);
            token = TakeSeparator(ref lexer, exemplar: true);
        }

        return lexer.At;
    }

    /// <summary>Resolves <c>\\</c>, <c>\"</c> and <c>\n</c>; other escapes stay as they are. Grows the buffer as needed.</summary>
    public static ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> text, ref byte[] buffer)
    {
        if (text.IndexOf((byte)'\\') < 0)
        {
            return text;
        }

        if (buffer.Length < text.Length)
        {
            buffer = new byte[text.Length * 2];
        }

        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '\\' && i + 1 < text.Length && text[i + 1] is (byte)'\\' or (byte)'"' or (byte)'n')
            {
                i++;
                c = text[i] == 'n' ? (byte)'\n' : text[i];
            }

            buffer[length++] = c;
        }

        return buffer.AsSpan(0, length);
    }

    private ReadOnlySpan<byte> TakeName(ref LabelLexer lexer, ExpositionToken token) => token switch
    {
        ExpositionToken.LabelName => lexer.Token,
        ExpositionToken.QuotedString => CheckedUtf8(Unescape(lexer.Token[1..^1], ref _unescapedName), "name"),
        _ => throw lexer.Unexpected("expected label name", token),
    };

    private void ReadValue(ref LabelLexer lexer, ExpositionToken equal, scoped ReadOnlySpan<byte> name, LabelSetBuilder? into, bool exemplar)
    {
        if (equal != ExpositionToken.Equal)
        {
            throw lexer.Unexpected("expected equal", equal);
        }

        var token = lexer.NextValue(exemplar);
        if (token != ExpositionToken.LabelValue)
        {
            throw lexer.Unexpected("expected label value", token);
        }

        CheckedUtf8(lexer.Token, "value");
        if (into is null)
        {
            return;
        }

        var value = Unescape(lexer.Token[1..^1], ref _unescapedValue);
        if (FloatLabel is not null && IsFloatLabel(name) && ExposedFloat.TryParse(value, out var number, out _))
        {
            value = System.Text.Encoding.UTF8.GetBytes(ExposedFloat.FormatOpenMetrics(number));
        }

        into.Append(name, value);
    }

    private bool IsFloatLabel(ReadOnlySpan<byte> name) => System.Text.Ascii.Equals(name, FloatLabel);

    private static ExpositionToken TakeSeparator(ref LabelLexer lexer, bool exemplar)
    {
        var token = lexer.NextName(exemplar);
        if (token == ExpositionToken.Comma)
        {
            return lexer.NextName(exemplar);
        }

        // Text 0.0.4 tolerates a missing comma: what follows is taken for a name.
        return token == ExpositionToken.BraceClose || !lexer.CommaRequired
            ? token
            : throw lexer.Unexpected("expected comma or brace close", token);
    }

    private static ReadOnlySpan<byte> CheckedUtf8(ReadOnlySpan<byte> text, string what) => Utf8.IsValid(text)
        ? text
        : throw new ExpositionFormatException($"invalid UTF-8 label {what}: {GoText.Quote(text)}");
}
