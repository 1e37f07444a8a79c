using System.Text.Json;
using Flyball.Actions.Configuration;
using Flyball.Actions.Records;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Actions.Api;

/// <summary>Actions and policies as docs/api.md shows them.</summary>
public static class ActionJson
{
    /// <summary>The word for a status.</summary>
    public static string Word(ActionStatus status) => status switch
    {
        ActionStatus.Allowed => "allowed",
        ActionStatus.Refused => "refused",
        ActionStatus.DryRun => "dry_run",
        ActionStatus.Running => "running",
        ActionStatus.Succeeded => "succeeded",
        _ => "failed",
    };

    /// <summary>Writes a record as one object.</summary>
    public static void Write(Utf8JsonWriter json, ActionRecord record)
    {
        json.WriteStartObject();
        json.WriteString("id", record.Id);
        json.WriteString("policy", record.Policy);
        json.WriteString("action", record.Action);
        json.WriteString("executor", record.Executor);
        json.WriteString("status", Word(record.Status));
        Text(json, "rule", record.Rule);
        json.WriteString("reason", record.Reason);
        Text(json, "what", record.Summary);
        json.WriteStartObject("alert");
        json.WriteString("alertname", record.Alert["alertname"]);
        WriteLabels(json, record.Alert);
        json.WriteEndObject();
        Text(json, "run", record.Run);
        json.WriteString("decidedAt", record.DecidedAt.ToString());
        WriteTimes(json, record);
        Text(json, "output", record.Output);
        Text(json, "error", record.Error);
        if (record.Code is { } code)
        {
            json.WriteNumber("code", code);
        }

        json.WriteEndObject();
    }

    internal static void Write(Utf8JsonWriter json, PolicyConfig policy, TimestampMs? lastDecision)
    {
        json.WriteStartObject();
        json.WriteString("name", policy.Name);
        json.WriteStartArray("alerts");
        foreach (var matcher in policy.Alerts)
        {
            json.WriteStringValue(matcher.ToString());
        }

        json.WriteEndArray();
        Text(json, "condition", policy.Condition?.Text ?? "");
        json.WriteString("action", policy.Action.Name);
        json.WriteString("executor", policy.Action.Executor);
        json.WriteNumber("cooldownSeconds", policy.Cooldown.TotalSeconds);
        json.WriteStartArray("groupBy");
        foreach (var label in policy.GroupBy)
        {
            json.WriteStringValue(label);
        }

        json.WriteEndArray();
        if (policy.RateLimit is { } limit)
        {
            json.WriteStartObject("rateLimit");
            json.WriteNumber("count", limit.Count);
            json.WriteNumber("perSeconds", limit.Per.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteNumber("concurrency", policy.Concurrency);
        json.WriteBoolean("dryRun", policy.DryRun);
        if (lastDecision is { } at)
        {
            json.WriteString("lastDecisionAt", at.ToString());
        }

        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject("labels");
        foreach (var (name, value) in labels.AsPairs())
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteTimes(Utf8JsonWriter json, ActionRecord record)
    {
        Time(json, "startedAt", record.StartedAt);
        Time(json, "finishedAt", record.FinishedAt);
        Seconds(json, "durationSeconds", record.StartedAt, record.FinishedAt);
        Time(json, "causedAt", record.CausedAt);
        Seconds(json, "latencySeconds", record.CausedAt, record.StartedAt);
    }

    private static void Text(Utf8JsonWriter json, string name, string value)
    {
        if (value.Length > 0)
        {
            json.WriteString(name, value);
        }
    }

    private static void Time(Utf8JsonWriter json, string name, TimestampNs? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value.ToMs().ToString());
        }
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimestampNs? from, TimestampNs? until)
    {
        if (from is { } start && until is { } end)
        {
            json.WriteNumber(name, Math.Round(end > start ? (end.Value - start.Value) / 1e9 : 0, 6));
        }
    }
}
