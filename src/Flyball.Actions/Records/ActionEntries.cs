using System.Globalization;
using System.Text.Json;
using Flyball.Model.Journaling;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Actions.Records;

/// <summary>How decisions and executions stand in the journal. Kinds, details and order: docs/actions.md, "In the journal".</summary>
internal static class ActionEntries
{
    public const string Allowed = "action.allowed";
    public const string Refused = "action.refused";
    public const string DryRun = "action.dry_run";
    public const string Started = "action.started";
    public const string Succeeded = "action.succeeded";
    public const string Failed = "action.failed";
    public const string Interrupted = "action.interrupted";

    /// <summary>The entry of a decision.</summary>
    public static JournalDraft Decision(ActionRecord record)
    {
        var kind = record.Status switch
        {
            ActionStatus.Refused => Refused,
            ActionStatus.DryRun => DryRun,
            _ => Allowed,
        };
        return new JournalDraft(kind, "policy:" + record.Policy, record.Id, record.Reason, Details(json =>
        {
            json.WriteString("policy", record.Policy);
            json.WriteString("action", record.Action);
            json.WriteString("executor", record.Executor);
            Text(json, "rule", record.Rule);
            Text(json, "group", record.Group);
            Text(json, "run", record.Run);
            Text(json, "what", record.Summary);
            Time(json, "causedAtNs", record.CausedAt);
            json.WriteStartObject("labels");
            foreach (var (name, value) in record.Alert.AsPairs())
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }));
    }

    /// <summary>The entry that comes before an attempt.</summary>
    public static JournalDraft Attempt(ActionRecord record) =>
        new(Started, "policy:" + record.Policy, record.Id, record.Summary, Details(json => Text(json, "run", record.Run)));

    /// <summary>The entry of an outcome.</summary>
    public static JournalDraft Outcome(ActionRecord record, bool interrupted)
    {
        var kind = interrupted ? Interrupted : record.Status == ActionStatus.Succeeded ? Succeeded : Failed;
        var reason = record.Status == ActionStatus.Succeeded ? "it went well" : record.Error;
        return new JournalDraft(kind, "policy:" + record.Policy, record.Id, reason, Details(json =>
        {
            Text(json, "run", record.Run);
            Time(json, "startedAtNs", record.StartedAt);
            Time(json, "finishedAtNs", record.FinishedAt);
            Text(json, "output", record.Output);
            Text(json, "error", record.Error);
            if (record.Code is { } code)
            {
                json.WriteNumber("code", code);
            }
        }));
    }

    /// <summary>What an entry makes of a record; null if it is not about actions or does not fit.</summary>
    /// <param name="before">The record so far; null if there is none.</param>
    public static ActionRecord? Apply(JournalEntry entry, ActionRecord? before)
    {
        if (!entry.Draft.Kind.StartsWith("action.", StringComparison.Ordinal))
        {
            return null;
        }

        using var document = Parse(entry.Draft.Details);
        if (document is null)
        {
            return null;
        }

        var details = document.RootElement;
        var at = TimestampNs.From(entry.At);
        return entry.Draft.Kind switch
        {
            Allowed => Decided(entry, details, ActionStatus.Allowed),
            Refused => Decided(entry, details, ActionStatus.Refused),
            DryRun => Decided(entry, details, ActionStatus.DryRun),
            Started => before is null ? null : before with { Status = ActionStatus.Running, StartedAt = at },
            Succeeded => before is null ? null : Ended(before, details, ActionStatus.Succeeded, at),
            Failed or Interrupted => before is null ? null : Ended(before, details, ActionStatus.Failed, at),
            _ => null,
        };
    }

    private static ActionRecord Decided(JournalEntry entry, JsonElement details, ActionStatus status)
    {
        var labels = new LabelSetBuilder();
        if (details.TryGetProperty("labels", out var all) && all.ValueKind == JsonValueKind.Object)
        {
            foreach (var label in all.EnumerateObject())
            {
                labels.Set(label.Name, label.Value.GetString() ?? "");
            }
        }

        return new ActionRecord(entry.Draft.Subject, Text(details, "policy"), Text(details, "action"), Text(details, "executor"))
        {
            Status = status,
            Rule = Text(details, "rule"),
            Reason = entry.Draft.Reason,
            Alert = labels.Build(),
            Group = Text(details, "group"),
            Run = Text(details, "run"),
            Summary = Text(details, "what"),
            DecidedAt = entry.At,
            CausedAt = Time(details, "causedAtNs"),
        };
    }

    private static ActionRecord Ended(ActionRecord before, JsonElement details, ActionStatus status, TimestampNs at) => before with
    {
        Status = status,
        StartedAt = Time(details, "startedAtNs") ?? before.StartedAt,
        FinishedAt = Time(details, "finishedAtNs") ?? at,
        Output = Text(details, "output"),
        Error = Text(details, "error"),
        Code = details.TryGetProperty("code", out var code) && code.TryGetInt32(out var number) ? number : null,
    };

    private static JsonDocument? Parse(ReadOnlyMemory<byte> details)
    {
        try
        {
            var document = JsonDocument.Parse(details);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
            // Not written by this code: the journal takes any bytes. It cannot be a decision of ours.
        }

        return null;
    }

    private static byte[] Details(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static string Text(JsonElement details, string name) =>
        details.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    // Nanoseconds as text: JSON's readers in browsers keep 53 bits of a number.
    private static TimestampNs? Time(JsonElement details, string name) =>
        ulong.TryParse(Text(details, name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? new TimestampNs(value) : null;

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
            json.WriteString(name, value.Value.ToString(CultureInfo.InvariantCulture));
        }
    }
}
