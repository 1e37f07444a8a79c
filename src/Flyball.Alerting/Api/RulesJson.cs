using System.Globalization;
using System.Text.Json;
using Flyball.Alerting.Rules;
using Flyball.Model.Alerts;

namespace Flyball.Alerting.Api;

/// <summary>Rules and alerts as <c>/api/v1/rules</c> and <c>/api/v1/alerts</c> show them. Source: Prometheus documentation, "Recording and alerting rules".</summary>
public static class RulesJson
{
    /// <summary>Writes one alert.</summary>
    public static void Write(Utf8JsonWriter json, AlertSnapshot alert)
    {
        json.WriteStartObject();
        json.WriteLabels("labels", alert.Labels);
        json.WriteLabels("annotations", alert.Annotations);
        json.WriteString("state", StateOf(alert.State));
        json.WriteString("activeAt", PrometheusJson.Rfc3339(alert.ActiveAt));
        if (alert.KeptSince is { } kept)
        {
            json.WriteString("keepFiringSince", PrometheusJson.Rfc3339(kept));
        }

        json.WriteString("value", Exponential(alert.Value));
        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, RuleGroupSnapshot group, IEnumerable<RuleSnapshot> rules, bool excludeAlerts)
    {
        json.WriteStartObject();
        json.WriteString("name", group.Name);
        json.WriteString("file", group.File);
        json.WriteStartArray("rules");
        foreach (var rule in rules)
        {
            Write(json, rule, excludeAlerts);
        }

        json.WriteEndArray();
        json.WriteNumber("interval", group.Interval.ToSeconds());
        json.WriteNumber("limit", group.Limit);
        json.WriteNumber("evaluationTime", group.EvaluationTime.TotalSeconds);
        json.WriteString("lastEvaluation", PrometheusJson.Rfc3339(group.LastEvaluation));
        if (group.IsReactive)
        {
            json.WriteBoolean("reactive", true);
        }

        json.WriteEndObject();
    }

    internal static string StateOf(AlertState state) => state switch
    {
        AlertState.Firing => "firing",
        AlertState.Pending => "pending",
        _ => "inactive",
    };

    private static void Write(Utf8JsonWriter json, RuleSnapshot rule, bool excludeAlerts)
    {
        json.WriteStartObject();
        if (rule.IsAlert)
        {
            json.WriteString("state", StateOf(rule.State));
        }

        json.WriteString("name", rule.Name);
        json.WriteString("query", rule.Query);
        if (rule.IsAlert)
        {
            json.WriteNumber("duration", rule.For.ToSeconds());
            json.WriteNumber("keepFiringFor", rule.KeepFiringFor.ToSeconds());
            json.WriteLabels("labels", rule.Labels);
            json.WriteLabels("annotations", rule.Annotations);
            json.WriteStartArray("alerts");
            foreach (var alert in excludeAlerts ? [] : rule.Alerts)
            {
                Write(json, alert);
            }

            json.WriteEndArray();
        }
        else if (!rule.Labels.IsEmpty)
        {
            json.WriteLabels("labels", rule.Labels);
        }

        json.WriteString("health", rule.Health);
        if (rule.LastError.Length > 0)
        {
            json.WriteString("lastError", rule.LastError);
        }

        json.WriteNumber("evaluationTime", rule.EvaluationTime.TotalSeconds);
        json.WriteString("lastEvaluation", PrometheusJson.Rfc3339(rule.LastEvaluation));
        json.WriteString("type", rule.IsAlert ? "alerting" : "recording");
        json.WriteEndObject();
    }

    // Go's %e with the shortest digits: 1e+00, 2.5e-03.
    private static string Exponential(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        }

        for (var digits = 0; ; digits++)
        {
            var text = value.ToString("E" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (digits == 16 || double.Parse(text, CultureInfo.InvariantCulture) == value)
            {
                // The framework writes at least three digits of exponent, Go at least two.
                var exponent = text[^3] == '0' ? text[^2..] : text[^3..];
                return text[..^5] + "e" + text[^4] + exponent;
            }
        }
    }
}
