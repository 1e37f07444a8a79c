using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Testing;

/// <summary>One item of a series description: a value, a histogram, or a gap.</summary>
/// <param name="Value">The value; a staleness marker for <c>stale</c>.</param>
/// <param name="Histogram">The histogram instead of a value.</param>
/// <param name="IsGap">Nothing at this step.</param>
/// <param name="HintGiven">Whether the text says what the histogram knows of counter resets.</param>
internal readonly record struct SequenceItem(double Value, NativeHistogram? Histogram = null, bool IsGap = false, bool HintGiven = false);

/// <summary>A line of a test script: a series with its values, one per step. Prometheus documentation, "Querying".</summary>
internal sealed record SeriesDescription(LabelSet Labels, List<SequenceItem> Items)
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="ScriptException">The text is no series description.</exception>
    public static SeriesDescription Parse(string text)
    {
        var reader = new ScriptReader(text);
        var labels = MetricText.Read(reader);
        var items = new List<SequenceItem>();
        while (reader.SkipSpace())
        {
            SequenceReader.ReadItem(reader, items);
            if (!reader.AtEnd && !reader.AtSpace)
            {
                throw reader.Unexpected("series values");
            }
        }

        return new SeriesDescription(labels, items);
    }
}

/// <summary>A mistake in a test script.</summary>
internal sealed class ScriptException(string message) : FormatException(message);

/// <summary>A position in a line of a test script.</summary>
internal sealed class ScriptReader(string text)
{
    public int At { get; set; }

    public string Text => text;

    public bool AtEnd => At >= text.Length;

    public char Current => AtEnd ? '\0' : text[At];

    public bool AtSpace => Current is ' ' or '\t';

    /// <summary>Skips blanks.</summary>
    /// <returns>Whether something follows them.</returns>
    public bool SkipSpace()
    {
        while (AtSpace)
        {
            At++;
        }

        return !AtEnd;
    }

    public bool Take(string token)
    {
        if (!text.AsSpan(At).StartsWith(token, StringComparison.Ordinal))
        {
            return false;
        }

        At += token.Length;
        return true;
    }

    public void Require(string token)
    {
        if (!Take(token))
        {
            throw Fail($"expected {Syntax.GoQuoting.Quote(token)}");
        }
    }

    /// <summary>Reads on while a condition holds.</summary>
    public string While(Func<char, bool> condition)
    {
        var start = At;
        while (!AtEnd && condition(Current))
        {
            At++;
        }

        return text[start..At];
    }

    public ScriptException Unexpected(string context) =>
        Fail($"unexpected {(AtEnd ? "end of input" : Syntax.GoQuoting.Quote(Current.ToString()))} in {context}");

    public ScriptException Fail(string message) => new($"1:{At + 1}: parse error: {message}");
}

/// <summary>A metric with its labels: <c>name{a="b"}</c>, <c>{"utf8 name", "a.b"="c"}</c>.</summary>
internal static class MetricText
{
    public static LabelSet Read(ScriptReader reader)
    {
        var builder = new LabelSetBuilder();
        var name = reader.While(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');
        if (name.Length > 0)
        {
            builder.Set(LabelSet.MetricNameLabel, name);
        }

        if (reader.Take("{"))
        {
            ReadLabels(reader, builder);
        }
        else if (name.Length == 0)
        {
            throw reader.Unexpected("series description");
        }

        return builder.Build();
    }

    private static void ReadLabels(ScriptReader reader, LabelSetBuilder builder)
    {
        reader.SkipSpace();
        while (!reader.Take("}"))
        {
            var quoted = reader.Current is '"' or '\'' or '`';
            var label = quoted ? ReadString(reader) : reader.While(c => char.IsAsciiLetterOrDigit(c) || c == '_');
            reader.SkipSpace();
            if (reader.Take("="))
            {
                reader.SkipSpace();
                builder.Set(label, ReadString(reader));
            }
            else if (quoted)
            {
                builder.Set(LabelSet.MetricNameLabel, label);
            }
            else
            {
                throw reader.Unexpected("label set");
            }

            reader.SkipSpace();
            if (!reader.Take(",") && reader.Current != '}')
            {
                throw reader.Unexpected("label set");
            }

            reader.SkipSpace();
        }
    }

    private static string ReadString(ScriptReader reader)
    {
        var quote = reader.Current;
        if (quote is not ('"' or '\'' or '`'))
        {
            throw reader.Unexpected("label set");
        }

        var start = reader.At++;
        while (!reader.AtEnd && reader.Current != quote)
        {
            reader.At += reader.Current == '\\' && quote != '`' ? 2 : 1;
        }

        if (reader.AtEnd)
        {
            throw reader.Fail("unterminated quoted string");
        }

        reader.At++;
        return Syntax.StringEscapes.Unquote(reader.Text[start..reader.At]);
    }
}
