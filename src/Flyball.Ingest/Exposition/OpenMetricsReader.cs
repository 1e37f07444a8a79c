using System.Text.Unicode;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Exposition;

/// <summary>Reads OpenMetrics 1.0 (and 0.0.1) text: single blanks, float seconds, exemplars, and <c># EOF</c> at the end.</summary>
internal sealed class OpenMetricsReader() : TextExpositionReader(openMetrics: true)
{
    // Names plus values of an exemplar, in characters (OpenMetrics 1.0, "Exemplars").
    private const int MostExemplarCharacters = 128;

    private readonly LabelSetBuilder _exemplarLabels = new();
    private int _token;

    public override ExpositionEntry Read()
    {
        var body = _body.Span;
        _lineStart = _token = _at;
        if (_exemplars.Count > 0)
        {
            _exemplars.Clear();
        }

        if (_at >= body.Length)
        {
            throw NotEnded();
        }

        if (body[_at] == '#')
        {
            return ReadMeta(body);
        }

        if (body[_at] != '{' && !StartsName(body[_at]))
        {
            throw Start(ExpositionToken.Invalid, _at);
        }

        ReadSample(body);
        return ExpositionEntry.Sample;
    }

    private static ExpositionFormatException NotEnded() => new("data does not end with # EOF");

    private ExpositionFormatException Start(ExpositionToken got, int at) =>
        ExpositionError.Unexpected("expected a valid start token", got, _body.Span, _lineStart, _lineStart, at);

    private void ReadSample(ReadOnlySpan<byte> body)
    {
        FindSeries(body);
        _token = _brace < 0 ? _seriesStart : _seriesEnd - 1;
        Value = ReadValue(body, "metric");
        HasTimestamp = false;
        var token = NextAfterValue(body, exemplarAllowed: true);
        if (token == ExpositionToken.Timestamp)
        {
            var seconds = ReadFloat(body[(_token + 1).._at]);
            TimestampMs = ToMilliseconds(seconds, "timestamp");
            HasTimestamp = true;
            token = NextAfterValue(body, exemplarAllowed: true);
            if (token is not (ExpositionToken.Linebreak or ExpositionToken.Comment))
            {
                throw Unexpected("expected next entry after timestamp", token, _token, _at);
            }
        }
        else if (token == ExpositionToken.Eof)
        {
            CheckLabels();
            throw NotEnded();
        }
        else if (token == ExpositionToken.Invalid)
        {
            throw Unexpected("expected timestamp or comment", token, _token, _at);
        }

        if (token == ExpositionToken.Comment)
        {
            ReadExemplar(body);
        }
    }

    private void ReadExemplar(ReadOnlySpan<byte> body)
    {
        CheckLabels();
        _exemplarLabels.Clear();
        _at = ReadExemplarLabels(body, _exemplarLabels);
        _token = _at - 1;
        var value = ReadValue(body, "exemplar labels");
        long? timestampMs = null;
        var token = NextAfterValue(body, exemplarAllowed: false);
        if (token == ExpositionToken.Timestamp)
        {
            timestampMs = ToMilliseconds(ReadFloat(body[(_token + 1).._at]), "exemplar timestamp");
            token = NextAfterValue(body, exemplarAllowed: false);
            if (token != ExpositionToken.Linebreak)
            {
                throw Unexpected("expected next entry after exemplar timestamp", token, _token, _at);
            }
        }
        else if (token == ExpositionToken.Eof)
        {
            throw NotEnded();
        }
        else if (token != ExpositionToken.Linebreak)
        {
            throw Unexpected("expected timestamp or comment", token, _token, _at);
        }

        _exemplars.Add(new ExposedExemplar(BuildExemplarLabels(), value, timestampMs));
    }

    private LabelSet BuildExemplarLabels()
    {
        var encoded = _exemplarLabels.BuildEncoded(out var duplicate);
        if (duplicate is not null)
        {
            throw new ExpositionFormatException($"exemplar label \"{duplicate}\" is given twice");
        }

        var labels = LabelSet.FromEncoded(encoded);
        var characters = 0;
        foreach (var label in labels)
        {
            characters += label.NameText.EnumerateRunes().Count() + label.ValueText.EnumerateRunes().Count();
        }

        return characters <= MostExemplarCharacters
            ? labels
            : throw new ExpositionFormatException($"exemplar labels have {characters} characters; at most {MostExemplarCharacters} are allowed");
    }

    // A blank, then everything up to the next blank or line break.
    private double ReadValue(ReadOnlySpan<byte> body, string after)
    {
        if (_at >= body.Length)
        {
            throw Unexpected($"expected value after {after}", ExpositionToken.Eof, _token, _at);
        }

        _token = _at;
        var end = EndOfWord(body, _at);
        if (body[_at] != ' ' || end == _at + 1)
        {
            _at += body[_at] == ' ' ? 1 : 0;
            throw Unexpected($"expected value after {after}", ExpositionToken.Invalid, _token, _at);
        }

        _at = end;
        return ReadFloat(body[(_token + 1).._at]);
    }

    private ExpositionToken NextAfterValue(ReadOnlySpan<byte> body, bool exemplarAllowed)
    {
        if (_at >= body.Length)
        {
            return ExpositionToken.Eof;
        }

        _token = _at;
        if (body[_at] == '\n')
        {
            _at++;
            return ExpositionToken.Linebreak;
        }

        if (body[_at] != ' ')
        {
            return ExpositionToken.Invalid;
        }

        if (exemplarAllowed && body[_at..].StartsWith(" # {"u8))
        {
            _at += 4;
            return ExpositionToken.Comment;
        }

        _at = EndOfWord(body, _at);
        return _at > _token + 1 ? ExpositionToken.Timestamp : ExpositionToken.Invalid;
    }

    private static int EndOfWord(ReadOnlySpan<byte> body, int at)
    {
        var length = body[Math.Min(at + 1, body.Length)..].IndexOfAny((byte)' ', (byte)'\n');
        return length < 0 ? body.Length : at + 1 + length;
    }

    private long ToMilliseconds(double seconds, string what)
    {
        if (!double.IsFinite(seconds))
        {
            CheckLabels();
            throw new ExpositionFormatException($"invalid {what} {ExposedFloat.Format(seconds)}");
        }

        return (long)(seconds * 1000);
    }

    private ExpositionEntry ReadMeta(ReadOnlySpan<byte> body)
    {
        var line = body[_at..];
        if (line.StartsWith("# EOF"u8))
        {
            _at += 5;
            _at += _at < body.Length && body[_at] == '\n' ? 1 : 0;
            return _at == body.Length ? ExpositionEntry.End : throw new ExpositionFormatException("unexpected data after # EOF");
        }

        var entry = line switch
        {
            _ when line.StartsWith("# HELP "u8) => ExpositionEntry.Help,
            _ when line.StartsWith("# TYPE "u8) => ExpositionEntry.Type,
            _ when line.StartsWith("# UNIT "u8) => ExpositionEntry.Unit,
            _ => throw Start(ExpositionToken.Invalid, _lineStart + CommonPrefix(line)),
        };
        var keyword = entry switch { ExpositionEntry.Help => "HELP", ExpositionEntry.Type => "TYPE", _ => "UNIT" };
        _at += 7;
        ReadFamily(body, keyword);
        ReadText(body, keyword);
        switch (entry)
        {
            case ExpositionEntry.Help when !Utf8.IsValid(Text):
                throw new ExpositionFormatException($"help text {GoText.Quote(Text)} is not a valid utf8 string");
            case ExpositionEntry.Type:
                NoteType(TypeOf(Text));
                break;
            case ExpositionEntry.Unit:
                CheckUnit();
                break;
        }

        return entry;
    }

    // How far the line agrees with any keyword: errors quote one byte more.
    private static int CommonPrefix(ReadOnlySpan<byte> line) => Math.Max(
        Math.Max(line.CommonPrefixLength("# HELP "u8), line.CommonPrefixLength("# TYPE "u8)),
        Math.Max(line.CommonPrefixLength("# UNIT "u8), line.CommonPrefixLength("# EOF"u8)));

    private void ReadFamily(ReadOnlySpan<byte> body, string keyword)
    {
        var expected = $"expected metric name after {keyword}";
        if (_at < body.Length && body[_at] == '"')
        {
            var lexer = new LabelLexer(body, _lineStart, _at, openMetrics: true);
            var token = lexer.NextName(exemplar: false);
            if (token != ExpositionToken.QuotedString)
            {
                throw lexer.Unexpected(expected, token);
            }

            (_familyStart, _familyEnd, _at) = (_at + 1, lexer.At - 1, lexer.At);
            return;
        }

        if (_at >= body.Length || !StartsName(body[_at]))
        {
            var ended = _at >= body.Length;
            throw ExpositionError.Unexpected(
                expected, ended ? ExpositionToken.Eof : ExpositionToken.Invalid, body, _lineStart, ended ? _lineStart : _at, _at);
        }

        var length = body[_at..].IndexOfAnyExcept(MetricNameBytes);
        (_familyStart, _familyEnd) = (_at, length < 0 ? body.Length : _at + length);
        _at = _familyEnd;
    }

    private void ReadText(ReadOnlySpan<byte> body, string keyword)
    {
        var length = _at < body.Length && body[_at] == ' ' ? body[_at..].IndexOf((byte)'\n') : -1;
        if (length < 0)
        {
            throw new ExpositionFormatException($"expected text in {keyword}");
        }

        (_textStart, _textEnd) = (_at + 1, _at + length);
        _at += length + 1;
    }

    private static MetricType TypeOf(ReadOnlySpan<byte> text) => text switch
    {
        _ when text.SequenceEqual("counter"u8) => MetricType.Counter,
        _ when text.SequenceEqual("gauge"u8) => MetricType.Gauge,
        _ when text.SequenceEqual("histogram"u8) => MetricType.Histogram,
        _ when text.SequenceEqual("gaugehistogram"u8) => MetricType.GaugeHistogram,
        _ when text.SequenceEqual("summary"u8) => MetricType.Summary,
        _ when text.SequenceEqual("info"u8) => MetricType.Info,
        _ when text.SequenceEqual("stateset"u8) => MetricType.StateSet,
        _ when text.SequenceEqual("unknown"u8) => MetricType.Unknown,
        _ => throw new ExpositionFormatException($"invalid metric type {GoText.Quote(text)}"),
    };

    private void CheckUnit()
    {
        var family = Family;
        var unit = Text;
        var isSuffix = family.Length > unit.Length && family.EndsWith(unit) && family[family.Length - unit.Length - 1] == '_';
        if (!unit.IsEmpty && !isSuffix)
        {
            throw new ExpositionFormatException($"unit {GoText.Quote(unit)} not a suffix of metric {GoText.Quote(family)}");
        }
    }
}
