using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Flyball.EndToEnd.Tests.Support;

namespace Flyball.EndToEnd.Tests;

/// <summary>kill -9 at random moments, over and over, while everything is written to.</summary>
public sealed class KillLoopTests
{
    private const int Rounds = 50;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kill_9()
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        await using var exporter = new Exporter();
        await using var server = new FlyballProcess(folder.Path, Config(exporter.Port, folder.Path));
        var random = new Random(20260105);
        var seenScrapes = new SortedSet<long>();
        var traces = new ConcurrentQueue<string>();
        var failures = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await server.StartAsync(token);
            await CheckTracesAsync(server, traces, token);
            await CheckScrapesAsync(server, seenScrapes, token);
            await CheckActionsAsync(server, folder.Path, token);

            using var ending = CancellationTokenSource.CreateLinkedTokenSource(token);
            var load = Task.WhenAll(
                SendSpansAsync(server, traces, random.Next(), ending.Token),
                FailTasksAsync(server, () => Interlocked.Increment(ref failures), ending.Token),
                WatchScrapesAsync(server, seenScrapes, ending.Token));
            await Task.Delay(random.Next(100, 900), token);
            await server.KillAsync(token);
            await ending.CancelAsync();
            await load;
        }

        await server.StartAsync(token);
        await CheckTracesAsync(server, traces, token);
        await CheckScrapesAsync(server, seenScrapes, token);
        var executed = await CheckActionsAsync(server, folder.Path, token);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rounds} kills: {traces.Count} traces, {seenScrapes.Count} scraped samples, {executed} executed actions, {failures} failed tasks; all there");
        Assert.True(traces.Count > Rounds, "the load sent too little for the test to mean anything");
        Assert.True(seenScrapes.Count > Rounds / 5, "too few scrapes were seen for the test to mean anything");
        Assert.True(executed > Rounds / 5, "too few actions ran for the test to mean anything");
    }

    private static string Config(int exporterPort, string folder)
    {
        File.WriteAllText(Path.Combine(folder, "rules.yml"), """
            groups:
              - name: e2e
                interval: 1s
                reactive: true
                rules:
                  - alert: TaskFailed
                    expr: ci_task_failing == 1
            """);
        return $$"""
            global: {scrape_interval: 50ms, scrape_timeout: 50ms, evaluation_interval: 1s}
            host: {enabled: false}
            scrape_configs:
              - job_name: e2e
                static_configs: [{targets: ["127.0.0.1:{{exporterPort}}"]}]
            rule_files: [rules.yml]
            actions:
              - name: note
                command:
                  argv: ["/bin/sh", "-c", "echo \"$1\" >> {{folder}}/executed", "sh", "{% raw %}"]
            policies:
              - name: note-failures
                alerts: ['alertname="TaskFailed"']
                action: note
                concurrency: 8
            """.Replace("{% raw %}", "{{ .Labels.run_id }}", StringComparison.Ordinal);
    }

    private static async Task SendSpansAsync(FlyballProcess server, ConcurrentQueue<string> acknowledged, int seed, CancellationToken token)
    {
        var random = new Random(seed);
        while (!token.IsCancellationRequested)
        {
            var traceId = $"{random.NextInt64():x16}{random.NextInt64(1, long.MaxValue):x16}";
            var now = DateTimeOffsetNs();
            try
            {
                using var body = OtlpJson.Trace(traceId, $"{random.NextInt64(1, long.MaxValue):x16}", "work", now - 1_000_000, now);
                using var response = await server.Client.PostAsync("/v1/traces", body, token);
                if (response.IsSuccessStatusCode)
                {
                    acknowledged.Enqueue(traceId);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // The server was killed under the request: this span was not acknowledged.
            }
        }
    }

    private static async Task FailTasksAsync(FlyballProcess server, Func<int> next, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            var run = $"run-{next()}";
            var now = DateTimeOffsetNs();
            var traceId = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(run)))[..32];
            var json = $$$"""
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"p"}}]},"scopeSpans":[{"spans":[
                 {"traceId":"{{{traceId}}}","spanId":"{{{traceId[..16]}}}","name":"test","kind":1,
                  "startTimeUnixNano":"{{{now - 5_000_000}}}","endTimeUnixNano":"{{{now}}}","status":{"code":2},"attributes":[
                   {"key":"flyball.system","value":{"stringValue":"step"}},
                   {"key":"cicd.pipeline.name","value":{"stringValue":"p"}},
                   {"key":"cicd.pipeline.run.id","value":{"stringValue":"{{{run}}}"}},
                   {"key":"cicd.pipeline.task.name","value":{"stringValue":"test"}},
                   {"key":"cicd.pipeline.task.run.id","value":{"stringValue":"{{{run}}}-test"}},
                   {"key":"cicd.pipeline.task.run.result","value":{"stringValue":"failure"}},
                   {"key":"process.exit.code","value":{"intValue":"1"}}]}]}]}]}
                """;
            try
            {
                using var body = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
                using var response = await server.Client.PostAsync("/v1/traces", body, token);
                await Task.Delay(40, token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // The server was killed under the request.
            }
        }
    }

    private static async Task WatchScrapesAsync(FlyballProcess server, SortedSet<long> seen, CancellationToken token)
    {
        while (!token.IsCancellationRequested)
        {
            try
            {
                foreach (var value in await ReadScrapesAsync(server, "2s", token))
                {
                    seen.Add(value);
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // The server was killed under the request.
            }
        }
    }

    private static async Task CheckTracesAsync(FlyballProcess server, ConcurrentQueue<string> acknowledged, CancellationToken token)
    {
        foreach (var traceId in acknowledged.Reverse().Take(400))
        {
            using var response = await server.Client.GetAsync($"/api/traces/{traceId}", token);
            Assert.True(response.IsSuccessStatusCode, $"acknowledged trace {traceId} is gone: {(int)response.StatusCode}\n{server.Output}");
        }
    }

    private static async Task CheckScrapesAsync(FlyballProcess server, SortedSet<long> seen, CancellationToken token)
    {
        var stored = await ReadScrapesAsync(server, "1h", token);
        var missing = seen.Except(stored).ToList();
        Assert.True(missing.Count == 0, $"samples that queries had shown are gone: {string.Join(", ", missing.Take(10))}\n{server.Output}");
    }

    // What a command did, the journal must have known before: every executed run has its attempt on record, once.
    private static async Task<int> CheckActionsAsync(FlyballProcess server, string folder, CancellationToken token)
    {
        var file = Path.Combine(folder, "executed");
        var executed = File.Exists(file) ? await File.ReadAllLinesAsync(file, token) : [];
        Assert.Equal(executed.Length, executed.Distinct().Count());
        var verdict = await GetAsync(server, "/api/flyball/journal/verify", token);
        Assert.True(verdict.GetProperty("ok").GetBoolean(), verdict.ToString());
        var recorded = new HashSet<string>();
        var before = "";
        while (true)
        {
            var page = await GetAsync(server, $"/api/flyball/journal?limit=1000{before}", token);
            foreach (var entry in page.GetProperty("entries").EnumerateArray())
            {
                foreach (var run in FindRuns(entry.GetRawText()))
                {
                    recorded.Add(run);
                }
            }

            if (!page.TryGetProperty("next", out var next) || page.GetProperty("entries").GetArrayLength() == 0)
            {
                break;
            }

            before = "&before=" + Uri.EscapeDataString(next.ToString());
        }

        var unknown = executed.Where(run => !recorded.Contains(run)).ToList();
        Assert.True(unknown.Count == 0, $"actions ran that the journal does not know: {string.Join(", ", unknown.Take(10))}");
        return executed.Length;
    }

    private static IEnumerable<string> FindRuns(string json) =>
        System.Text.RegularExpressions.Regex.Matches(json, "run-[0-9]+").Select(m => m.Value);

    private static async Task<IReadOnlyList<long>> ReadScrapesAsync(FlyballProcess server, string window, CancellationToken token)
    {
        var answer = await GetAsync(server, $"/api/v1/query?query=e2e_scrapes_total[{window}]", token);
        var values = new List<long>();
        foreach (var series in answer.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            foreach (var point in series.GetProperty("values").EnumerateArray())
            {
                values.Add(long.Parse(point[1].GetString()!, CultureInfo.InvariantCulture));
            }
        }

        return values;
    }

    private static async Task<JsonElement> GetAsync(FlyballProcess server, string path, CancellationToken token)
    {
        using var response = await server.Client.GetAsync(path, token);
        var body = await response.Content.ReadAsStringAsync(token);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    private static long DateTimeOffsetNs() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
}
