using System.Text;
using Flyball.Ingest.Exposition;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Cli.Commands;

/// <summary>Writes samples as lines: those of <c>promtool tsdb dump</c>, and OpenMetrics.</summary>
internal sealed class TsdbText(TextWriter to)
{
    /// <summary>A line per sample: labels in braces, value, milliseconds.</summary>
    /// <returns>Lines written.</returns>
    public long Dump(ISeriesSelection selection, CancellationToken cancellationToken) => Walk(selection, (labels, samples, i) =>
    {
        var histogram = samples.HasHistograms ? samples.Histograms[i] : null;
        to.Write(Braced(labels.AsPairs()));
        to.Write(' ');
        to.Write(histogram is null ? ExpositionTextWriter.FormatValue(samples.Values[i]) : HistogramText.Format(histogram));
        to.Write(' ');
        to.Write(samples.TimestampsMs[i]);
        to.Write('\n');
        return true;
    }, cancellationToken);

    /// <summary>OpenMetrics text, ended by <c># EOF</c>; native histograms, which it cannot say, are left out.</summary>
    /// <returns>Samples written.</returns>
    public long OpenMetrics(ISeriesSelection selection, CancellationToken cancellationToken)
    {
        var written = Walk(selection, (labels, samples, i) =>
        {
            if (samples.HasHistograms && samples.Histograms[i] is not null)
            {
                return false;
            }

            var name = labels.MetricName;
            var rest = labels.AsPairs().Where(l => l.Key != LabelSet.MetricNameLabel);
            if (LabelText.IsLegacyMetricName(name))
            {
                to.Write(name);
                to.Write(Strict(rest));
            }
            else
            {
                to.Write(Strict(rest, name));
            }

            to.Write(' ');
            to.Write(ExpositionTextWriter.FormatValue(samples.Values[i]));
            to.Write(' ');
            to.Write((samples.TimestampsMs[i] / 1000m).ToString("0.000"));
            to.Write('\n');
            return true;
        }, cancellationToken);
        to.Write("# EOF\n");
        return written;
    }

    private static long Walk(ISeriesSelection selection, Func<LabelSet, SampleColumns, int, bool> line, CancellationToken cancellationToken)
    {
        long lines = 0;
        using var samples = new SampleColumns();
        for (var series = 0; series < selection.Count; series++)
        {
            samples.Clear();
            selection.Read(series, samples, cancellationToken);
            for (var i = 0; i < samples.Count; i++)
            {
                lines += line(selection.Labels(series), samples, i) ? 1 : 0;
            }
        }

        return lines;
    }

    private static string Braced(IEnumerable<KeyValuePair<string, string>> labels) =>
        "{" + string.Join(", ", labels.Select(l => (LabelText.IsLegacyLabelName(l.Key) ? l.Key : Quoted(l.Key)) + "=" + Quoted(l.Value))) + "}";

    // OpenMetrics has no blanks here and three escapes; older readers insist on that. A name that needs quotes stands first.
    private static string Strict(IEnumerable<KeyValuePair<string, string>> labels, string? quotedName = null)
    {
        var text = new StringBuilder();
        if (quotedName is not null)
        {
            LabelText.AppendQuoted(text.Append('{'), quotedName);
        }

        foreach (var (name, value) in labels)
        {
            text.Append(text.Length == 0 ? '{' : ',');
            if (LabelText.IsLegacyLabelName(name))
            {
                text.Append(name);
            }
            else
            {
                LabelText.AppendQuoted(text, name);
            }

            LabelText.AppendQuoted(text.Append('='), value);
        }

        return text.Length == 0 ? "" : text.Append('}').ToString();
    }

    // As Go's strconv.Quote: control characters by their short names or numbers.
    private static string Quoted(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var rune in value.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' or '\\' => text.Append('\\').Append((char)rune.Value),
                '\a' => text.Append("\\a"),
                '\b' => text.Append("\\b"),
                '\f' => text.Append("\\f"),
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                '\v' => text.Append("\\v"),
                < ' ' or 0x7f => text.Append("\\x").Append(rune.Value.ToString("x2")),
                _ when Rune.IsControl(rune) => text.Append("\\u").Append(rune.Value.ToString("x4")),
                _ => text.Append(rune.ToString()),
            };
        }

        return text.Append('"').ToString();
    }
}
