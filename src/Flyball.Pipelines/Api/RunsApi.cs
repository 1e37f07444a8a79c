using System.Globalization;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Text;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Pipelines.Api;

/// <summary>What the runs API shows beside the runs themselves; whoever hosts it joins the rooms that know.</summary>
public sealed record RunsApiSources
{
    /// <summary>Where the waterfall's spans are; null = no spans are shown.</summary>
    public ISpanSource? Spans { get; init; }

    /// <summary>Writes the objects of the <c>alerts</c> list of a run, into an array that is open; null = none.</summary>
    public Action<Utf8JsonWriter, PipelineRun>? WriteAlerts { get; init; }

    /// <summary>Writes the objects of the <c>actions</c> list of a run, into an array that is open; null = none.</summary>
    public Func<Utf8JsonWriter, PipelineRun, CancellationToken, ValueTask>? WriteActions { get; init; }
}

/// <summary><c>GET /api/flyball/runs</c> and <c>/api/flyball/runs/{id}</c>; docs/api.md.</summary>
public static class RunsApi
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 1000;
    private const ulong ClockSkewNs = 60_000_000_000;

    private static readonly string[] Parameters = [.. RunFilter.Names, .. RunOrder.Names, "since", "until", "limit", "before"];

    /// <summary>Maps them.</summary>
    public static void MapRunsApi(this IEndpointRouteBuilder routes, RunTracker tracker, RunsApiSources sources, TimeProvider time)
    {
        routes.MapGet("/api/flyball/runs", context => ListAsync(context, tracker, time));
        routes.MapGet("/api/flyball/runs/{id}", context => ShowAsync(context, tracker, sources, time));
    }

    private static async Task ListAsync(HttpContext context, RunTracker tracker, TimeProvider time)
    {
        var query = context.Request.Query;
        var now = TimestampNs.Now(time);
        if (query.Keys.FirstOrDefault(k => !Parameters.Contains(k)) is { } unknown)
        {
            await JsonAnswer.RefuseAsync(
                context, StatusCodes.Status400BadRequest, $"\"{unknown}\" is no parameter of /api/flyball/runs{NearestWord.Suggest(unknown, Parameters)}");
            return;
        }

        if (!TryReadPage(query, out var limit, out var before, out var error) || !TryReadTimes(query, now, out var since, out var until, out error) || !RunFilter.TryRead(query, out var filter, out error)
            || !RunOrder.TryRead(query, now, out var order, out error))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        (ulong Key, TraceId Id)[] page;
        using (var rows = tracker.Rows())
        {
            page = order.Page(rows, r => r.Begin >= since && r.Begin <= until && filter.Accepts(r), before, limit + 1);
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray("runs");
            foreach (var (_, id) in page.Take(limit))
            {
                // A run may reach the end of its retention between the look and the answer.
                if (tracker.Find(id) is { } run)
                {
                    RunJson.WriteSummary(json, run, now);
                }
            }

            json.WriteEndArray();
            if (page.Length > limit)
            {
                json.WriteString("next", $"{page[limit - 1].Key}-{page[limit - 1].Id}");
            }
        });
    }

    private static async Task ShowAsync(HttpContext context, RunTracker tracker, RunsApiSources sources, TimeProvider time)
    {
        var id = context.Request.RouteValues["id"] as string ?? "";
        if (!TraceId.TryParse(id, out var trace))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, $"\"{id}\" is no run id: 32 hex digits are");
            return;
        }

        if (tracker.Find(trace) is not { } run)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status404NotFound, $"no run {id} is known; list them at /api/flyball/runs");
            return;
        }

        var stop = context.RequestAborted;
        var spans = sources.Spans is null ? null : await sources.Spans.ReadTraceAsync(trace, stop);
        var now = TimestampNs.Now(time);
        await JsonAnswer.WriteAsync(context, async json =>
        {
            RunJson.WriteFacts(json, run, now);
            WriteRelated(json, run, tracker);
            RunJson.WriteTasks(json, run, now);
            SpanJson.Write(json, spans);
            json.WriteStartArray("alerts");
            sources.WriteAlerts?.Invoke(json, run);
            json.WriteEndArray();
            json.WriteStartArray("actions");
            if (sources.WriteActions is not null)
            {
                await sources.WriteActions(json, run, stop);
            }

            json.WriteEndArray();
        });
    }

    private static bool TryReadTimes(IQueryCollection query, TimestampNs now, out ulong since, out ulong until, out string error)
    {
        (since, until, error) = (0, ulong.MaxValue, "");
        foreach (var name in (ReadOnlySpan<string>)["since", "until"])
        {
            if (query[name].ToString() is not { Length: > 0 } text)
            {
                continue;
            }

            if (!QuestionsApi.TryReadTime(text, now, out var time))
            {
                error = $"{name} is \"{text}\"; give a length of time like 36h or 7d, RFC 3339 or Unix seconds";
                return false;
            }

            (since, until) = name == "since" ? (time.Value, until) : (since, time.Value);
        }

        return true;
    }

    private static bool TryReadPage(IQueryCollection query, out int limit, out (ulong, TraceId)? before, out string error)
    {
        limit = DefaultLimit;
        before = null;
        error = "";
        if (query["limit"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostLimit))
        {
            error = $"limit is \"{text}\"; give a number from 1 to {MostLimit}";
        }
        else if (query["before"].ToString() is { Length: > 0 } cursor)
        {
            var dash = cursor.IndexOf('-', StringComparison.Ordinal);
            if (dash > 0 && ulong.TryParse(cursor.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var begin)
                && TraceId.TryParse(cursor.AsSpan(dash + 1), out var trace))
            {
                before = (begin, trace);
            }
            else
            {
                error = $"before is \"{cursor}\"; give the \"next\" of the page before";
            }
        }

        return error.Length == 0;
    }

    // Linked both ways: what this run names, and who names it as parent.
    private static void WriteRelated(Utf8JsonWriter json, PipelineRun run, RunTracker tracker)
    {
        // A child is never triggered before its parent; clocks may differ a little.
        var begin = MemoryRow.BeginOf(run);
        var named = new Matcher(MatchOp.Equal, "parent", run.Key.ToString());
        TraceId[] children;
        using (var rows = tracker.Rows())
        {
            children = [.. rows.Around(begin - Math.Min(begin, ClockSkewNs), ulong.MaxValue)
                .Where(r => r.Accepts(named, 0, RunColumn.Parent, RunRow.Whole)).Select(r => r.TraceId).Take(MostLimit)];
        }

        var related = run.Links.Select(k => k.DeriveTraceId()).Concat(children).Distinct().ToArray();
        if (related.Length > 0)
        {
            json.WriteStartArray("related");
            foreach (var trace in related)
            {
                json.WriteStringValue(trace.ToString());
            }

            json.WriteEndArray();
        }
    }
}
