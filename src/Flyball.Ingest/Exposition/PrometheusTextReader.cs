using System.Buffers.Text;
using System.Text.Unicode;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Exposition;

/// <summary>Reads text formats 0.0.4 and 1.0.0 as a scraper does: tolerant of blanks, of missing commas and of a missing last line break.</summary>
internal sealed class PrometheusTextReader() : TextExpositionReader(openMetrics: false)
{
    public override void Reset(ReadOnlyMemory<byte> body)
    {
        // Every line ends in a line break, the last one too: then no rule needs a second form for the end of the body.
        if (!body.IsEmpty && body.Span[^1] != '\n')
        {
            var ended = new byte[body.Length + 1];
            body.CopyTo(ended);
            ended[^1] = (byte)'\n';
            body = ended;
        }

        base.Reset(body);
    }

    public override ExpositionEntry Read()
    {
        var body = _body.Span;
        while (true)
        {
            _lineStart = _at;
            _at = SkipBlanks(body, _at);
            if (_at >= body.Length)
            {
                return ExpositionEntry.End;
            }

            var c = body[_at];
            if (c == '\n')
            {
                _at++;
            }
            else if (c == '#')
            {
                if (ReadComment(body) is { } entry)
                {
                    return entry;
                }
            }
            else if (c == '{' || StartsName(c))
            {
                ReadSample(body);
                return ExpositionEntry.Sample;
            }
            else
            {
                throw ExpositionError.Unexpected("expected a valid start token", ExpositionToken.Invalid, body, _lineStart, _at, _at);
            }
        }
    }

    private void ReadSample(ReadOnlySpan<byte> body)
    {
        FindSeries(body);
        var start = SkipBlanks(body, _at);
        var length = body[start..].IndexOfAny(" \t\n{\0"u8);
        _at = start + length;
        if (length == 0)
        {
            var brace = body[start] == '{';
            throw Unexpected("expected value after metric", brace ? ExpositionToken.BraceOpen : ExpositionToken.Invalid, start, brace ? start + 1 : start);
        }

        Value = ReadFloat(body[start.._at]);
        ReadTimestamp(body);
    }

    private void ReadTimestamp(ReadOnlySpan<byte> body)
    {
        HasTimestamp = false;
        var start = _at = SkipBlanks(body, _at);
        if (body[_at] == '\n')
        {
            _at++;
            return;
        }

        _at = SkipDigits(body, start);
        if (_at == start)
        {
            throw Unexpected("expected timestamp or new record", ExpositionToken.Invalid, start, start);
        }

        if (!Utf8Parser.TryParse(body[start.._at], out long timestampMs, out var used) || used != _at - start)
        {
            throw Because($"strconv.ParseInt: parsing {GoText.Quote(body[start.._at])}: value out of range");
        }

        HasTimestamp = true;
        TimestampMs = timestampMs;
        start = _at = SkipBlanks(body, _at);
        if (body[start] != '\n')
        {
            var digits = SkipDigits(body, start);
            throw Unexpected("expected next entry after timestamp", digits > start ? ExpositionToken.Timestamp : ExpositionToken.Invalid, start, digits);
        }

        _at++;
    }

    // Null: a comment for people.
    private ExpositionEntry? ReadComment(ReadOnlySpan<byte> body)
    {
        var lineEnd = _at + body[_at..].IndexOf((byte)'\n');
        var word = SkipBlanks(body, _at + 1);
        var line = body[word..lineEnd];
        var isHelp = line.StartsWith("HELP"u8);
        var isMeta = word > _at + 1 && line.Length > 4 && line[4] is (byte)' ' or (byte)'\t' && (isHelp || line.StartsWith("TYPE"u8));
        if (!isMeta)
        {
            _at = lineEnd + 1;
            return null;
        }

        ReadFamily(body, SkipBlanks(body, word + 4), isHelp ? "HELP" : "TYPE");
        var textStart = Math.Min(_at + 1, lineEnd);
        if (body[textStart..lineEnd].Trim(" \t"u8).IsEmpty)
        {
            textStart = lineEnd;
        }

        (_textStart, _textEnd) = (textStart, lineEnd);
        _at = lineEnd + 1;
        return isHelp ? CheckHelp() : CheckType();
    }

    private void ReadFamily(ReadOnlySpan<byte> body, int at, string keyword)
    {
        if (body[at] == '"')
        {
            var lexer = new LabelLexer(body, _lineStart, at, openMetrics: false);
            var token = lexer.NextName(exemplar: false);
            if (token != ExpositionToken.QuotedString)
            {
                throw lexer.Unexpected($"expected metric name after {keyword}", token);
            }

            (_familyStart, _familyEnd, _at) = (at + 1, lexer.At - 1, lexer.At);
            return;
        }

        if (!StartsName(body[at]))
        {
            throw ExpositionError.Unexpected($"expected metric name after {keyword}", ExpositionToken.Invalid, body, _lineStart, at, at);
        }

        _at = at + body[at..].IndexOfAnyExcept(MetricNameBytes);
        (_familyStart, _familyEnd) = (at, _at);
    }

    private ExpositionEntry CheckHelp() => Utf8.IsValid(Text)
        ? ExpositionEntry.Help
        : throw new ExpositionFormatException($"help text {GoText.Quote(Text)} is not a valid utf8 string");

    private ExpositionEntry CheckType()
    {
        NoteType(Text switch
        {
            var t when t.SequenceEqual("counter"u8) => MetricType.Counter,
            var t when t.SequenceEqual("gauge"u8) => MetricType.Gauge,
            var t when t.SequenceEqual("histogram"u8) => MetricType.Histogram,
            var t when t.SequenceEqual("summary"u8) => MetricType.Summary,
            var t when t.SequenceEqual("untyped"u8) => MetricType.Unknown,
            var t => throw new ExpositionFormatException($"invalid metric type {GoText.Quote(t)}"),
        });
        return ExpositionEntry.Type;
    }

    private static int SkipDigits(ReadOnlySpan<byte> body, int at)
    {
        while (char.IsAsciiDigit((char)body[at]))
        {
            at++;
        }

        return at;
    }
}
