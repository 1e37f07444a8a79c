using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.TestReports;
using Flyball.Pipelines.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Pipelines.Api;

/// <summary><c>POST /api/flyball/tests/junit</c>, <c>GET /api/flyball/tests</c>, <c>GET /api/flyball/tests/history</c>; docs/api.md, "Tests".</summary>
public static class TestsApi
{
    private const int MostBodyBytes = 64 << 20;
    private const int DefaultLimit = 50;
    private const int MostLimit = 1000;
    private const int RecentOfEach = 20;

    /// <summary>Maps them.</summary>
    public static void MapTestsApi(this IEndpointRouteBuilder routes, TestResults results, RunTracker tracker, TimeProvider time)
    {
        routes.MapPost("/api/flyball/tests/junit", context => TakeAsync(context, results, tracker, time));
        routes.MapGet("/api/flyball/tests", context => ListAsync(context, results, time));
        routes.MapGet("/api/flyball/tests/history", context => HistoryAsync(context, results));
    }

    private static async Task TakeAsync(HttpContext context, TestResults results, RunTracker tracker, TimeProvider time)
    {
        if (Describe(context.Request.Query, tracker, TimestampNs.Now(time), out var report) is { Length: > 0 } error)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        JUnitContent content;
        try
        {
            using var body = await RequestBody.ReadAsync(context, MostBodyBytes);
            if (body is null)
            {
                await JsonAnswer.RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"the report is larger than {MostBodyBytes} bytes; send it in parts");
                return;
            }

            content = JUnitReader.Read(body);
        }
        catch (InvalidDataException)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "the body is not gzip, though Content-Encoding says so");
            return;
        }

        if (content.Cases.Count == 0 && content.Problem.Length > 0)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, content.Problem);
            return;
        }

        await KeepAsync(context, results, report! with { Cases = content.Cases }, content.Problem);
    }

    private static async Task KeepAsync(HttpContext context, TestResults results, TestReport report, string problem)
    {
        try
        {
            await results.AddAsync(report, context.RequestAborted);
        }
        catch (IOException)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the report could not be written to disk; send it again");
            return;
        }

        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteNumber("total", report.Cases.Count);
            foreach (var result in Enum.GetValues<TestVerdict>())
            {
                json.WriteNumber(TestWords.Of(result), report.Cases.Count(c => c.Result == result));
            }

            if (problem.Length > 0)
            {
                json.WriteString("problem", $"{problem}; what stands before was kept");
            }
        });
    }

    // What the caller does not say about the run, the run says itself if it is known.
    private static string Describe(IQueryCollection query, RunTracker tracker, TimestampNs now, out TestReport? report)
    {
        report = null;
        string Said(string parameter) => query[parameter].ToString();
        var attempt = 1;
        if (Said("attempt") is { Length: > 0 } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out attempt) || attempt < 1))
        {
            return $"attempt is \"{text}\"; give a number from 1";
        }

        var trace = default(TraceId);
        if (Said("trace_id") is { Length: > 0 } id && !TraceId.TryParse(id, out trace))
        {
            return $"trace_id is \"{id}\"; give 32 hex digits, or system and run";
        }

        if (trace.IsZero && Said("run").Length > 0)
        {
            if (Said("system").Length == 0)
            {
                return "run is given without system; name the CI system whose run it is";
            }

            trace = new RunKey(Said("system"), Said("instance"), Said("run"), attempt).DeriveTraceId();
        }

        var run = trace.IsZero ? null : tracker.Find(trace);
        string Known(string parameter, string? known) => Said(parameter) is { Length: > 0 } said ? said : known ?? "";
        report = new TestReport
        {
            Run = trace,
            At = now,
            System = Known("system", run?.Key.System),
            RunId = Known("run", run?.Key.Run),
            Number = Known("number", run?.Number),
            Attempt = run?.Key.Attempt ?? attempt,
            Pipeline = Known("pipeline", run?.Pipeline),
            Task = Said("task"),
            Repository = Known("repository", run?.Vcs.RepositoryUrl),
            Branch = Known("branch", run?.Vcs.HeadName),
            Commit = Known("commit", run?.Vcs.Commit),
            Actor = Known("actor", run?.Actor),
            Cases = [],
        };
        return "";
    }

    private static async Task ListAsync(HttpContext context, TestResults results, TimeProvider time)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(query, out var limit, out var error) || !TryReadSince(query, time, out var since, out error)
            || !TryReadOrder(query, out var order, out error))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var search = query["search"].ToString();
        var histories = results.Histories(r => r.At >= since && IsAbout(r, query), context.RequestAborted)
            .Where(h => search.Length == 0 || $"{h.Test.Suite} {h.Test.ClassName} {h.Test.Name}".Contains(search, StringComparison.OrdinalIgnoreCase));
        TestHistory[] shown = [.. histories.OrderByDescending(order).ThenByDescending(h => h.Executions).Take(limit)];
        var recent = RecentExecutions.Of(shown.Select(h => h.Test), results.Reports().Where(r => r.Report.At >= since && IsAbout(r.Report, query)), RecentOfEach);
        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray("tests");
            foreach (var history in shown)
            {
                WriteHistory(json, history, recent[history.Test]);
            }

            json.WriteEndArray();
        });
    }

    private static async Task HistoryAsync(HttpContext context, TestResults results)
    {
        var query = context.Request.Query;
        if (!TryReadLimit(query, out var limit, out var error))
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, error);
            return;
        }

        var name = query["name"].ToString();
        if (name.Length == 0)
        {
            await JsonAnswer.RefuseAsync(context, StatusCodes.Status400BadRequest, "name is missing; give the test's name, and suite, class or file where several bear it");
            return;
        }

        bool IsIt(TestIdentity test) => test.Name == name && Same(query, "suite", test.Suite) && Same(query, "class", test.ClassName) && Same(query, "file", test.File);
        var found = results.Reports().Reverse().Where(r => IsAbout(r.Report, query))
            .SelectMany(r => r.Executions.Where(e => IsIt(e.Test)).Select(e => (r.Report, Execution: e))).Take(limit);
        await JsonAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray("executions");
            foreach (var (report, execution) in found)
            {
                WriteExecution(json, report, execution);
            }

            json.WriteEndArray();
        });
    }

    private static void WriteHistory(Utf8JsonWriter json, TestHistory history, List<(TestReport Report, Execution Execution)> recent)
    {
        json.WriteStartObject();
        WriteTest(json, history.Test);
        json.WriteNumber("executions", history.Executions);
        json.WriteNumber("failures", history.Failures);
        json.WriteNumber("skipped", history.Skipped);
        json.WriteString("last", TestWords.Of(history.Last));
        json.WriteNumber("meanSeconds", Math.Round(history.MeanSeconds, 6));
        json.WriteNumber("mostSeconds", Math.Round(history.MostSeconds, 6));
        json.WriteNumber("mixedCommits", history.MixedCommits);
        json.WriteNumber("judgedCommits", history.JudgedCommits);
        json.WriteNumber("flakiness", Math.Round(history.Flakiness, 4));
        json.WriteNumber("flakinessAtLeast", Math.Round(history.FlakinessAtLeast, 4));
        json.WriteString("lastMessage", history.LastMessage);
        json.WriteStartArray("recent");
        foreach (var (report, execution) in recent)
        {
            json.WriteStartObject();
            json.WriteString("result", TestWords.Of(execution.Result));
            json.WriteNumber("durationSeconds", Math.Round(execution.Seconds, 6));
            json.WriteString("at", RunJson.Rfc3339(report.At));
            json.WriteString("run", report.Run.IsZero ? "" : report.Run.ToString());
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteExecution(Utf8JsonWriter json, TestReport report, Execution execution)
    {
        json.WriteStartObject();
        WriteTest(json, execution.Test);
        json.WriteString("result", TestWords.Of(execution.Result));
        json.WriteNumber("durationSeconds", Math.Round(execution.Seconds, 6));
        json.WriteString("message", execution.Message);
        json.WriteString("at", RunJson.Rfc3339(report.At));
        json.WriteString("run", report.Run.IsZero ? "" : report.Run.ToString());
        json.WriteString("pipeline", report.Pipeline);
        json.WriteString("task", report.Task);
        json.WriteString("branch", report.Branch);
        json.WriteString("commit", report.Commit);
        json.WriteEndObject();
    }

    private static void WriteTest(Utf8JsonWriter json, TestIdentity test)
    {
        json.WriteString("suite", test.Suite);
        json.WriteString("class", test.ClassName);
        json.WriteString("name", test.Name);
        json.WriteString("file", test.File);
    }

    private static bool IsAbout(TestReport report, IQueryCollection query) =>
        Same(query, "pipeline", report.Pipeline) && Same(query, "branch", report.Branch) && Same(query, "repository", report.Repository)
        && Same(query, "task", report.Task) && Same(query, "run", report.Run.ToString())
        && report.Commit.StartsWith(query["commit"].ToString(), StringComparison.OrdinalIgnoreCase);

    private static bool Same(IQueryCollection query, string parameter, string value) =>
        query[parameter].ToString() is var wanted && (wanted.Length == 0 || wanted == value);

    private static bool TryReadLimit(IQueryCollection query, out int limit, out string error)
    {
        limit = DefaultLimit;
        error = query["limit"].ToString() is { Length: > 0 } text
            && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostLimit)
                ? $"limit is \"{text}\"; give a number from 1 to {MostLimit}"
                : "";
        return error.Length == 0;
    }

    private static bool TryReadSince(IQueryCollection query, TimeProvider time, out TimestampNs since, out string error)
    {
        since = default;
        error = "";
        if (query["since"].ToString() is not { Length: > 0 } text)
        {
            return true;
        }

        if (!DurationText.TryParse(text, out var ago))
        {
            error = $"since is \"{text}\"; give a duration such as 7d";
            return false;
        }

        since = TimestampNs.From(time.GetUtcNow() - ago.ToTimeSpan());
        return true;
    }

    private static bool TryReadOrder(IQueryCollection query, out Func<TestHistory, double> order, out string error)
    {
        var word = query["sort"].ToString();
        error = "";
        order = word switch
        {
            "" or "flakiness" => h => h.FlakinessAtLeast,
            "failures" => h => h.Failures,
            "duration" => h => h.MeanSeconds,
            "executions" => h => h.Executions,
            _ => static _ => 0,
        };
        if (word is not ("" or "flakiness" or "failures" or "duration" or "executions"))
        {
            error = $"sort is \"{word}\"; it is one of flakiness, failures, duration, executions";
        }

        return error.Length == 0;
    }
}
