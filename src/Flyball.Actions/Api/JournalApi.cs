using System.Globalization;
using System.Text.Json;
using Flyball.Durable.Journal;
using Flyball.Model.Journaling;
using Microsoft.AspNetCore.Http;

namespace Flyball.Actions.Api;

/// <summary>The journal, newest first, and whether it is whole.</summary>
internal sealed class JournalApi(IJournal journal, Func<long, CancellationToken, JournalVerdict> verify)
{
    /// <summary>Entries are read in stretches backwards until the page is full; a filter that matches little reads all of it.</summary>
    private const int Stretch = 500;

    public async Task ListAsync(HttpContext context)
    {
        if (await Answers.ReadLimitAsync(context) is not { } limit)
        {
            return;
        }

        var head = journal.Head;
        var before = head;
        if (context.Request.Query["before"].ToString() is { Length: > 0 } cursor
            && !long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out before))
        {
            await Answers.RefuseAsync(context, StatusCodes.Status400BadRequest, $"before is \"{cursor}\"; give the \"next\" of the page before");
            return;
        }

        var kind = context.Request.Query["kind"].ToString();
        var subject = context.Request.Query["subject"].ToString();
        var page = await ReadBackwardsAsync(
            Math.Min(before, head), limit, e => Matches(kind, e.Draft.Kind) && (subject.Length == 0 || e.Draft.Subject == subject),
            context.RequestAborted);
        await Answers.WriteAsync(context, json =>
        {
            json.WriteStartArray("entries");
            foreach (var entry in page)
            {
                WriteEntry(json, entry);
            }

            json.WriteEndArray();
            if (page.Count == limit && page[^1].Position > 0)
            {
                json.WriteString("next", $"{page[^1].Position}");
            }

            json.WriteNumber("head", head);
        });
    }

    public Task VerifyAsync(HttpContext context)
    {
        var verdict = verify(journal.Head, context.RequestAborted);
        return Answers.WriteAsync(context, json =>
        {
            json.WriteBoolean("ok", verdict.Ok);
            json.WriteNumber("entries", verdict.Entries);
            json.WriteString("hash", verdict.Hash);
            if (verdict.Damage is { } damage)
            {
                json.WriteNumber("firstBad", damage.Position);
                json.WriteString("error", $"{Path.GetFileName(damage.Path)}, byte {damage.Offset}: {damage.What}");
            }
        });
    }

    /// <summary>Writes an entry as docs/api.md shows it.</summary>
    internal static void WriteEntry(Utf8JsonWriter json, JournalEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("position", entry.Position);
        json.WriteString("at", entry.At.ToString());
        json.WriteString("kind", entry.Draft.Kind);
        json.WriteString("actor", entry.Draft.Actor);
        json.WriteString("subject", entry.Draft.Subject);
        json.WriteString("reason", entry.Draft.Reason);
        json.WritePropertyName("details");
        WriteDetails(json, entry.Draft.Details);
        json.WriteString("hash", entry.Hash);
        json.WriteString("previousHash", entry.PreviousHash);
        json.WriteEndObject();
    }

    // "action" means every kind below it.
    private static bool Matches(string wanted, string kind) =>
        wanted.Length == 0 || kind == wanted || kind.StartsWith(wanted + ".", StringComparison.Ordinal);

    private static void WriteDetails(Utf8JsonWriter json, ReadOnlyMemory<byte> details)
    {
        try
        {
            using var document = JsonDocument.Parse(details.IsEmpty ? "{}"u8.ToArray() : details);
            document.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteBase64StringValue(details.Span);
        }
    }

    private async Task<List<JournalEntry>> ReadBackwardsAsync(
        long until, int limit, Func<JournalEntry, bool> filter, CancellationToken cancellationToken)
    {
        var page = new List<JournalEntry>();
        while (until > 0 && page.Count < limit)
        {
            var from = Math.Max(0, until - Stretch);
            var stretch = new List<JournalEntry>();
            await foreach (var entry in journal.ReadAsync(from, cancellationToken))
            {
                if (entry.Position >= until)
                {
                    break;
                }

                if (filter(entry))
                {
                    stretch.Add(entry);
                }
            }

            stretch.Reverse();
            page.AddRange(stretch.Take(limit - page.Count));
            until = from;
        }

        return page;
    }
}

/// <summary>Entries as JSON, for live views.</summary>
public static class JournalJson
{
    /// <summary>Writes an entry as one object, as docs/api.md shows it.</summary>
    public static void Write(Utf8JsonWriter json, JournalEntry entry) => JournalApi.WriteEntry(json, entry);
}
