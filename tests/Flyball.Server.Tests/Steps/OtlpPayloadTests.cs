using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.Steps;

/// <summary>What runs are found in spans that others send: every trace among the shared payloads, and what vendors' exporters send beside them.</summary>
public sealed class OtlpPayloadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task The_conventions_themselves() => CheckAsync("cicd-trace-semconv-1.44.json", """
        38918110c3cfef3d5f0c14ff2cfe49f1 otlp/3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10#1 build-and-deploy success 411s main 9d59409acf479dfa0df1aa568182e43e43df8bbe https://github.com/acme/payments staging
          fetch#1 success 17s
          unit-test#1 failure 139s Failed
          unit-test#2 success 150s
          deploy#1 success 87s
        """);

    [Fact]
    public Task The_collectors_github_receiver_tells_of_the_run_that_webhooks_tell_of() => CheckAsync("githubreceiver-workflow-job-expected.json", """
        DERIVED github/14460881260#13   executing main
          test (1.23)#13 success 81s Set up job,Run actions/checkout@v4,Set up Go,Make test-all,Upload coverage to Codecov,Post Set up Go,Complete job,Post Run actions/checkout@v4
        """.Replace(" main", " renovate/major-tool-deps 6077d805b0fc49f65e6dbaefc2d1fc9b4f92aa4e https://github.com/open-telemetry/open-telemetry-otel-collector", StringComparison.Ordinal));

    [Fact]
    public Task Buildkites_exporter_without_the_builds_id() => CheckAsync("buildkite-notification-service-trace.json", """
        0199f2a4012a4c3d9a1b5f2e7d8c012a otlp/acme/payments#42#1 payments success 422s main 9d59409acf479dfa0df1aa568182e43e43df8bbe https://github.com/acme/payments
          unit#1 failure 159s exit_status_2
        """);

    [Theory]
    [InlineData("proto-example-trace.json")]
    [InlineData("wrapped-command-trace.json")]
    public Task Spans_of_no_run(string file) => CheckAsync(file, "");

    [Fact]
    public async Task Buildkites_exporter_and_agent_with_the_builds_id_tell_of_the_run_that_webhooks_tell_of()
    {
        await using var server = await RunningServer.StartAsync();

        await PostAsync(server, Trace(
            ["service.name=buildkite", "buildkite.pipeline.slug=payments", "buildkite.build.id=0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a", "buildkite.build.number=42"],
            ("buildkite.build", "01", "", ["buildkite.build.state=failed"]),
            ("buildkite.job", "02", "01", ["buildkite.job.id=0199f2a4-0201-4c3d-9a1b-5f2e7d8c0201", "buildkite.job.label=unit", "buildkite.job.exit_status=1"])));
        await PostAsync(server, Trace(
            ["service.name=buildkite-agent"],
            ("job.run", "03", "", ["buildkite.build_id=0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a", "buildkite.job_id=0199f2a4-0201-4c3d-9a1b-5f2e7d8c0201", "buildkite.agent=box-1"])));

        Assert.Equal("""
            7c61c9d79554d5106f08967838d51639 buildkite/0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a#1 payments failure 1s
              unit#1 failure 1s _OTHER
            """, await TellAsync(server));
    }

    [Fact]
    public async Task Jenkins_plugin_tells_of_the_build_that_notifications_tell_of()
    {
        await using var server = await RunningServer.StartAsync();

        await PostAsync(server, Trace(
            ["service.name=jenkins", "jenkins.url=https://jenkins.example.com/"],
            ("BUILD acme/payments/main", "01", "",
            [
                "ci.pipeline.id=acme/payments/main", "ci.pipeline.run.number=58", "ci.pipeline.run.result=UNSTABLE", "ci.pipeline.run.user=jdoe",
                "ci.pipeline.run.url=https://jenkins.example.com/job/acme/job/payments/job/main/58/",
            ]),
            ("Stage: test", "02", "01", ["jenkins.pipeline.step.type=stage", "jenkins.pipeline.step.id=12", "jenkins.pipeline.step.name=test", "jenkins.pipeline.step.result=UNSTABLE"])));

        Assert.Equal("""
            4a57e205e5c75f8696f4879ab849d27d jenkins/acme/payments/main#58#1 acme/payments/main failure 1s
              test#1 failure 1s _OTHER
            """, await TellAsync(server));
    }

    [Theory]
    [InlineData("cicd-metrics-semconv-1.44.json", 200)]
    [InlineData("metrics-githubreceiver.json", 200)]
    [InlineData("proto-example-metrics.json", 200)]
    public async Task Metrics_are_taken(string file, int status)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(status, await PostAsync(server, await File.ReadAllTextAsync(SharedData.Require("data/ci/otlp/" + file), Stop), "/v1/metrics"));
    }

    [Theory]
    [InlineData("cicd-logs.json")]
    [InlineData("proto-example-logs.json")]
    public async Task Logs_are_not_taken_and_the_answer_says_so(string file)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(404, await PostAsync(server, await File.ReadAllTextAsync(SharedData.Require("data/ci/otlp/" + file), Stop), "/v1/logs"));
    }

    private static async Task CheckAsync(string file, string expected)
    {
        await using var server = await RunningServer.StartAsync();
        var body = await File.ReadAllTextAsync(SharedData.Require("data/ci/otlp/" + file), Stop);

        Assert.Equal(200, await PostAsync(server, body));
        Assert.Equal(200, await PostAsync(server, body));

        Assert.Equal(expected, await TellAsync(server));
    }

    private static async Task<int> PostAsync(RunningServer server, string body, string path = "/v1/traces")
    {
        using var content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        using var response = await server.Client.PostAsync(path, content, Stop);
        return (int)response.StatusCode;
    }

    // Runs as the API shows them: id system/run#attempt pipeline result length branch commit repository environment, and their tasks.
    private static async Task<string> TellAsync(RunningServer server)
    {
        var (_, list) = await server.GetAsync("/api/flyball/runs");
        var lines = new List<string>();
        foreach (var summary in list.GetProperty("runs").EnumerateArray())
        {
            var (_, run) = await server.GetAsync("/api/flyball/runs/" + Text(summary, "id"));
            lines.Add(string.Join(' ', new[]
            {
                Text(run, "system") == "github" ? "DERIVED" : Text(run, "id"), $"{Text(run, "system")}/{Text(run, "runId")}#{Text(run, "attempt")}", Text(run, "pipeline"),
                Text(run, "result") is { Length: > 0 } result ? $"{result} {Length(run)}s" : " " + Text(run, "state"), Text(run, "branch"), Text(run, "commit"), Text(run, "repository"),
                Text(run, "environment"),
            }).TrimEnd());
            foreach (var task in run.GetProperty("tasks").EnumerateArray())
            {
                var steps = string.Join(',', task.GetProperty("steps").EnumerateArray().Select(s => Text(s, "name")));
                lines.Add($"  {Text(task, "name")}#{Text(task, "attempt")} {Text(task, "result")} {Length(task)}s {Text(task, "errorType")}{steps}".TrimEnd());
            }
        }

        return string.Join('\n', lines);
    }

    private static double Length(JsonElement thing) =>
        (thing.GetProperty("finishedAt").GetDateTimeOffset() - thing.GetProperty("startedAt").GetDateTimeOffset()).TotalSeconds;

    private static string Text(JsonElement thing, string name) => thing.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static string Trace(string[] resource, params (string Name, string Id, string Parent, string[] Attributes)[] spans) => JsonSerializer.Serialize(new
    {
        resourceSpans = new[]
        {
            new
            {
                resource = new { attributes = resource.Select(Attribute) },
                scopeSpans = new[]
                {
                    new
                    {
                        spans = spans.Select(s => new
                        {
                            traceId = "0af7651916cd43dd8448eb211c80319c", spanId = s.Id.PadLeft(16, '0'), parentSpanId = s.Parent.Length == 0 ? "" : s.Parent.PadLeft(16, '0'),
                            name = s.Name, kind = 1, startTimeUnixNano = "1793610000000000000", endTimeUnixNano = "1793610001000000000", attributes = s.Attributes.Select(Attribute),
                        }),
                    },
                },
            },
        },
    });

    private static object Attribute(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return new { key = text[..equals], value = new { stringValue = text[(equals + 1)..] } };
    }
}
