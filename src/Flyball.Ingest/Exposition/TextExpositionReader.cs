using System.Buffers;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Exposition;

/// <summary>What both text formats share: finding the ends of series and values fast, and failing exactly.</summary>
/// <remarks>
/// The fast way finds where a series ends by looking for quotes and the closing brace only. That is enough for series the
/// caller knows, because bytes that were once a valid series are one again. Whenever something on the line is wrong, the
/// labels are walked the slow way first, so that the error is the one of the leftmost mistake.
/// </remarks>
internal abstract class TextExpositionReader(bool openMetrics) : ExpositionReader
{
    private protected static readonly SearchValues<byte> MetricNameBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_:0123456789"u8);

    private readonly LabelReader _labels = new();
    private byte[] _familyBuffer = new byte[64];
    private byte[] _floatLabelFamily = [];
    private int _floatLabelFamilyLength;
    private string? _floatLabel;

    private protected ReadOnlyMemory<byte> _body;
    private protected int _at;
    private protected int _lineStart;
    private protected int _seriesStart, _seriesEnd, _brace;
    private protected int _familyStart, _familyEnd, _textStart, _textEnd;

    public override ReadOnlySpan<byte> Series => _body.Span[_seriesStart.._seriesEnd];

    public override ReadOnlySpan<byte> Family => LabelReader.Unescape(_body.Span[_familyStart.._familyEnd], ref _familyBuffer);

    public override ReadOnlySpan<byte> Text => _body.Span[_textStart.._textEnd];

    public override void Reset(ReadOnlyMemory<byte> body)
    {
        _body = body;
        _at = 0;
        _floatLabel = null;
        _exemplars.Clear();
    }

    public override void ReadLabels(LabelSetBuilder into)
    {
        var body = _body.Span;
        var nameEnd = _brace < 0 ? _seriesEnd : _brace;
        var name = body[_seriesStart..nameEnd].TrimEnd(" \t"u8);
        if (!name.IsEmpty)
        {
            into.Append("__name__"u8, name);
        }

        _labels.FloatLabel = FloatLabelOf(name);
        if (_brace >= 0)
        {
            WalkLabels(body, into);
        }
    }

    /// <summary>Finds the end of the series that starts at <see cref="ExpositionReader"/>'s position; the name is legacy or in the braces.</summary>
    private protected void FindSeries(ReadOnlySpan<byte> body)
    {
        _seriesStart = _at;
        _brace = -1;
        if (body[_at] != '{')
        {
            var length = body[_at..].IndexOfAnyExcept(MetricNameBytes);
            _at = length < 0 ? body.Length : _at + length;
            _seriesEnd = _at;
            var next = openMetrics ? _at : SkipBlanks(body, _at);
            if (next >= body.Length || body[next] != '{')
            {
                return;
            }

            _at = next;
        }

        _brace = _at;
        var end = FindClosingBrace(body, _brace + 1, openMetrics);
        _seriesEnd = _at = end >= 0 ? end : WalkLabels(body, into: null);
    }

    /// <summary>Walks the labels the slow way, so that their errors come before those of what follows.</summary>
    private protected int WalkLabels(ReadOnlySpan<byte> body, LabelSetBuilder? into)
    {
        var lexer = new LabelLexer(body, _lineStart, _brace + 1, openMetrics);
        var end = _labels.ReadSeries(ref lexer, named: _brace > _seriesStart, into);
        if (_labels.MissingName)
        {
            throw ExpositionError.Because("metric name not set", body[_lineStart..EndOfValue(body, end)]);
        }

        return end;
    }

    /// <summary>The error for a token after the series.</summary>
    private protected ExpositionFormatException Unexpected(string expected, ExpositionToken got, int tokenStart, int at)
    {
        CheckLabels();
        return ExpositionError.Unexpected(expected, got, _body.Span, _lineStart, tokenStart, at);
    }

    /// <summary>The error for something after the series that reads as a token but not as a value.</summary>
    private protected ExpositionFormatException Because(string problem)
    {
        CheckLabels();
        return ExpositionError.Because(problem, _body.Span[_lineStart.._at]);
    }

    private protected void CheckLabels()
    {
        if (_brace >= 0)
        {
            WalkLabels(_body.Span, into: null);
        }
    }

    private protected double ReadFloat(ReadOnlySpan<byte> text) =>
        ExposedFloat.TryParse(text, out var value, out var problem) ? value : throw Because(problem!);

    private protected int ReadExemplarLabels(ReadOnlySpan<byte> body, LabelSetBuilder into)
    {
        var lexer = new LabelLexer(body, _lineStart, _at, openMetrics);
        return _labels.ReadExemplar(ref lexer, into);
    }

    /// <summary>Notes the type of a family, because it decides about the form of <c>le</c> and <c>quantile</c>.</summary>
    private protected void NoteType(MetricType type)
    {
        Type = type;
        _floatLabel = type switch
        {
            MetricType.Histogram or MetricType.GaugeHistogram => "le",
            MetricType.Summary => "quantile",
            _ => null,
        };
        if (_floatLabel is not null)
        {
            var family = Family;
            if (_floatLabelFamily.Length < family.Length)
            {
                _floatLabelFamily = new byte[family.Length * 2];
            }

            family.CopyTo(_floatLabelFamily);
            _floatLabelFamilyLength = family.Length;
        }
    }

    private protected static int SkipBlanks(ReadOnlySpan<byte> body, int at)
    {
        while (at < body.Length && body[at] is (byte)' ' or (byte)'\t')
        {
            at++;
        }

        return at;
    }

    private protected static bool StartsName(byte c) => c is (byte)'_' or (byte)':' || char.IsAsciiLetter((char)c);

    // The token after the braces is part of the message about a missing name.
    private int EndOfValue(ReadOnlySpan<byte> body, int at)
    {
        at = openMetrics ? at + 1 : SkipBlanks(body, at);
        while (at < body.Length && body[at] is not ((byte)' ' or (byte)'\t' or (byte)'\n'))
        {
            at++;
        }

        return Math.Min(at, body.Length);
    }

    private string? FloatLabelOf(ReadOnlySpan<byte> name)
    {
        if (_floatLabel is null)
        {
            return null;
        }

        // A name inside the braces is not known yet; a family that ends in a longer name is none of ours.
        var family = _floatLabelFamily.AsSpan(0, _floatLabelFamilyLength);
        return name.IsEmpty || name.StartsWith(family) ? _floatLabel : null;
    }

    // -1: not found the easy way.
    private static int FindClosingBrace(ReadOnlySpan<byte> body, int at, bool openMetrics)
    {
        while (at < body.Length)
        {
            var next = body[at..].IndexOfAny((byte)'"', (byte)'}');
            if (next < 0)
            {
                return -1;
            }

            at += next + 1;
            if (body[at - 1] == '}')
            {
                return at;
            }

            at = FindClosingQuote(body, at, openMetrics);
            if (at < 0)
            {
                return -1;
            }
        }

        return -1;
    }

    private static int FindClosingQuote(ReadOnlySpan<byte> body, int at, bool openMetrics)
    {
        while (true)
        {
            var next = openMetrics
                ? body[at..].IndexOfAny((byte)'"', (byte)'\\', (byte)'\n')
                : body[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0 || body[at + next] == '\n')
            {
                return -1;
            }

            at += next + 1;
            if (body[at - 1] == '"')
            {
                return at;
            }

            at++;
            if (at > body.Length)
            {
                return -1;
            }
        }
    }
}
