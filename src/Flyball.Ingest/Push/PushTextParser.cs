using System.Text;
using Flyball.Ingest.Exposition;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Push;

/// <summary>Reads text format 0.0.4 as the Pushgateway does: strictly, and naming the line of a mistake.</summary>
/// <remarks>Stricter than a scrape (<see cref="PrometheusTextReader"/>): every line is ended, escapes are known ones, a family is
/// introduced once. The README of Prometheus' Pushgateway.</remarks>
internal ref struct PushTextParser(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly Dictionary<string, PushedFamily> _families = new(StringComparer.Ordinal);
    private readonly List<(string Name, string Value)> _labels = [];
    private int _at;
    private int _line = 1;

    /// <summary>Whether any sample carries a time of its own.</summary>
    public bool HasTimestamps { get; private set; }

    /// <summary>Reads all families, those without samples left out, in the order they came.</summary>
    /// <exception cref="ExpositionFormatException">The body is malformed.</exception>
    public List<PushedFamily> Read()
    {
        while (SkipBlanks())
        {
            switch (_body[_at])
            {
                case (byte)'\n':
                    EndLine();
                    break;
                case (byte)'#':
                    ReadComment();
                    break;
                default:
                    ReadSample();
                    break;
            }
        }

        return [.. _families.Values.Where(f => f.Samples.Count > 0)];
    }

    private readonly ExpositionFormatException Fail(string problem) => new($"text format parsing error in line {_line}: {problem}");

    private readonly ExpositionFormatException Ended() => Fail("unexpected end of input stream");

    // The byte we stand on; the body must not end here.
    private readonly byte Current => _at < _body.Length ? _body[_at] : throw Ended();

    // False at the end of the body.
    private bool SkipBlanks()
    {
        while (_at < _body.Length && _body[_at] is (byte)' ' or (byte)'\t')
        {
            _at++;
        }

        return _at < _body.Length;
    }

    private void EndLine()
    {
        _at++;
        _line++;
    }

    private void ReadComment()
    {
        _at++;
        SkipBlanks();
        var keyword = Word();
        if (Current == '\n' || keyword is not ("HELP" or "TYPE"))
        {
            SkipLine();
            return;
        }

        SkipBlanks();
        var name = Current == '"' ? Quoted("metric name") : Name(colon: true);
        if (Current == '\n')
        {
            EndLine();
            return;
        }

        if (Current is not ((byte)' ' or (byte)'\t'))
        {
            throw Fail("invalid metric name in comment");
        }

        var family = FamilyOf(name);
        SkipBlanks();
        if (Current == '\n')
        {
            EndLine();
        }
        else if (keyword == "HELP")
        {
            ReadHelp(family);
        }
        else
        {
            ReadType(family);
        }
    }

    private void ReadHelp(PushedFamily family)
    {
        if (family.Help is not null)
        {
            throw Fail($"second HELP line for metric name \"{family.Name}\"");
        }

        byte[] buffer = [];
        family.Help = Encoding.UTF8.GetString(LabelReader.Unescape(RestOfLine(), ref buffer));
        EndLine();
    }

    private void ReadType(PushedFamily family)
    {
        if (family.Type is not null)
        {
            throw Fail($"second TYPE line for metric name \"{family.Name}\", or TYPE reported after samples");
        }

        var word = Encoding.UTF8.GetString(RestOfLine());
        family.Type = word.ToUpperInvariant() switch
        {
            "COUNTER" => MetricType.Counter,
            "GAUGE" => MetricType.Gauge,
            "SUMMARY" => MetricType.Summary,
            "UNTYPED" => MetricType.Unknown,
            "HISTOGRAM" => MetricType.Histogram,
            "GAUGE_HISTOGRAM" => MetricType.GaugeHistogram,
            _ => throw Fail($"unknown metric type \"{word}\""),
        };
        EndLine();
    }

    private void ReadSample()
    {
        _labels.Clear();
        string? name = null;
        if (_body[_at] != '{')
        {
            name = Name(colon: true);
            if (name.Length == 0)
            {
                throw Fail("invalid metric name");
            }

            SkipBlanks();
        }

        if (Current == '{')
        {
            name = ReadLabels(name);
        }

        if (name is null)
        {
            throw Fail("invalid metric name");
        }

        var family = FamilyOf(name);
        family.Type ??= MetricType.Unknown;
        CheckFloatLabel(family);
        var value = ReadValue();
        CheckCount(family, name, value);
        EndLine();
        var labels = new LabelSetBuilder().Set(LabelSet.MetricNameLabel, name);
        foreach (var (labelName, labelValue) in _labels)
        {
            labels.Set(labelName, labelValue);
        }

        family.Samples.Add(new PushedSample(labels.Build(), value));
    }

    // Returns the metric's name: the one before the braces or the quoted one inside.
    private string? ReadLabels(string? name)
    {
        _at++;
        while (true)
        {
            SkipBlanks();
            if (Current == '}')
            {
                _at++;
                SkipBlanks();
                return name;
            }

            var isQuoted = Current == '"';
            var label = isQuoted ? Quoted(name is null ? "metric name" : "label name") : Name(colon: false);
            if (label.Length == 0)
            {
                throw Fail(name is null ? "invalid metric name" : $"invalid label name for metric \"{name}\"");
            }

            SkipBlanks();
            if (Current != '=' && isQuoted)
            {
                if (Current is not ((byte)',' or (byte)'}'))
                {
                    throw Fail($"unexpected end of metric name '{(char)Current}'");
                }

                name = name is null ? label : throw Fail($"multiple metric names for metric \"{name}\"");
            }
            else
            {
                ReadLabelValue(name, label);
            }

            if (Current == ',')
            {
                _at++;
            }
        }
    }

    private void ReadLabelValue(string? metric, string label)
    {
        if (Current != '=')
        {
            throw Fail($"expected '=' after label name, found '{(char)Current}'");
        }

        if (metric is null)
        {
            throw Fail("invalid metric name");
        }

        if (label == LabelSet.MetricNameLabel)
        {
            throw Fail($"label name \"{label}\" is reserved");
        }

        if (_labels.Exists(l => l.Name == label))
        {
            throw Fail($"duplicate label names for metric \"{metric}\"");
        }

        _at++;
        SkipBlanks();
        if (Current != '"')
        {
            throw Fail($"expected '\"' at start of label value, found '{(char)Current}'");
        }

        var value = Quoted("label value");
        SkipBlanks();
        if (Current is not ((byte)',' or (byte)'}'))
        {
            throw Fail($"unexpected end of label value \"{value}\"");
        }

        _labels.Add((label, value));
    }

    private double ReadValue()
    {
        var text = _body[_at..];
        var word = Word();
        if (!ExposedFloat.TryParse(text[..word.Length], out var value, out _))
        {
            throw Fail($"expected float as value, got \"{word}\"");
        }

        if (Current != '\n')
        {
            ReadTimestamp();
        }

        return value;
    }

    private void ReadTimestamp()
    {
        SkipBlanks();
        var word = Word();
        if (!long.TryParse(word, out _))
        {
            throw Fail($"expected integer as timestamp, got \"{word}\"");
        }

        HasTimestamps = true;
        var rest = Encoding.UTF8.GetString(RestOfLine());
        if (rest.Length > 0)
        {
            throw Fail($"spurious string after timestamp: \"{rest}\"");
        }
    }

    private readonly void CheckFloatLabel(PushedFamily family)
    {
        var name = family.Type switch { MetricType.Summary => "quantile", MetricType.Histogram => "le", _ => null };
        foreach (var (label, value) in _labels)
        {
            if (label == name && !ExposedFloat.TryParse(Encoding.UTF8.GetBytes(value), out _, out _))
            {
                throw Fail($"expected float as value for '{label}' label, got \"{value}\"");
            }
        }
    }

    private readonly void CheckCount(PushedFamily family, string name, double value)
    {
        if (family.Type != MetricType.Histogram || !(value < 0))
        {
            return;
        }

        if (name == family.Name + "_count")
        {
            throw Fail($"negative count for histogram \"{family.Name}\"");
        }

        if (name == family.Name + "_bucket")
        {
            throw Fail($"negative bucket population for histogram \"{family.Name}\"");
        }
    }

    // "x_sum" belongs to a summary or histogram x that was introduced before.
    private readonly PushedFamily FamilyOf(string name)
    {
        if (_families.TryGetValue(name, out var family))
        {
            return family;
        }

        foreach (var suffix in (string[])["_count", "_sum", "_bucket"])
        {
            if (name.EndsWith(suffix, StringComparison.Ordinal) && _families.TryGetValue(name[..^suffix.Length], out family)
                && (family.Type == MetricType.Histogram || (family.Type == MetricType.Summary && suffix != "_bucket")))
            {
                return family;
            }
        }

        return _families[name] = new PushedFamily(name);
    }

    private string Name(bool colon)
    {
        var start = _at;
        while (_at < _body.Length && IsNameByte(_body[_at], colon) && (_at > start || !char.IsAsciiDigit((char)_body[_at])))
        {
            _at++;
        }

        return _at < _body.Length ? Encoding.ASCII.GetString(_body[start.._at]) : throw Ended();
    }

    private static bool IsNameByte(byte c, bool colon) => c == '_' || char.IsAsciiLetterOrDigit((char)c) || (colon && c == ':');

    private string Quoted(string what)
    {
        var text = new List<byte>();
        for (_at++; ; _at++)
        {
            switch (Current)
            {
                case (byte)'"':
                    _at++;
                    var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text);
                    return System.Text.Unicode.Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw Fail($"invalid {what} {GoText.Quote(bytes)}");
                case (byte)'\n':
                    throw Fail($"{what} {GoText.Quote(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(text))} contains unescaped new-line");
                case (byte)'\\':
                    _at++;
                    text.Add(Current switch
                    {
                        (byte)'\\' => (byte)'\\',
                        (byte)'"' => (byte)'"',
                        (byte)'n' => (byte)'\n',
                        var other => throw Fail($"invalid escape sequence '\\{(char)other}'"),
                    });
                    break;
                default:
                    text.Add(_body[_at]);
                    break;
            }
        }
    }

    private string Word()
    {
        var length = _body[Math.Min(_at, _body.Length)..].IndexOfAny((byte)' ', (byte)'\t', (byte)'\n');
        if (length < 0)
        {
            throw Ended();
        }

        _at += length;
        return Encoding.UTF8.GetString(_body.Slice(_at - length, length));
    }

    private ReadOnlySpan<byte> RestOfLine()
    {
        var length = _body[_at..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Ended();
        }

        _at += length;
        return _body.Slice(_at - length, length);
    }

    private void SkipLine()
    {
        RestOfLine();
        EndLine();
    }
}
