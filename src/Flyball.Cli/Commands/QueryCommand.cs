using System.CommandLine;
using System.Text;
using System.Text.Json;
using Flyball.Model.Labels;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball query …</c>: asks a server and prints answers in promtool's form.</summary>
internal static class QueryCommand
{
    private static readonly Option<Uri> Server = ServerClient.ServerOption();
    private static readonly Option<string?> Token = ServerClient.TokenFileOption();
    private static readonly Option<bool> Json = new("--json") { Description = "Print the server's answer as it is", Recursive = true };

    private static Option<bool> ExplainOption() => new("--explain") { Description = "Also print what each part of the query did and took" };

    public static Command Create() => new("query", "Ask a server")
    {
        Server, Token, Json, Instant(), Range(), Series(), Labels(), QueryTraceCommand.Create(Client, Json), QueryRunsCommand.Create(Client, Json),
    };

    private static Command Instant()
    {
        var expression = new Argument<string>("expr") { Description = "PromQL expression" };
        var time = new Option<string?>("--time") { Description = "RFC 3339 or Unix seconds; now by default" };
        var explain = ExplainOption();
        var command = new Command("instant", "Evaluate a PromQL expression at one time") { expression, time, explain };
        command.Runs((result, token) => PrintAsync(
            result,
            $"/api/v1/query?query={Escape(result.GetRequiredValue(expression))}{Parameter("time", result.GetValue(time))}{Explain(result, explain)}",
            PrintResult,
            token));
        return command;
    }

    private static Command Range()
    {
        var expression = new Argument<string>("expr") { Description = "PromQL expression" };
        var start = new Option<string>("--start") { Description = "RFC 3339 or Unix seconds", Required = true };
        var end = new Option<string>("--end") { Description = "RFC 3339 or Unix seconds", Required = true };
        var step = new Option<string>("--step") { Description = "Duration or seconds", DefaultValueFactory = _ => "15s" };
        var explain = ExplainOption();
        var command = new Command("range", "Evaluate a PromQL expression over a range of time") { expression, start, end, step, explain };
        command.Runs((result, token) => PrintAsync(
            result,
            $"/api/v1/query_range?query={Escape(result.GetRequiredValue(expression))}{Parameter("start", result.GetValue(start))}"
            + $"{Parameter("end", result.GetValue(end))}{Parameter("step", result.GetValue(step))}{Explain(result, explain)}",
            PrintResult,
            token));
        return command;
    }

    private static Command Series()
    {
        var matchers = new Argument<string[]>("selector") { Description = "Series selectors", Arity = ArgumentArity.OneOrMore };
        var command = new Command("series", "List series") { matchers };
        command.Runs((result, token) => PrintAsync(
            result,
            "/api/v1/series?" + string.Join('&', result.GetRequiredValue(matchers).Select(m => "match[]=" + Escape(m))),
            data =>
            {
                foreach (var series in data.EnumerateArray())
                {
                    System.Console.WriteLine(LabelsOf(series));
                }
            },
            token));
        return command;
    }

    private static Command Labels()
    {
        var name = new Argument<string?>("name") { Description = "Label whose values are wanted; without it, label names", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("labels", "List label names, or the values of one") { name };
        command.Runs((result, token) => PrintAsync(
            result,
            result.GetValue(name) is { } label ? $"/api/v1/label/{Escape(label)}/values" : "/api/v1/labels",
            data =>
            {
                foreach (var item in data.EnumerateArray())
                {
                    System.Console.WriteLine(item.GetString());
                }
            },
            token));
        return command;
    }

    private static async Task<int> PrintAsync(ParseResult result, string path, Action<JsonElement> print, CancellationToken cancellationToken)
    {
        using var client = Client(result);
        var answer = await client.GetAsync(path, cancellationToken);
        if (result.GetValue(Json))
        {
            System.Console.WriteLine(Indented(answer));
            return 0;
        }

        foreach (var kind in new[] { "warnings", "infos" })
        {
            if (answer.TryGetProperty(kind, out var annotations))
            {
                foreach (var annotation in annotations.EnumerateArray())
                {
                    await System.Console.Error.WriteLineAsync(annotation.GetString());
                }
            }
        }

        print(answer.GetProperty("data"));
        return 0;
    }

    private static void PrintResult(JsonElement data)
    {
        var result = data.GetProperty("result");
        switch (data.GetProperty("resultType").GetString())
        {
            case "scalar":
                System.Console.WriteLine($"scalar: {result[1].GetString()} @[{result[0].GetRawText()}]");
                break;
            case "string":
                System.Console.WriteLine(result[1].GetString());
                break;
            case "vector":
                foreach (var sample in result.EnumerateArray())
                {
                    System.Console.WriteLine($"{LabelsOf(sample.GetProperty("metric"))} => {ValueOf(sample)}");
                }

                break;
            default:
                foreach (var series in result.EnumerateArray())
                {
                    System.Console.WriteLine($"{LabelsOf(series.GetProperty("metric"))} =>");
                    foreach (var point in PointsOf(series))
                    {
                        System.Console.WriteLine($"{point[1]} @[{point[0].GetRawText()}]");
                    }
                }

                break;
        }

        if (data.TryGetProperty("explain", out var plan))
        {
            System.Console.WriteLine();
            foreach (var line in ExplainTree.Render(plan))
            {
                System.Console.WriteLine(line);
            }
        }
    }

    private static string ValueOf(JsonElement sample)
    {
        var point = sample.TryGetProperty("value", out var value) ? value : sample.GetProperty("histogram");
        return $"{point[1]} @[{point[0].GetRawText()}]";
    }

    private static IEnumerable<JsonElement> PointsOf(JsonElement series)
    {
        foreach (var key in new[] { "values", "histograms" })
        {
            if (series.TryGetProperty(key, out var points))
            {
                foreach (var point in points.EnumerateArray())
                {
                    yield return point;
                }
            }
        }
    }

    private static string LabelsOf(JsonElement metric)
    {
        var builder = new LabelSetBuilder();
        foreach (var label in metric.EnumerateObject())
        {
            builder.Set(label.Name, label.Value.GetString() ?? "");
        }

        return builder.Build().ToString();
    }

    private static ServerClient Client(ParseResult result) => new(result.GetRequiredValue(Server), result.GetValue(Token));

    private static string Parameter(string name, string? value) => value is null ? "" : $"&{name}={Escape(value)}";

    private static string Explain(ParseResult result, Option<bool> explain) => result.GetValue(explain) ? "&explain=1" : "";

    private static string Escape(string value) => Uri.EscapeDataString(value);

    internal static string Indented(JsonElement element)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            element.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
