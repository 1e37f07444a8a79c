using System.Net;
using System.Text.Json.Nodes;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Questions;
using Flyball.Pipelines.Tests.History;
using Flyball.Pipelines.Tests.Tekton;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Flyball.Testing.Files;

namespace Flyball.Pipelines.Tests.Api;

public sealed class QuestionsApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_names_every_question_with_its_parameters()
    {
        await using var host = await PipelinesHost.StartAsync();
        var (_, list) = await GetAsync(host, "/api/flyball/questions");

        Assert.Equal(QuestionList.All.Select(q => q.Name), list["questions"]!.AsArray().Select(q => (string)q!["name"]!));
        var longest = list["questions"]![0]!;
        Assert.Equal("""{"name":"longer-than","kind":"duration","default":"0","about":"only runs longer than that"}""", longest["parameters"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task A_question_is_answered_with_a_table()
    {
        await using var host = await PipelinesHost.StartAsync();
        foreach (var folder in (string[])["run-7xk2p-success-with-retry", "run-c4nc1-cancelled", "run-t1m3o-timeout"])
        {
            await host.Bench.Tracker.ApplyAsync(TektonStream.FactsOf(folder), Stop);
        }

        var (_, path) = await GetAsync(host, "/api/flyball/questions/critical-path?id=5314f0e11a8ec61211a0000686e14050");
        var facts = path["facts"]!;
        Assert.Equal(411, (double)facts["durationSeconds"]!);
        Assert.Equal(411, (double)facts["pathSeconds"]! + (double)facts["gapSeconds"]!, 3);
        Assert.Contains(path["rows"]!.AsArray(), r => (string?)r!["task"] == "unit-test" || (int)r!["attempt"]! == 2);

        var (_, longest) = await GetAsync(host, "/api/flyball/questions/longest?since=0&until=2100-01-01&result=success");
        Assert.Equal((1, 411), ((int)longest["total"]!, (double)longest["rows"]![0]!["durationSeconds"]!));

        var (_, flaky) = await GetAsync(host, "/api/flyball/questions/flaky-tasks?since=0&until=2100-01-01");
        Assert.Single(flaky["rows"]!.AsArray(), r => (int)r!["retried"]! == 1);
    }

    [Theory]
    [InlineData("why", 404)]
    [InlineData("critical-path?id=5314f0e11a8ec61211a0000686e14050", 404)]
    [InlineData("critical-path", 404)]
    [InlineData("critical-path?id=xyz", 400)]
    [InlineData("longest?longer-than=soon", 400)]
    [InlineData("longest?longer=1m", 400)]
    [InlineData("longest?limit=0", 400)]
    [InlineData("longest?since=yesterday", 400)]
    [InlineData("longest?until=30d", 400)]
    [InlineData("longest?result=good", 400)]
    [InlineData("slower-than-usual?score=-1", 400)]
    [InlineData("branches", 400)]
    [InlineData("error-rate?step=1s", 400)]
    [InlineData("error-rate?step=0", 400)]
    public async Task Mistakes_are_answered_with_a_remedy(string question, int status)
    {
        await using var host = await PipelinesHost.StartAsync();
        var (code, answer) = await GetAsync(host, "/api/flyball/questions/" + question);

        Assert.Equal((HttpStatusCode)status, code);
        Assert.False(string.IsNullOrEmpty((string?)answer["error"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Answers_are_the_same_whether_runs_are_in_memory_or_on_disk(int seed)
    {
        using var history = RunHistory.Open(new RunHistoryOptions { Directory = "/history", KeepFor = TimeSpan.Zero }, new FaultyFileSystem(), TimeProvider.System, log: null);
        await using var small = await TrackerBench.StartAsync(options: new RunTrackerOptions { MostRuns = 20 }, history: history);
        await using var large = await TrackerBench.StartAsync();
        var facts = RandomRuns.Facts(seed, 300, Questions.RunStory.At(0).Value).ToArray();
        await small.Tracker.ApplyAsync(facts, Stop);
        await large.Tracker.ApplyAsync(facts, Stop);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (history.HasTaken)
        {
            await Task.Delay(5, limit.Token);
        }

        Assert.InRange(history.Count, 200, 600);
        foreach (var question in QuestionList.All)
        {
            Assert.Equal(TextOf(large, question), TextOf(small, question));
        }
    }

    // Rows may stand in another order where nothing orders them, and sums be made in another.
    private static IEnumerable<string> TextOf(TrackerBench bench, IQuestion question)
    {
        Assert.True(Arguments.TryRead(question.Parameters, p => p == "this" ? "release-1" : "", out var arguments, out var error), error);
        using var rows = bench.Tracker.Rows();
        var scan = new RunScan(rows, _ => true, bench.Tracker.Find)
        {
            Since = Questions.RunStory.At(0), Until = Questions.RunStory.At(1e6), Now = Questions.RunStory.At(1e6), Limit = 1000,
        };
        return question.Ask(scan, arguments).Rows.Select(r => string.Join('|', r.Select(v => v is double number ? Math.Round(number, 6) : v))).Order(StringComparer.Ordinal);
    }

    private static async Task<(HttpStatusCode Code, JsonNode Answer)> GetAsync(PipelinesHost host, string path)
    {
        using var answer = await host.Client.GetAsync(path, Stop);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!);
    }
}
