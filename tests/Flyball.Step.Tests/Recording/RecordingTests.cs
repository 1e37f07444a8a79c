using System.Security.Cryptography;
using System.Text.Json;

namespace Flyball.Step.Tests.Recording;

/// <summary>What scripts record inside of steps and outside of them, by the real program.</summary>
public sealed class RecordingTests : FolderTest
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "00-" + Trace + "-b7ad6b7169203331-01";

    [Fact]
    public async Task Events_attributes_and_artefacts_come_with_the_steps_span()
    {
        await using var server = new ScriptedServer();
        var file = Path.Combine(Folder, "shop-1.4.2.tar.gz");
        await File.WriteAllBytesAsync(file, new byte[200_000], TestContext.Current.CancellationToken);

        var result = await StepProcess.RunScriptAsync(new StepSettings(Folder, server.Url), $$"""
            $STEP --run-id 7 --name build -- sh -c '
              $STEP event deployed version=1.4.2 "to=eu west" && $STEP attribute shop.theme=dark shop.size=3 && $STEP attribute shop.size=4
              $STEP artifact {{file}}'
            """);

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        var span = Assert.Single(server.Spans);
        Assert.Equal(("dark", "4"), (span["shop.theme"], span["shop.size"]));
        Assert.Equal(["deployed", "artifact"], span.Events.Select(e => e.Name));
        Assert.Equal(("1.4.2", "eu west"), (span.Events[0].Attributes["version"], span.Events[0].Attributes["to"]));
        Assert.Equal(
            ("shop-1.4.2.tar.gz", Convert.ToHexStringLower(SHA256.HashData(new byte[200_000])), "200000"),
            (span.Events[1].Attributes["artifact.filename"], span.Events[1].Attributes["artifact.hash"], span.Events[1].Attributes["flyball.artifact.size"]));
        Assert.InRange(span.Events[0].At, span.Start, span.End);
        Assert.Equal(["flyball.artifact.size"], Metrics(server).Select(m => m.GetProperty("name").GetString()));
        Assert.Equal("200000", span["flyball.metric.flyball.artifact.size"]);
    }

    [Theory]
    [InlineData("coverage 81.4 --unit % --label suite=unit", "gauge", "%")]
    [InlineData("deployments 2 --type counter", "sum", "")]
    [InlineData("lookup 0.3 --type=histogram --unit s", "histogram", "s")]
    [InlineData("temperature -3.5", "gauge", "")]
    public async Task Metrics_lead_to_the_span_they_were_measured_in(string arguments, string kind, string unit)
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunScriptAsync(new StepSettings(Folder, server.Url), $"$STEP --run-id 7 --pipeline shop --name test -- $STEP metric {arguments}");

        var metric = Assert.Single(Metrics(server));
        var point = metric.GetProperty(kind).GetProperty("dataPoints")[0];
        var span = server.Spans.Single();
        Assert.Equal(unit, metric.TryGetProperty("unit", out var u) ? u.GetString() : "");
        Assert.Equal((span.TraceId, span.SpanId), ExemplarOf(point));
        var labels = point.GetProperty("attributes").EnumerateArray().Select(a => $"{a.GetProperty("key")}={a.GetProperty("value").GetProperty("stringValue")}").ToList();
        Assert.Contains("cicd.pipeline.name=shop", labels);
        Assert.Contains("cicd.pipeline.task.name=test", labels);
        Assert.Equal(arguments.Contains("suite=unit", StringComparison.Ordinal), labels.Contains("suite=unit"));
        Assert.DoesNotContain(labels, l => l.Contains("run.id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_span_around_a_shell_function_is_a_child_and_takes_what_is_recorded_in_it()
    {
        await using var server = new ScriptedServer();

        var result = await StepProcess.RunScriptAsync(new StepSettings(Folder, server.Url), """
            cat > script.sh <<'END'
            compile() {
              eval "$($STEP span begin "compile it's" --attr module=core)"
              $STEP event half-way
              $STEP --name inner -- true
              eval "$($STEP span begin link)"; eval "$($STEP span end 3)"
              eval "$($STEP span end $?)"
            }
            before=$TRACEPARENT
            compile
            [ "$before" = "$TRACEPARENT" ] && [ -z "$FLYBALL_SPANS" ] || echo "left behind: $TRACEPARENT $FLYBALL_SPANS"
            END
            $STEP --run-id 7 --name build -- sh script.sh
            """);

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        var (build, compile) = (Named(server, "build"), Named(server, "compile it's"));
        Assert.Equal((build.TraceId, build.SpanId), (compile.TraceId, compile.ParentSpanId));
        Assert.Equal(("core", "compile it's", "build"), (compile["module"], compile["flyball.step.name"], compile["cicd.pipeline.task.name"]));
        Assert.Equal("half-way", Assert.Single(compile.Events).Name);
        Assert.Empty(build.Events);
        Assert.Equal(compile.SpanId, Named(server, "inner").ParentSpanId);
        var link = Named(server, "link");
        Assert.Equal((compile.SpanId, "exit_3", 2), (link.ParentSpanId, link["error.type"], link.Status));
        Assert.InRange(compile.Start, build.Start, link.Start);
    }

    [Fact]
    public async Task A_span_command_is_a_step_of_the_step()
    {
        await using var server = new ScriptedServer();

        var result = await StepProcess.RunScriptAsync(
            new StepSettings(Folder, server.Url), "$STEP --run-id 7 --name build -- $STEP span --name compile -- sh -c 'exit 4'");

        Assert.Equal(4, result.ExitCode);
        Assert.Equal((Named(server, "build").SpanId, "compile"), (Named(server, "compile").ParentSpanId, Named(server, "compile")["flyball.step.name"]));
    }

    [Fact]
    public async Task A_span_that_no_run_surrounds_is_a_run_by_itself()
    {
        await using var server = new ScriptedServer();

        await StepProcess.RunScriptAsync(
            new StepSettings(Folder, server.Url), "eval \"$($STEP span begin alone)\"; eval \"$($STEP span end)\"; [ -z \"$TRACEPARENT\" ]");

        var (task, run) = (Named(server, "alone"), server.Spans.Single(s => s.Kind == 2));
        Assert.Equal((run.TraceId, run.SpanId), (task.TraceId, task.ParentSpanId));
    }

    [Fact]
    public async Task Outside_of_a_step_events_are_spans_of_no_length_in_the_right_trace_and_metrics_go_at_once()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url) { Variables = [("TRACEPARENT", Parent)] };

        await StepProcess.RunAsync(settings, "event", "deployed", "version=2");
        await StepProcess.RunAsync(settings, "metric", "coverage", "80");

        var mark = Assert.Single(server.Spans);
        Assert.Equal((Trace, "b7ad6b7169203331", "deployed", "2", 0), (mark.TraceId, mark.ParentSpanId, mark.Name, mark["version"], mark.End - mark.Start));
        Assert.Equal((Trace, "b7ad6b7169203331"), ExemplarOf(Assert.Single(Metrics(server)).GetProperty("gauge").GetProperty("dataPoints")[0]));
    }

    [Fact]
    public async Task In_a_ci_job_that_nothing_wraps_they_belong_to_the_jobs_own_span()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url)
        {
            Variables =
            [
                ("BUILDKITE", "true"), ("BUILDKITE_BUILD_ID", "0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a"),
                ("BUILDKITE_JOB_ID", "0199f2a4-0201-4c3d-9a1b-5f2e7d8c0201"), ("BUILDKITE_PIPELINE_SLUG", "shop"),
            ],
        };

        await StepProcess.RunAsync(settings, "event", "deployed");
        var context = await StepProcess.RunAsync(settings, "context", "--format", "bare");

        Assert.Equal(("7c61c9d79554d5106f08967838d51639", "54ad65d5594b94b4"), (server.Spans.Single().TraceId, server.Spans.Single().ParentSpanId));
        Assert.Equal("00-7c61c9d79554d5106f08967838d51639-54ad65d5594b94b4-01", context.Output);
    }

    [Theory]
    [InlineData(nameof(Manner.Hang))]
    [InlineData(nameof(Manner.Refuse))]
    public async Task A_server_that_misbehaves_fails_no_script_and_what_was_recorded_waits(string manner)
    {
        await using var server = new ScriptedServer(Enum.Parse<Manner>(manner));
        var settings = new StepSettings(Folder, server.Url) { Variables = [("TRACEPARENT", Parent)] };

        var result = await StepProcess.RunScriptAsync(settings, "set -e; $STEP metric a 1; $STEP event b; $STEP attribute c=d; eval \"$($STEP span begin e)\"; eval \"$($STEP span end)\"");

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(Folder, "spool"), "*.json").Length);
        server.Manner = Manner.Accept;
        await StepProcess.RunAsync(settings, "--run-id", "9", "--", "true");
        Assert.Equal(["a"], Metrics(server).Select(m => m.GetProperty("name").GetString()).Distinct());
        Assert.Empty(Directory.GetFiles(Path.Combine(Folder, "spool"), "*.json"));
    }

    [Theory]
    [InlineData("metric", "metric takes a name and a value, e.g. flyball-step metric coverage 81.4 --unit % --label suite=unit")]
    [InlineData("metric coverage much", "value \"much\" of metric coverage: it is a number such as 12 or 81.4")]
    [InlineData("metric 1a 2", "metric name \"1a\": it begins with a letter and has at most 255 characters")]
    [InlineData("metric a=b 2", "metric name \"a=b\": '=' is not one of letters, digits, _ . - /")]
    [InlineData("metric a 2 --type meter", "--type meter: it is one of gauge, counter, histogram")]
    [InlineData("metric a -2 --type counter", "value -2 of counter a: a counter only grows; --type gauge may fall")]
    [InlineData("metric a 2 --label x", "--label \"x\": write it as key=value")]
    [InlineData("metric a 2 --label job=x", "label \"job\" of metric a: Flyball sets it; choose another name")]
    [InlineData("metric a 2 --lable x=y", "unknown option --lable of metric; flyball-step --help lists them, -- ends them")]
    [InlineData("metric a 2 --unit", "--unit needs a value")]
    [InlineData("event", "event takes a name, and what is to be said about it, e.g. flyball-step event deployed version=1.4.2")]
    [InlineData("event deployed eu", "event \"eu\": write it as key=value")]
    [InlineData("attribute", "attribute takes key=value, e.g. flyball-step attribute service.version=1.4.2")]
    [InlineData("attribute cicd.pipeline.name=x", "attribute \"cicd.pipeline.name\": flyball-step writes it itself; choose a name outside cicd., flyball., process. and vcs.")]
    [InlineData("artifact", "artifact takes files, e.g. flyball-step artifact dist/shop.tar.gz")]
    [InlineData("artifact a b --as x", "--as names one artifact, and 2 files are given; use a command for each")]
    [InlineData("span end", "no span has begun in this shell; begin one by eval \"$(flyball-step span begin NAME)\"")]
    [InlineData("span end many", "span end takes an exit code from 0 to 255, not \"many\"; e.g. eval \"$(flyball-step span end $?)\"")]
    [InlineData("span begin", "span begin takes a name, e.g. eval \"$(flyball-step span begin compile)\"")]
    [InlineData("context x", "context takes no \"x\"; write to a file by --to FILE")]
    [InlineData("context --format yaml", "--format yaml: it is one of shell, dotenv, bare")]
    public async Task Wrong_usage_says_what_is_wrong_and_what_would_be_right(string arguments, string message)
    {
        var result = await StepProcess.RunAsync(Quiet, arguments.Split(' '));

        Assert.Equal((125, $"flyball-step: {message}\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_the_others_are_recorded()
    {
        await using var server = new ScriptedServer();
        await File.WriteAllTextAsync(Path.Combine(Folder, "there"), "x", TestContext.Current.CancellationToken);

        var result = await StepProcess.RunScriptAsync(new StepSettings(Folder, server.Url), "$STEP --run-id 7 -- sh -c '$STEP artifact gone there .; echo $?'");

        Assert.Equal("1\n", result.Output);
        Assert.Contains("flyball-step: artifact gone: there is no such file\n", result.Error, StringComparison.Ordinal);
        Assert.Contains("flyball-step: artifact .: it is a folder; name files, or pack it first\n", result.Error, StringComparison.Ordinal);
        Assert.Equal("there", Assert.Single(server.Spans.Single().Events).Attributes["artifact.filename"]);
    }

    [Fact]
    public async Task Secrets_are_masked_in_all_of_it()
    {
        await using var server = new ScriptedServer();
        var settings = new StepSettings(Folder, server.Url) { Variables = [("DEPLOY_TOKEN", "hunter2-hunter2")] };

        await StepProcess.RunScriptAsync(settings, """
            $STEP --run-id 7 -- sh -c '$STEP event e a=$DEPLOY_TOKEN; $STEP attribute b=$DEPLOY_TOKEN; $STEP metric m 1 --label c=$DEPLOY_TOKEN'
            """);

        Assert.Equal(2, server.Requests.Count(r => r.Path.StartsWith("/v1/", StringComparison.Ordinal)));
        Assert.All(server.Requests, r => Assert.DoesNotContain("hunter2", System.Text.Encoding.UTF8.GetString(r.Body), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_program_with_the_name_of_a_command_is_wrapped_after_two_dashes()
    {
        var result = await StepProcess.RunScriptAsync(Quiet, "printf '#!/bin/sh\\necho mine' > metric; chmod +x metric; PATH=.:$PATH $STEP -- metric");

        Assert.Equal("mine\n", result.Output);
    }

    private static SentSpan Named(ScriptedServer server, string name) => server.Spans.Single(s => s.Name == name);

    private static (string?, string?) ExemplarOf(JsonElement point)
    {
        var exemplar = point.GetProperty("exemplars")[0];
        return (exemplar.GetProperty("traceId").GetString(), exemplar.GetProperty("spanId").GetString());
    }

    private static List<JsonElement> Metrics(ScriptedServer server) =>
    [
        .. server.Requests.Where(r => r.Path == "/v1/metrics").SelectMany(r => JsonDocument.Parse(r.Body).RootElement.GetProperty("resourceMetrics").EnumerateArray())
            .SelectMany(r => r.GetProperty("scopeMetrics").EnumerateArray()).SelectMany(s => s.GetProperty("metrics").EnumerateArray()),
    ];
}
