using System.Net;
using System.Text.Json.Nodes;
using Flyball.Actions.Api;
using Flyball.Actions.Tests.Policy;
using Flyball.Durable.Journal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Flyball.Actions.Tests.Api;

public sealed class ActionsApiTests
{
    private const string Yaml = """
        actions:
          - name: rerun
            command: {argv: ["/bin/echo", "again"], timeout: 20s}
        policies:
          - name: p
            alerts: ['alertname="TaskFailed"']
            action: rerun
            group_by: [task]
            cooldown: 1h
            rate_limit: {count: 30, per: 1h}
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Actions_are_listed_newest_first_with_everything_about_them()
    {
        await using var bench = await PolicyBench.StartAsync(Yaml);
        await using var app = await HostAsync(bench);
        await bench.FireAsync(bench.Alert(("task", "a"), ("trace_id", "0123")) with { CausedAt = new((ulong)bench.Clock.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000) });
        await bench.FireAsync(bench.Alert(("task", "a")));

        var all = (await GetAsync(app, "/api/flyball/actions"))["actions"]!.AsArray();
        var one = await GetAsync(app, "/api/flyball/actions?limit=1");
        var rest = await GetAsync(app, $"/api/flyball/actions?limit=1&before={one["next"]}");

        Assert.Equal(["refused", "succeeded"], all.Select(a => (string?)a!["status"] ?? ""));
        Assert.Equal("cooldown", (string?)all[0]!["rule"]);
        var done = all[1]!;
        Assert.Equal(("again\n", "0123", "TaskFailed", "command"), (
            (string?)done["output"], (string?)done["run"], (string?)done["alert"]!["alertname"], (string?)done["executor"]));
        Assert.Equal("a", (string?)done["alert"]!["labels"]!["task"]);
        Assert.Equal(0, (double)done["latencySeconds"]!);
        Assert.Equal((string?)done["id"], (string?)rest["actions"]![0]!["id"]);
        Assert.Null(rest["next"]);
        Assert.Single((await GetAsync(app, "/api/flyball/actions?status=refused"))["actions"]!.AsArray());
        Assert.Single((await GetAsync(app, "/api/flyball/actions?run=0123"))["actions"]!.AsArray());
    }

    [Fact]
    public async Task Policies_are_shown_as_they_are_in_force()
    {
        await using var bench = await PolicyBench.StartAsync(Yaml);
        await using var app = await HostAsync(bench);
        await bench.FireAsync(bench.Alert(("task", "a")));

        var policy = (await GetAsync(app, "/api/flyball/policies"))["policies"]![0]!;

        Assert.Equal("""["alertname=\u0022TaskFailed\u0022"]""", policy["alerts"]!.ToJsonString());
        Assert.Equal((3600, 30, 3600), ((int)policy["cooldownSeconds"]!, (int)policy["rateLimit"]!["count"]!, (int)policy["rateLimit"]!["perSeconds"]!));
        Assert.NotNull(policy["lastDecisionAt"]);
    }

    [Fact]
    public async Task The_journal_is_listed_backwards_and_filtered()
    {
        await using var bench = await PolicyBench.StartAsync(Yaml);
        await using var app = await HostAsync(bench);
        for (var i = 0; i < 1200; i++)
        {
            await bench.Journal.AppendAsync(new("silence.created", "user:ada", $"s{i}", "noisy", ReadOnlyMemory<byte>.Empty), null, Stop);
        }

        var done = await bench.FireAsync(bench.Alert(("task", "a")));
        var page = await GetAsync(app, "/api/flyball/journal?limit=2");
        var next = await GetAsync(app, $"/api/flyball/journal?limit=2&before={page["next"]}");

        Assert.Equal(1203, (int)page["head"]!);
        Assert.Equal([1202, 1201], page["entries"]!.AsArray().Select(e => (int)e!["position"]!));
        Assert.Equal([1200, 1199], next["entries"]!.AsArray().Select(e => (int)e!["position"]!));
        Assert.Equal((string?)page["entries"]![1]!["hash"], (string?)page["entries"]![0]!["previousHash"]);
        Assert.Equal("a", (string?)next["entries"]![0]!["details"]!["labels"]!["task"]);
        Assert.Equal(3, (await GetAsync(app, $"/api/flyball/journal?subject={done.Id}"))["entries"]!.AsArray().Count);
        Assert.Equal(3, (await GetAsync(app, "/api/flyball/journal?kind=action"))["entries"]!.AsArray().Count);
        Assert.Single((await GetAsync(app, "/api/flyball/journal?subject=s3"))["entries"]!.AsArray());
    }

    [Fact]
    public async Task Verification_finds_a_changed_byte_while_the_server_runs()
    {
        await using var bench = await PolicyBench.StartAsync(Yaml);
        await using var app = await HostAsync(bench);
        await bench.FireAsync(bench.Alert(("task", "a")));
        var good = await GetAsync(app, "/api/flyball/journal/verify");
        bench.Files.Corrupt("/journal/00000000000000000000.journal", 100);

        var bad = await GetAsync(app, "/api/flyball/journal/verify");

        Assert.Equal((true, 3), ((bool)good["ok"]!, (int)good["entries"]!));
        Assert.Equal((false, 0), ((bool)bad["ok"]!, (int)bad["firstBad"]!));
        Assert.Contains("byte", (string?)bad["error"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/flyball/actions?limit=many")]
    [InlineData("/api/flyball/actions?status=perhaps")]
    [InlineData("/api/flyball/journal?limit=0")]
    [InlineData("/api/flyball/journal?before=-1")]
    public async Task Mistakes_are_answered_with_a_remedy(string path)
    {
        await using var bench = await PolicyBench.StartAsync(Yaml);
        await using var app = await HostAsync(bench);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        using var answer = await client.GetAsync(path, Stop);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotNull(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!["error"]);
    }

    private static async Task<WebApplication> HostAsync(PolicyBench bench)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapActionsApi(bench.Engine, bench.Journal, (head, stop) => JournalVerifier.Verify(bench.Files, "/journal", head, stop));
        await app.StartAsync(Stop);
        return app;
    }

    private static async Task<JsonNode> GetAsync(WebApplication app, string path)
    {
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        return JsonNode.Parse(await client.GetStringAsync(path, Stop))!;
    }
}
