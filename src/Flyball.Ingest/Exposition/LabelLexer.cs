using System.Buffers;

namespace Flyball.Ingest.Exposition;

/// <summary>The slow, exact walk through the braces of one series (or exemplar): tokens, and errors that quote them.</summary>
/// <param name="body">The whole body.</param>
/// <param name="lineStart">Where the entry began; errors quote from here.</param>
/// <param name="at">The first byte after the opening brace.</param>
/// <param name="openMetrics">No blanks between tokens, no line break inside a value.</param>
internal ref struct LabelLexer(ReadOnlySpan<byte> body, int lineStart, int at, bool openMetrics)
{
    private static readonly SearchValues<byte> LabelNameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"u8);

    private readonly ReadOnlySpan<byte> _body = body;
    private readonly int _lineStart = lineStart;
    private readonly bool _openMetrics = openMetrics;

    /// <summary>Whether labels must be parted by commas.</summary>
    public readonly bool CommaRequired => _openMetrics;

    /// <summary>Where the latest token starts.</summary>
    public int Start { get; private set; } = at - 1;

    /// <summary>The first byte not consumed.</summary>
    public int At { get; private set; } = at;

    /// <summary>The bytes of the latest token.</summary>
    public readonly ReadOnlySpan<byte> Token => _body[Start..At];

    /// <summary>The next token where a label's name, a comma or the closing brace may stand.</summary>
    public ExpositionToken NextName(bool exemplar)
    {
        if (!Begin())
        {
            return ExpositionToken.Eof;
        }

        switch (_body[At])
        {
            case (byte)'}':
                At++;
                return ExpositionToken.BraceClose;
            case (byte)'=':
                At++;
                return ExpositionToken.Equal;
            case (byte)',':
                At++;
                return ExpositionToken.Comma;
            case (byte)'"':
                return Quoted(newlineAllowed: !exemplar, nulAllowed: true) ? ExpositionToken.QuotedString : ExpositionToken.Invalid;
            case var c when c is (byte)'_' || char.IsAsciiLetter((char)c):
                var length = _body[At..].IndexOfAnyExcept(LabelNameBytes);
                At = length < 0 ? _body.Length : At + length;
                return ExpositionToken.LabelName;
            default:
                return ExpositionToken.Invalid;
        }
    }

    /// <summary>The next token where a label's value has to stand.</summary>
    public ExpositionToken NextValue(bool exemplar)
    {
        if (!Begin())
        {
            return ExpositionToken.Eof;
        }

        return _body[At] == '"' && Quoted(newlineAllowed: !_openMetrics, nulAllowed: !exemplar) ? ExpositionToken.LabelValue : ExpositionToken.Invalid;
    }

    /// <summary>The error for a token that may not stand where it does.</summary>
    public readonly ExpositionFormatException Unexpected(string expected, ExpositionToken got) =>
        ExpositionError.Unexpected(expected, got, _body, _lineStart, Start, At);

    /// <summary>Everything from the start of the entry to here, quoted.</summary>
    public readonly string SoFar => GoText.Quote(_body[_lineStart..At]);

    // At the end of the body the latest token stays the one that errors quote.
    private bool Begin()
    {
        if (!_openMetrics)
        {
            while (At < _body.Length && _body[At] is (byte)' ' or (byte)'\t')
            {
                At++;
            }
        }

        if (At >= _body.Length)
        {
            return false;
        }

        Start = At;
        return true;
    }

    // On failure At is where the pattern broke off.
    private bool Quoted(bool newlineAllowed, bool nulAllowed)
    {
        At++;
        while (At < _body.Length)
        {
            var next = _body[At..].IndexOfAny("\"\\\n\0"u8);
            if (next < 0)
            {
                At = _body.Length;
                return false;
            }

            At += next;
            switch (_body[At])
            {
                case (byte)'"':
                    At++;
                    return true;
                case (byte)'\n' when !newlineAllowed:
                case (byte)'\0' when !nulAllowed:
                    return false;
                case (byte)'\\' when At + 1 >= _body.Length || _body[At + 1] == '\n':
                    At = Math.Min(At + 1, _body.Length);
                    return false;
                case (byte)'\\':
                    At += 2;
                    break;
                default:
                    At++;
                    break;
            }
        }

        At = _body.Length;
        return false;
    }
}
