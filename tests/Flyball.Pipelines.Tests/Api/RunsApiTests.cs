using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Flyball.Model.Spans;
using Flyball.Pipelines.Tests.Tekton;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.Tests.Api;

public sealed class RunsApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_shows_runs_newest_first_page_by_page()
    {
        await using var host = await PipelinesHost.StartAsync();
        foreach (var folder in (string[])["run-7xk2p-success-with-retry", "run-c4nc1-cancelled", "run-t1m3o-timeout"])
        {
            await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf(folder), Stop);
        }

        var first = await GetAsync(host, "/api/flyball/runs?limit=2");
        var second = await GetAsync(host, $"/api/flyball/runs?limit=2&before={first["next"]}");

        Assert.Equal(["timeout", "cancellation"], Results(first));
        Assert.Equal(["success"], Results(second));
        Assert.Null(second["next"]);
        Assert.Equal("""{"total":5,"succeeded":4,"failed":0,"running":0,"retried":1}""", second["runs"]![0]!["tasks"]!.ToJsonString());
        Assert.Equal(411, (double)second["runs"]![0]!["durationSeconds"]!);
        Assert.Equal(2, (double)second["runs"]![0]!["queueSeconds"]!);
    }

    [Theory]
    [InlineData("result=timeout", 1)]
    [InlineData("state=finished", 2)]
    [InlineData("state=executing", 0)]
    [InlineData("pipeline=build-and-deploy&system=tekton", 2)]
    [InlineData("pipeline=other", 0)]
    [InlineData("branch=main&commit=9d59409", 2)]
    [InlineData("since=2020-01-01T00:00:00Z", 2)]
    [InlineData("until=2020-01-01T00:00:00Z", 0)]
    [InlineData("search=BUILD-AND", 2)]
    [InlineData("search=deploy+9d59409", 2)]
    [InlineData("search=deploy+elsewhere", 0)]
    public async Task The_list_is_filtered(string query, int count)
    {
        await using var host = await PipelinesHost.StartAsync();
        await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-c4nc1-cancelled"), Stop);
        await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-t1m3o-timeout"), Stop);

        Assert.Equal(count, Results(await GetAsync(host, "/api/flyball/runs?" + query)).Length);
    }

    [Theory]
    [InlineData("sort=duration")]
    [InlineData("sort=duration&order=asc")]
    [InlineData("sort=queue")]
    [InlineData("sort=began&order=asc")]
    public async Task Any_order_holds_across_pages(string order)
    {
        await using var host = await PipelinesHost.StartAsync();
        foreach (var folder in (string[])["run-7xk2p-success-with-retry", "run-c4nc1-cancelled", "run-t1m3o-timeout"])
        {
            await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf(folder), Stop);
        }

        var field = order.Contains("duration") ? "durationSeconds" : order.Contains("queue") ? "queueSeconds" : "createdAt";
        List<double> seen = [];
        for (string? before = ""; before is not null;)
        {
            var page = await GetAsync(host, $"/api/flyball/runs?limit=1&{order}&before={before}");
            var value = page["runs"]![0]![field]!;
            seen.Add(field == "createdAt" ? DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture).ToUnixTimeMilliseconds() : (double)value);
            before = (string?)page["next"];
        }

        Assert.Equal(3, seen.Count);
        Assert.Equal(order.EndsWith("asc", StringComparison.Ordinal) ? seen.Order() : seen.OrderDescending(), seen);
    }

    [Theory]
    [InlineData("/api/flyball/runs?sort=beauty", 400)]
    [InlineData("/api/flyball/runs?order=random", 400)]
    [InlineData("/api/flyball/runs?limit=0", 400)]
    [InlineData("/api/flyball/runs?brnch=main", 400)]
    [InlineData("/api/flyball/runs?since=tomorrow-ish", 400)]
    [InlineData("/api/flyball/runs?limit=1001", 400)]
    [InlineData("/api/flyball/runs?before=yesterday", 400)]
    [InlineData("/api/flyball/runs?result=good", 400)]
    [InlineData("/api/flyball/runs?state=asleep", 400)]
    [InlineData("/api/flyball/runs/zzz", 400)]
    [InlineData("/api/flyball/runs/5314f0e11a8ec61211a0000686e14050", 404)]
    public async Task Mistakes_are_answered_with_a_remedy(string path, int status)
    {
        await using var host = await PipelinesHost.StartAsync();
        using var answer = await host.Client.GetAsync(path, Stop);

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        Assert.False(string.IsNullOrEmpty((string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["error"]));
    }

    [Fact]
    public async Task One_run_shows_tasks_steps_and_its_waterfall()
    {
        var batch = new SpanBatch();
        await using var host = await PipelinesHost.StartAsync(spans: new OneTrace(batch));
        await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf("run-7xk2p-success-with-retry"), Stop);
        RunSpans.Append(batch, host.Bench.Tracker.NewestFirst()[0]);

        var run = await GetAsync(host, "/api/flyball/runs/5314f0e11a8ec61211a0000686e14050");

        Assert.Equal("finished", (string?)run["state"]);
        Assert.Equal(6, run["tasks"]!.AsArray().Count);
        var failed = run["tasks"]![1]!;
        Assert.Equal((2, "failure", 1), ((int)failed["exitCode"]!, (string?)failed["result"], (int)failed["attempt"]!));
        Assert.Equal(["vet", "test"], failed["steps"]!.AsArray().Select(s => (string?)s!["name"]));
        var root = run["spans"]!.AsArray().Single(s => s!["parentSpanId"] is null)!;
        Assert.Equal(("RUN build-and-deploy", "server", "tekton"), ((string?)root["name"], (string?)root["kind"], (string?)root["service"]));
        Assert.Equal("success", (string?)root["attributes"]!["cicd.pipeline.result"]);
        Assert.All(run["spans"]!.AsArray(), s => Assert.True((double)s!["startOffsetMs"]! >= 0));
        Assert.NotNull(run["alerts"]);
        Assert.NotNull(run["actions"]);
    }

    [Fact]
    public async Task A_running_run_shows_its_time_so_far()
    {
        await using var host = await PipelinesHost.StartAsync();
        await host.Bench.Tracker.ApplyAsync(Step.StepStory.Started(0), Stop);
        await host.Bench.Tracker.ApplyAsync(Step.StepStory.Started(1, "test"), Stop);
        host.Bench.Clock.Advance(TimeSpan.FromSeconds(11));

        var run = await GetAsync(host, $"/api/flyball/runs/{Step.StepStory.Trace}");

        Assert.Equal((11, 10), ((double)run["durationSeconds"]!, (double)run["tasks"]![0]!["durationSeconds"]!));
        Assert.Null(run["finishedAt"]);
        Assert.Null(run["result"]);
    }

    private static string[] Results(JsonNode page) => [.. page["runs"]!.AsArray().Select(r => (string?)r!["result"] ?? "")];

    private static async Task<JsonNode> GetAsync(PipelinesHost host, string path)
    {
        using var answer = await host.Client.GetAsync(path, Stop);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private sealed class OneTrace(SpanBatch batch) : ISpanSource
    {
        public ValueTask<SpanBatch?> ReadTraceAsync(TraceId traceId, CancellationToken cancellationToken) => ValueTask.FromResult<SpanBatch?>(batch);
    }
}
