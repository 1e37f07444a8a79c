using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Tests.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Jenkins;

/// <summary>What each of the Notification plugin's phases becomes.</summary>
public sealed class JenkinsEventTypesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(""" "phase": "QUEUED" """, "202 shop#7#1 pending")]
    [InlineData(""" "phase": "STARTED" """, "202 shop#7#1 executing")]
    [InlineData(""" "phase": "STARTED", "status": "UNSTABLE" """, "202 shop#7#1 executing")]
    [InlineData(""" "phase": "NONE" """, "202 shop#7#1 executing")]
    [InlineData(""" "phase": "NONE", "status": "UNSTABLE" """, "202 shop#7#1 executing")]
    [InlineData(""" "phase": "COMPLETED", "status": "SUCCESS", "duration": 1000 """, "202 shop#7#1 finalizing")]
    [InlineData(""" "phase": "FINALIZED", "status": "FAILURE", "duration": 1000 """, "202 shop#7#1 failure")]
    [InlineData(""" "phase": "FINALIZED" """, "202 shop#7#1 error")]
    [InlineData(""" "phase": "OF_TOMORROW" """, "202 shop#7#1 executing")]
    [InlineData(""" "phase": "OF_TOMORROW", "status": "SUCCESS" """, "202 shop#7#1 pending")]
    [InlineData(""" "phase": 7 """, "202 shop#7#1 executing")]
    public async Task Each_phase_has_its_place(string members, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync("jenkins", BodyOf(members, 1_793_872_808_000)));

    [Theory]
    [InlineData("""{"name": "shop", "url": "job/shop/"}""", "400 rejected: malformed")]
    [InlineData("""{"build": []}""", "400 rejected: malformed")]
    [InlineData("""{"build": {"phase": "STARTED"}}""", "422 rejected: no_identity")]
    [InlineData("""{"build": {"phase": "STARTED", "number": 7, "full_url": "https://ci.example.com/"}}""", "422 rejected: no_identity")]
    [InlineData("""{"build": {"phase": "STARTED", "number": 7, "url": "job/shop/7/"}}""", "422 rejected: no_identity")]
    public async Task Without_a_build_that_has_an_address_there_is_no_run(string body, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync("jenkins", body));

    [Fact]
    public async Task A_start_that_the_pipeline_tells_again_later_is_not_its_start()
    {
        RunFact[] facts = [.. FactsOf("STARTED", 100), .. FactsOf("STARTED", 130), .. FactsOf("NONE", 140), .. FactsOf("COMPLETED", 160), .. FactsOf("FINALIZED", 161)];
        for (var seed = 0; seed < 20; seed++)
        {
            var shuffled = facts.ToArray();
            new Random(seed).Shuffle(shuffled);
            await using var bench = await TrackerBench.StartAsync();
            foreach (var fact in shuffled)
            {
                await bench.Tracker.ApplyAsync([fact], Stop);
            }

            var run = Assert.Single(bench.Tracker.NewestFirst());
            Assert.Equal((At(100), At(160), At(161), RunResult.Success), (run.StartedAt!.Value, run.FinalizingAt!.Value, run.FinishedAt!.Value, run.Result));
        }
    }

    [Fact]
    public async Task Who_hears_of_the_end_alone_still_measures_the_run()
    {
        var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(FactsOf("FINALIZED", 161, """ "duration": 60000, """), Stop);
        await bench.DisposeAsync();

        Assert.Equal(60, bench.Samples.Last(
            """cicd_pipeline_run_duration_seconds_sum{cicd_pipeline_name="shop", cicd_pipeline_result="success", cicd_pipeline_run_state="executing", flyball_instance="ci.example.com", flyball_system="jenkins"}"""));
    }

    [Fact]
    public async Task The_lines_of_the_log_that_are_sent_are_the_tail_of_the_log()
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync(FactsOf("STARTED", 100), Stop);
        await bench.Tracker.ApplyAsync(FactsOf("COMPLETED", 160, $""" "log": "{new string('x', 5000)}\nmake: *** [test] Error 2\n", """), Stop);

        var tail = Assert.Single(bench.Tracker.NewestFirst()).Attributes["flyball.log.tail"];

        Assert.EndsWith("x\nmake: *** [test] Error 2", tail, StringComparison.Ordinal);
        Assert.Equal(4096, tail.Length);
    }

    private static TimestampNs At(long seconds) => new((ulong)(1_793_872_000 + seconds) * 1_000_000_000);

    private static string BodyOf(string members, long timestamp) => $$"""
        {"name": "shop", "url": "job/shop/", "build": {"full_url": "https://ci.example.com/job/shop/7/", "url": "job/shop/7/", "number": 7,
         "timestamp": {{timestamp}}, {{members}} } }
        """;

    private static IReadOnlyList<RunFact> FactsOf(string phase, long seconds, string more = "")
    {
        var status = phase is "COMPLETED" or "FINALIZED" ? """, "status": "SUCCESS" """ : "";
        var body = BodyOf($"""{more} "phase": "{phase}"{status}""", (1_793_872_000 + seconds) * 1000);
        var request = new HookRequest(new HeaderDictionary(), new QueryCollection(), Encoding.UTF8.GetBytes(body), TimestampNs.From(TestClock.DefaultStart));
        return Assert.IsType<HookVerdict.Facts>(new JenkinsConnector(() => []).Read(request)).Of;
    }
}
