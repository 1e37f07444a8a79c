using System.Diagnostics;
using System.Text.Json;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.Steps;

/// <summary>The real flyball-step in a real script, against a whole server: what it records is found by the questions people ask.</summary>
public sealed class StepEndToEndTests
{
    private static readonly string Step =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Flyball.Step", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "flyball-step"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_events_artefacts_attributes_and_nested_spans_arrive_in_the_trace_of_their_run()
    {
        await using var server = await RunningServer.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(server.Folder, "shop.tar.gz"), "twelve bytes", Stop);

        await RunAsync(server, """
            $STEP --run --pipeline shop --run-id 17 -- sh -c '
              $STEP --name build -- sh -c "
                $STEP metric coverage 81.4 --unit % --label suite=unit
                $STEP metric builds 2 --type counter
                $STEP metric lookup 0.3 --type histogram --unit s
                $STEP event deployed version=1.4.2
                $STEP attribute shop.theme=dark
                $STEP artifact shop.tar.gz
                $STEP span --name compile -- true"'
            $STEP --pipeline shop --run-id 18 --name build -- $STEP metric builds 3 --type counter
            """);

        var run = await OneAsync(server, "/api/flyball/runs?pipeline=shop&run=17", body => body.GetProperty("runs"));
        var trace = run.GetProperty("id").GetString()!;
        var (_, shown) = await server.GetAsync($"/api/flyball/runs/{trace}");
        Assert.Equal(["compile"], shown.GetProperty("tasks")[0].GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("name").GetString()));
        var text = shown.GetRawText();
        Assert.Contains("deployed", text, StringComparison.Ordinal);
        Assert.Contains("artifact.hash", text, StringComparison.Ordinal);

        Assert.Equal(trace, await TraceOfAsync(server, "{ span.shop.theme = \"dark\" }"));
        Assert.Equal(trace, await TraceOfAsync(server, "{ span.flyball.metric.coverage > 81 && event:name = \"deployed\" && event.version = \"1.4.2\" }"));
        Assert.Equal(81.4, await ValueAsync(server, "coverage_percent{suite=\"unit\",cicd_pipeline_name=\"shop\",cicd_pipeline_task_name=\"build\",job=\"shop\"}"));
        Assert.Equal(12, await ValueAsync(server, "flyball_artifact_size_bytes{artifact_filename=\"shop.tar.gz\"}"));
        Assert.Equal(5, await ValueAsync(server, "builds_total"));
        Assert.Equal(1, await ValueAsync(server, "lookup_seconds_count"));
        var (_, exemplars) = await server.GetAsync("/api/v1/query_exemplars?query=coverage_percent&start=0&end=9999999999");
        Assert.Equal(trace, exemplars.GetProperty("data")[0].GetProperty("exemplars")[0].GetProperty("labels").GetProperty("trace_id").GetString());
    }

    private static async Task RunAsync(RunningServer server, string script)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = server.Folder, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("set -e\n" + script);
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("FLYBALL", StringComparison.Ordinal) || n is "TRACEPARENT").ToList())
        {
            start.Environment.Remove(name);
        }

        start.Environment["STEP"] = Step;
        start.Environment["FLYBALL_SERVER"] = server.Client.BaseAddress!.ToString();
        start.Environment["FLYBALL_SPOOL"] = Path.Combine(server.Folder, "spool");
        using var shell = Process.Start(start)!;
        var errors = await shell.StandardError.ReadToEndAsync(Stop);
        await shell.WaitForExitAsync(Stop);
        Assert.Equal((0, ""), (shell.ExitCode, errors));
    }

    private static async Task<JsonElement> OneAsync(RunningServer server, string path, Func<JsonElement, JsonElement> list)
    {
        var (status, body) = await server.GetAsync(path);
        Assert.True(status == 200, body.GetRawText());
        return Assert.Single(list(body).EnumerateArray());
    }

    private static async Task<string?> TraceOfAsync(RunningServer server, string query)
    {
        var trace = await OneAsync(server, "/api/search?q=" + Uri.EscapeDataString(query), body => body.GetProperty("traces"));
        return trace.GetProperty("traceID").GetString()!.PadLeft(32, '0');
    }

    private static async Task<double> ValueAsync(RunningServer server, string query)
    {
        var series = await OneAsync(server, "/api/v1/query?query=" + Uri.EscapeDataString(query), body => body.GetProperty("data").GetProperty("result"));
        return double.Parse(series.GetProperty("value")[1].GetString()!, null);
    }
}
