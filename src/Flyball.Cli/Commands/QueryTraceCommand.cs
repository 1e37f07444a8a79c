using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Flyball.Model.Spans;
using Flyball.Traces.TraceQL;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball query trace</c>: a trace by its id, traces by a TraceQL search, or series by a TraceQL metrics query.</summary>
internal static class QueryTraceCommand
{
    public static Command Create(Func<ParseResult, ServerClient> client, Option<bool> json)
    {
        var query = new Argument<string>("id-or-query") { Description = "Trace id in hex, or TraceQL: a search or a metrics query" };
        var start = new Option<string?>("--start") { Description = "Unix seconds; with --end" };
        var end = new Option<string?>("--end") { Description = "Unix seconds; with --start" };
        var since = new Option<string?>("--since") { Description = "How far back a metrics query goes (default 1h)" };
        var step = new Option<string?>("--step") { Description = "Distance of the samples of a metrics query" };
        var limit = new Option<int>("--limit") { Description = "Most traces", DefaultValueFactory = _ => 20 };
        var command = new Command("trace", "Show a trace, or find traces with TraceQL") { query, start, end, since, step, limit };
        command.Runs(async (result, token) =>
        {
            using var server = client(result);
            var text = result.GetRequiredValue(query);
            var window = Parameter("start", result.GetValue(start)) + Parameter("end", result.GetValue(end));
            if (TraceId.TryParse(text, out _))
            {
                System.Console.WriteLine(Indented(await server.GetAsync("/api/traces/" + text, token)));
                return 0;
            }

            var isMetrics = IsMetrics(text);
            var answer = await server.GetAsync(
                isMetrics
                    ? $"/api/metrics/query_range?q={Uri.EscapeDataString(text)}{window}{Parameter("since", result.GetValue(since))}{Parameter("step", result.GetValue(step))}"
                    : $"/api/search?q={Uri.EscapeDataString(text)}{window}&limit={result.GetValue(limit)}",
                token);
            if (result.GetValue(json))
            {
                System.Console.WriteLine(Indented(answer));
            }
            else if (isMetrics)
            {
                PrintSeries(answer);
            }
            else
            {
                PrintTraces(answer);
            }

            return 0;
        });
        return command;
    }

    // Checked here, so that a mistyped query is refused with its column even where no server runs.
    private static bool IsMetrics(string query)
    {
        try
        {
            return new TraceQLSearch(query).IsMetricsQuery();
        }
        catch (TraceQLException e)
        {
            throw new CommandException(e.Message);
        }
    }

    private static void PrintTraces(JsonElement answer)
    {
        foreach (var trace in answer.GetProperty("traces").EnumerateArray())
        {
            var startNs = long.Parse(Text(trace, "startTimeUnixNano"), CultureInfo.InvariantCulture);
            var started = DateTimeOffset.UnixEpoch.AddTicks(startNs / 100);
            var duration = trace.TryGetProperty("durationMs", out var ms) ? ms.GetInt64() : 0;
            System.Console.WriteLine(
                $"{Text(trace, "traceID")}  {started:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}  {duration,8} ms  {Text(trace, "rootServiceName")}: {Text(trace, "rootTraceName")}");
        }
    }

    private static void PrintSeries(JsonElement answer)
    {
        foreach (var series in answer.GetProperty("series").EnumerateArray())
        {
            var labels = series.GetProperty("labels").EnumerateArray().Select(l => $"{Text(l, "key")}={ValueOf(l.GetProperty("value"))}");
            System.Console.WriteLine($"{{{string.Join(", ", labels)}}} =>");
            foreach (var sample in series.GetProperty("samples").EnumerateArray())
            {
                var value = sample.GetProperty("value").GetDouble().ToString("R", CultureInfo.InvariantCulture);
                System.Console.WriteLine($"{value} @[{Text(sample, "timestampMs")[..^3]}.{Text(sample, "timestampMs")[^3..]}]");
            }
        }
    }

    private static string ValueOf(JsonElement value)
    {
        var member = value.EnumerateObject().First().Value;
        return member.ValueKind == JsonValueKind.String ? $"\"{member.GetString()}\"" : member.GetRawText();
    }

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static string Indented(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
