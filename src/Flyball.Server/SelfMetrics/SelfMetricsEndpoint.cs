using System.Text;
using Flyball.Model.Labels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.SelfMetrics;

/// <summary><c>GET /metrics</c>: the program's own metrics in text format 0.0.4.</summary>
internal static class SelfMetricsEndpoint
{
    private const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static void MapSelfMetrics(this IEndpointRouteBuilder routes, MetricRegistry registry) =>
        routes.MapGet("/metrics", () => Results.Text(Write(registry.Collect()), ContentType, Encoding.UTF8));

    internal static string Write(IReadOnlyList<MetricFamily> families)
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

        text.Append(' ').Append(FormatValue(value)).Append('\n');
    }

    private static string FormatValue(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => double.IsNaN(value) ? "NaN" : value.ToString("R"),
    };

    private static string EscapeHelp(string help) =>
        help.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
}
