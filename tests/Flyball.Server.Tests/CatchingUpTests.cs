using System.Net;
using System.Text.Json;
using Flyball.Server.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flyball.Server.Tests;

/// <summary>Runs that nobody sent: asked for by REST, watched on the Kubernetes API; configured in the file, seen in the API.</summary>
public sealed class CatchingUpTests
{
    private const string Build = """
        [{"id":"0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a","number":42,"state":"passed","created_at":"2026-01-01T00:00:00Z",
          "started_at":"2026-01-01T00:00:05Z","finished_at":"2026-01-01T00:01:00Z","pipeline":{"slug":"payments"},"jobs":[]}]
        """;

    private const string PipelineRun = """
        {"metadata":{"resourceVersion":"7"},"items":[{"metadata":{"name":"r1","namespace":"ci","uid":"3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10",
          "creationTimestamp":"2026-11-02T09:00:00Z"},"spec":{"pipelineRef":{"name":"build"}},"status":{"startTime":"2026-11-02T09:00:02Z"}}]}
        """;

    [Fact]
    public async Task Configured_sources_are_asked_and_clusters_watched()
    {
        var asked = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var world = await StartWorldAsync(asked);
        var address = world.Urls.First();
        await using var server = await RunningServer.StartAsync(
            $$"""
            host: {enabled: false}
            tekton:
              watch: {kubeconfig: kube}
            backfill: [{system: buildkite, url: "{{address}}", targets: [acme], token_file: token}]
            """,
            ("token", "secret"),
            ("kube", $"current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: {{server: '{address}'}}}}]\nusers: [{{name: u, user: {{token: kube-secret}}}}]\n"));

        var runs = await UntilAsync(server, "/api/flyball/runs", body => body.GetProperty("runs").GetArrayLength() == 2);
        var targets = await UntilAsync(server, "/api/flyball/backfill", body => body.GetProperty("targets")[0].GetProperty("state").GetString() == "done");
        using var again = await server.Client.PostAsync("/api/flyball/backfill?system=buildkite&since=7d", null, TestContext.Current.CancellationToken);
        using var unknown = await server.Client.PostAsync("/api/flyball/backfill?system=gitlab", null, TestContext.Current.CancellationToken);
        using var wrong = await server.Client.PostAsync("/api/flyball/backfill?since=yesterday", null, TestContext.Current.CancellationToken);

        Assert.Equal(["buildkite", "tekton"], runs.GetProperty("runs").EnumerateArray().Select(r => r.GetProperty("system").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(1, targets.GetProperty("targets")[0].GetProperty("runs").GetInt32());
        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.NotFound, HttpStatusCode.BadRequest), (again.StatusCode, unknown.StatusCode, wrong.StatusCode));
        Assert.Contains(asked, a => a.StartsWith("Bearer secret /organizations/acme/builds?created_from=", StringComparison.Ordinal));
        Assert.Contains(asked, a => a.StartsWith("Bearer kube-secret /apis/tekton.dev/v1/pipelineruns?watch=1", StringComparison.Ordinal));
    }

    private static async Task<JsonElement> UntilAsync(RunningServer server, string path, Func<JsonElement, bool> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var (_, body) = await server.GetAsync(path);
            if (isSo(body))
            {
                return body;
            }

            await Task.Delay(20, limit.Token);
        }
    }

    private static async Task<WebApplication> StartWorldAsync(System.Collections.Concurrent.ConcurrentQueue<string> asked)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            asked.Enqueue($"{context.Request.Headers.Authorization} {context.Request.Path}{context.Request.QueryString}");
            if (context.Request.Query.ContainsKey("watch"))
            {
                await context.Response.StartAsync(context.RequestAborted);
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return;
            }

            await context.Response.WriteAsync(
                context.Request.Path.Value!.EndsWith("/builds", StringComparison.Ordinal) ? Build
                : context.Request.Path.Value.EndsWith("/pipelineruns", StringComparison.Ordinal) ? PipelineRun
                : """{"metadata":{"resourceVersion":"7"},"items":[]}""");
        });
        await app.StartAsync();
        return app;
    }
}
