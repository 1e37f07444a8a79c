using System.Globalization;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Questions;
using Flyball.Pipelines.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Pipelines.Api;

/// <summary><c>GET /api/flyball/questions</c> and <c>/api/flyball/questions/{name}</c>; docs/api.md, "Questions".</summary>
public static class QuestionsApi
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 1000;

    // Clocks of CI systems run ahead of ours; what they call the present must not be left out.
    private static readonly TimeSpan AheadOfUs = TimeSpan.FromMinutes(5);

    /// <summary>Maps them.</summary>
    public static void MapQuestionsApi(this IEndpointRouteBuilder routes, RunTracker tracker, TimeProvider time)
    {
        routes.MapGet("/api/flyball/questions", context => JsonAnswer.WriteAsync(context, WriteList));
        routes.MapGet("/api/flyball/questions/{name}", context => AskAsync(context, tracker, time));
    }

    private static async Task AskAsync(HttpContext context, RunTracker tracker, TimeProvider time)
    {
        var name = context.Request.RouteValues["name"] as string ?? "";
        if (QuestionList.Find(name) is not { } question)
        {
            await JsonAnswer.RefuseAsync(
                context, StatusCodes.Status404NotFound, $"\"{name}\" is no question; there are {string.Join(", ", QuestionList.All.Select(q => q.Name))}");
            return;
        }

        var query = context.Request.Query;
        var now = TimestampNs.Now(time);
        if (!TryReadFrame(query, question, now, out var since, out var until, out var limit, out var error)
            || !RunFilter.TryRead(query, out var filter, out error)
            || !Arguments.TryRead(question.Parameters, p => query[p].ToString(), out var arguments, out error))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        try
        {
            using var rows = tracker.Rows();
            var scan = new RunScan(rows, filter.Accepts, tracker.Find) { Since = since, Until = until, Now = now, Limit = limit };
            var answer = question.Ask(scan, arguments);
            await JsonAnswer.WriteAsync(context, json => Write(json, question, scan, answer));
        }
        catch (UnansweredException e)
        {
            await JsonAnswer.RefuseAsync(context, e.IsMissing ? StatusCodes.Status404NotFound : StatusCodes.Status400BadRequest, e.Message);
        }
    }

    private static bool TryReadFrame(
        IQueryCollection query, IQuestion question, TimestampNs now, out TimestampNs since, out TimestampNs until, out int limit, out string error)
    {
        error = "";
        (since, until, limit) = (Before(now, question.LooksBack), new TimestampNs(now.Value + ((ulong)AheadOfUs.Ticks * 100)), DefaultLimit);
        string[] known = [.. question.Parameters.Select(p => p.Name), "since", "until", "limit", .. RunFilter.Names];
        if (query.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
        {
            error = $"{question.Name} has no parameter \"{unknown}\"; it takes {string.Join(", ", known)}";
        }
        else if (query["since"].ToString() is { Length: > 0 } from && !TryReadTime(from, now, out since))
        {
            error = $"since is \"{from}\"; give a length of time like 36h or 7d, RFC 3339 or Unix seconds";
        }
        else if (query["until"].ToString() is { Length: > 0 } to && !TryReadTime(to, now, out until))
        {
            error = $"until is \"{to}\"; give a length of time like 36h or 7d, RFC 3339 or Unix seconds";
        }
        else if (until <= since)
        {
            error = "until is not after since; swap them, or leave one out";
        }
        else if (query["limit"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostLimit))
        {
            error = $"limit is \"{text}\"; give a number from 1 to {MostLimit}";
        }

        return error.Length == 0;
    }

    // Lengths of time count back from the present.
    internal static bool TryReadTime(string text, TimestampNs now, out TimestampNs time)
    {
        time = default;
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            time = new TimestampNs(seconds * 1_000_000_000UL);
            return true;
        }

        if (DurationText.TryParse(text, out var duration))
        {
            time = duration.Value > TimeSpan.MaxValue.TotalMilliseconds ? default : Before(now, duration.ToTimeSpan());
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return false;
        }

        time = TimestampNs.From(at);
        return true;
    }

    private static TimestampNs Before(TimestampNs now, TimeSpan span) => new(now.Value - Math.Min(now.Value, (ulong)span.Ticks * 100));

    private static void WriteList(Utf8JsonWriter json)
    {
        json.WriteStartArray("questions");
        foreach (var question in QuestionList.All)
        {
            json.WriteStartObject();
            json.WriteString("name", question.Name);
            json.WriteString("about", question.About);
            json.WriteString("looksBack", DurationText.Format(DurationMs.From(question.LooksBack)));
            json.WriteStartArray("parameters");
            foreach (var parameter in question.Parameters)
            {
                json.WriteStartObject();
                json.WriteString("name", parameter.Name);
                json.WriteString("kind", Camel(parameter.Kind.ToString()));
                json.WriteString("default", parameter.Default);
                json.WriteString("about", parameter.About);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (question.PromQL.Length > 0)
            {
                json.WriteString("promql", question.PromQL);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, IQuestion question, RunScan scan, Answer answer)
    {
        json.WriteString("question", question.Name);
        json.WriteString("since", RunJson.Rfc3339(scan.Since));
        json.WriteString("until", RunJson.Rfc3339(scan.Until));
        json.WriteNumber("total", answer.Total);
        json.WriteStartObject("facts");
        foreach (var (name, value) in answer.Facts)
        {
            WriteValue(json, name, value);
        }

        json.WriteEndObject();
        json.WriteStartArray("columns");
        foreach (var column in answer.Columns)
        {
            json.WriteStartObject();
            json.WriteString("name", column.Name);
            json.WriteString("kind", Camel(column.Kind.ToString()));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in answer.Rows)
        {
            json.WriteStartObject();
            for (var i = 0; i < row.Length; i++)
            {
                WriteValue(json, answer.Columns[i].Name, row[i]);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null or "":
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case double number:
                json.WriteNumber(name, Math.Round(number, 6));
                break;
            case TimestampNs at:
                json.WriteString(name, RunJson.Rfc3339(at));
                break;
            default:
                json.WriteString(name, value is TraceId id ? id.ToString() : (string)value);
                break;
        }
    }

    private static string Camel(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
