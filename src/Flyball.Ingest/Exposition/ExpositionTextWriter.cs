using System.Buffers;
using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Exposition;

/// <summary>Writes text format 0.0.4, UTF-8 names quoted. Prometheus documentation, "Exposition formats".</summary>
/// <remarks>The caller keeps the samples of a family together. Not thread-safe.</remarks>
public sealed class ExpositionTextWriter(IBufferWriter<byte> output)
{
    /// <summary>The header <c>Content-Type</c> of what is written.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>A value as the text formats write it: the shortest form, with an exponent where Go's <c>%g</c> has one.</summary>
    public static string FormatValue(double value) => ExposedFloat.Format(value);

    /// <summary>Whether labels with empty values are written; federation says by them that a label is absent on purpose.</summary>
    public bool KeepsEmptyLabels { get; init; }

    /// <summary>Writes the lines that introduce a family.</summary>
    /// <param name="help">A sentence; left out when empty.</param>
    public void Family(string name, MetricType type, string help)
    {
        if (help.Length > 0)
        {
            Raw("# HELP "u8);
            Name(name);
            Raw(" "u8);
            Escaped(help, quotes: false);
            Raw("\n"u8);
        }

        Raw("# TYPE "u8);
        Name(name);
        Raw(" "u8);
        Raw(WordOf(type));
        Raw("\n"u8);
    }

    /// <summary>Writes one sample.</summary>
    /// <param name="labels">Without the name; those with empty values are left out unless <see cref="KeepsEmptyLabels"/>.</param>
    /// <param name="timestampMs">UTC milliseconds; null leaves the time to the scraper.</param>
    public void Sample(string name, ReadOnlySpan<(string Name, string Value)> labels, double value, long? timestampMs = null)
    {
        var bare = LabelText.IsLegacyMetricName(name);
        if (bare)
        {
            Text(name);
        }

        var open = false;
        if (!bare)
        {
            Raw("{"u8);
            Quoted(name);
            open = true;
        }

        foreach (var (labelName, labelValue) in labels)
        {
            if (labelValue.Length > 0 || KeepsEmptyLabels)
            {
                Raw(open ? ","u8 : "{"u8);
                open = true;
                Label(labelName, labelValue);
            }
        }

        End(open, value, timestampMs);
    }

    /// <summary>Writes one sample of a series; its labels hold the name.</summary>
    public void Sample(LabelSet series, double value, long? timestampMs = null)
    {
        var labels = new List<(string, string)>();
        foreach (var label in series)
        {
            if (!label.Name.SequenceEqual("__name__"u8))
            {
                labels.Add((label.NameText, label.ValueText));
            }
        }

        Sample(series.MetricName, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(labels), value, timestampMs);
    }

    private void End(bool open, double value, long? timestampMs)
    {
        Raw(open ? "} "u8 : " "u8);
        Text(ExposedFloat.Format(value));
        if (timestampMs is { } time)
        {
            Raw(" "u8);
            Text(time.ToString());
        }

        Raw("\n"u8);
    }

    private void Label(string name, string value)
    {
        if (LabelText.IsLegacyLabelName(name))
        {
            Text(name);
        }
        else
        {
            Quoted(name);
        }

        Raw("=\""u8);
        Escaped(value, quotes: true);
        Raw("\""u8);
    }

    private void Name(string name)
    {
        if (LabelText.IsLegacyMetricName(name))
        {
            Text(name);
        }
        else
        {
            Quoted(name);
        }
    }

    private void Quoted(string text)
    {
        Raw("\""u8);
        Escaped(text, quotes: true);
        Raw("\""u8);
    }

    private void Escaped(string text, bool quotes)
    {
        if (text.AsSpan().IndexOfAny("\\\n\"") < 0)
        {
            Text(text);
            return;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\':
                    Raw(@"\\"u8);
                    break;
                case '\n':
                    Raw(@"\n"u8);
                    break;
                case '"' when quotes:
                    Raw("\\\""u8);
                    break;
                default:
                    var room = output.GetSpan(4);
                    output.Advance(rune.EncodeToUtf8(room));
                    break;
            }
        }
    }

    private void Text(string text) => Encoding.UTF8.GetBytes(text, output);

    private void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    private static ReadOnlySpan<byte> WordOf(MetricType type) => type switch
    {
        MetricType.Counter => "counter"u8,
        MetricType.Gauge or MetricType.Info or MetricType.StateSet => "gauge"u8,
        MetricType.Histogram or MetricType.GaugeHistogram => "histogram"u8,
        MetricType.Summary => "summary"u8,
        _ => "untyped"u8,
    };
}
