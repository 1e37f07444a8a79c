using System.Buffers;
using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Text;

namespace Flyball.Server.SelfMetrics;

/// <summary>Writes the program's own metrics in text format 0.0.4.</summary>
internal static class SelfMetricsPage
{
    /// <summary>Writes the page as UTF-8.</summary>
    public static void Write(IBufferWriter<byte> page, IReadOnlyList<MetricFamily> families) => Encoding.UTF8.GetBytes(Write(families), page);

    public static string Write(IReadOnlyList<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var group in families.GroupBy(f => f.Name))
        {
            var first = group.First();
            text.Append("# HELP ").Append(first.Name).Append(' ').Append(EscapeHelp(first.Help)).Append('\n');
            text.Append("# TYPE ").Append(first.Name).Append(' ').Append(first.Kind.ToString().ToLowerInvariant()).Append('\n');
            foreach (var family in group)
            {
                family.Visit((suffix, labels, value) => AppendLine(text, family.Name + suffix, labels, value));
            }
        }

        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, string name, LabelSet labels, double value)
    {
        text.Append(name);
        if (!labels.IsEmpty)
        {
            var separator = '{';
            foreach (var label in labels)
            {
                text.Append(separator).Append(label.NameText).Append('=');
                LabelText.AppendQuoted(text, label.ValueText);
                separator = ',';
            }

            text.Append('}');
        }

        text.Append(' ').Append(GoFloat.ToText(value)).Append('\n');
    }

    private static string EscapeHelp(string help) =>
        help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
