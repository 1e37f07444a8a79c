using Flyball.Testing;

namespace Flyball.Step.Tests.Examples;

/// <summary>The example pipeline, run for real against a server that only listens.</summary>
public sealed class PipelineTests : FolderTest
{
    private static readonly string Scripts = Path.Combine(SharedData.Repository, "examples", "pipeline");

    [Fact]
    public async Task Fails_at_its_flaky_test_goes_on_after_a_second_attempt_and_can_be_rolled_back()
    {
        var shop = FindShop();
        Assert.SkipWhen(shop is null, "the shop is not built; dotnet build examples/shop");
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url)
        {
            Variables =
            [
                ("SHOP_HOME", Path.Combine(Folder, "home")), ("SHOP_PORT", $"{ScriptedServer.FreePort()}"), ("SHOP_PROGRAM", shop!),
                ("SCRIPTS", Scripts),
            ],
        };

        var result = await StepProcess.RunScriptAsync(settings, """
            setsid "$SCRIPTS/supervisor.sh" >supervisor.log 2>&1 </dev/null &
            until [ -s "$SHOP_HOME/supervisor.pid" ]; do sleep 0.1; done
            "$SCRIPTS/run.sh" 17 >log 2>&1; echo "run $?"
            "$SCRIPTS/rerun.sh" 17 test >>log 2>&1; echo "rerun $?"
            "$SCRIPTS/rollback.sh" v1 >>log 2>&1; echo "rollback $?"
            "$SCRIPTS/rerun.sh" '../17' test 2>>log; echo "bad id $?"
            cat "$SHOP_HOME/version"
            kill -TERM "$(cat "$SHOP_HOME/supervisor.pid")"
            while [ -e "$SHOP_HOME/supervisor.pid" ]; do sleep 0.1; done
            """);

        Assert.True(
            result.Output == "run 1\nrerun 0\nrollback 0\nbad id 2\nv1\n",
            result.Output + result.Error + await File.ReadAllTextAsync(Path.Combine(Folder, "log"), TestContext.Current.CancellationToken));
        CheckTrace([.. server.Spans]);
    }

    [Theory]
    [InlineData("rules.yml", "check", "rules")]
    public async Task Rules_are_an_ordinary_rule_file_but_for_one_key(string file, params string[] command)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/promtool"), "promtool is not installed");
        var ordinary = string.Join('\n', (await File.ReadAllLinesAsync(Path.Combine(Scripts, file), TestContext.Current.CancellationToken))
            .Where(line => !line.Contains("reactive: true", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Path.Combine(Folder, file), ordinary, TestContext.Current.CancellationToken);
        using var promtool = StepProcess.StartProgram("/usr/bin/promtool", Quiet, [.. command, file]);

        var result = await promtool.FinishAsync();

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    private static void CheckTrace(List<SentSpan> spans)
    {
        var run = spans.Where(s => s.Service == "shop").ToList();
        Assert.Single(run.Select(s => s.TraceId).Distinct());
        var roots = run.Where(s => s.Kind == 2).ToList();
        Assert.Equal(["failure", "success"], roots.Select(s => s["cicd.pipeline.result"]));
        Assert.Equal((roots[0].SpanId, roots[0].Start), (roots[1].SpanId, roots[1].Start));
        Assert.True(roots[1].End > roots[0].End);
        var tasks = run.Where(s => s.Kind == 1 && s.ParentSpanId == roots[0].SpanId)
            .Select(s => $"{s.Name} {s["flyball.task.attempt"]} {s["cicd.pipeline.task.run.result"]}");
        Assert.Equal(["checkout 1 success", "build 1 success", "test 1 failure", "test 2 success", "deploy 1 success"], tasks);
        var failed = run.Single(s => s.Name == "test" && s["flyball.task.attempt"] == "1");
        Assert.Contains("SearchTest: expected an answer within", failed["flyball.log.tail"], StringComparison.Ordinal);
        Assert.Equal(40, roots[0]["vcs.ref.head.revision"].Length);
        Assert.Contains(spans, s => s.Service == "shop-rollback" && s.Kind == 2 && s["cicd.pipeline.result"] == "success");
    }

    private static string? FindShop()
    {
        var built = Path.Combine(SharedData.Repository, "artifacts", "bin", "Shop");
        return ((string[])["debug", "release"]).Select(f => Path.Combine(built, f, "shop")).FirstOrDefault(File.Exists);
    }
}
