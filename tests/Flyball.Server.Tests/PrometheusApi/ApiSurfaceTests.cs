using System.Net;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>Calls beyond queries: what each answers, and that it fits the API's description.</summary>
public sealed class ApiSurfaceTests
{
    private const string Config = """
        global: {external_labels: {region: lab}, query_log_file: queries.log}
        host: {enabled: false}
        scrape_configs:
        - job_name: node
          static_configs: [{targets: ['127.0.0.1:1']}]
          relabel_configs:
          - {source_labels: [__address__], regex: '(.*):.*', target_label: host}
          - {source_labels: [host], regex: 'gone', action: drop}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/targets")]
    [InlineData("/api/v1/targets?state=dropped&scrapePool=node")]
    [InlineData("/api/v1/targets/metadata?limit=2")]
    [InlineData("/api/v1/targets/relabel_steps?scrapePool=node&labels={\"__address__\":\"h:1\"}")]
    [InlineData("/api/v1/scrape_pools")]
    [InlineData("/api/v1/scrape_pools/config?scrapePool=node")]
    [InlineData("/api/v1/metadata")]
    [InlineData("/api/v1/rules")]
    [InlineData("/api/v1/alerts")]
    [InlineData("/api/v1/alertmanagers")]
    [InlineData("/api/v1/status/config")]
    [InlineData("/api/v1/status/flags")]
    [InlineData("/api/v1/status/runtimeinfo")]
    [InlineData("/api/v1/status/buildinfo")]
    [InlineData("/api/v1/status/tsdb")]
    [InlineData("/api/v1/status/tsdb?limit=3")]
    [InlineData("/api/v1/status/tsdb/blocks")]
    [InlineData("/api/v1/status/walreplay")]
    [InlineData("/api/v1/status/self_metrics")]
    [InlineData("/api/v1/notifications")]
    [InlineData("/api/v1/features")]
    [InlineData("/api/v1/parse_query?query=sum(rate(up[5m]))")]
    [InlineData("/api/v1/format_query?query=sum(up)")]
    [InlineData("/api/v1/query?query=up&stats=all")]
    [InlineData("/api/v1/query_range?query=vector(1)&start=0&end=60&step=15&stats=all")]
    public async Task Answers_fit_the_description(string path)
    {
        await using var running = await RunningServer.StartAsync(Config);
        var (status, body) = await running.GetAsync(path);
        Assert.Equal(200, status);
        Assert.Empty(OpenApi.Load().Problems("GET", path.Split('?')[0], status, body));
    }

    [Fact]
    public async Task Everything_described_is_there()
    {
        await using var running = await RunningServer.StartAsync(Config);
        foreach (var (path, method) in OpenApi.Load().Operations)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/api/v1" + path.Replace("{name}", "job", StringComparison.Ordinal));
            using var response = await running.Client.SendAsync(request, Token);
            Assert.False(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{method} {path}: {(int)response.StatusCode}");
        }
    }

    [Theory]
    [InlineData("", "3.1.0")]
    [InlineData("?openapi_version=3.2", "3.2.0")]
    public async Task The_description_of_the_server_names_every_path_that_is_described(string query, string version)
    {
        await using var running = await RunningServer.StartAsync(Config);
        var yaml = new YamlDotNet.RepresentationModel.YamlStream();
        yaml.Load(new StringReader(await running.Client.GetStringAsync("/api/v1/openapi.yaml" + query, Token)));
        var root = yaml.Documents[0].RootNode;
        Assert.Equal(version, root["openapi"].ToString());
        var paths = (YamlDotNet.RepresentationModel.YamlMappingNode)root["paths"];
        foreach (var (path, method) in OpenApi.Load().Operations)
        {
            Assert.True(paths.Children.ContainsKey(path), path);
            Assert.Contains(method.ToLowerInvariant(), ((YamlDotNet.RepresentationModel.YamlMappingNode)paths[path]).Children.Keys.Select(k => k.ToString()));
        }
    }

    [Fact]
    public async Task Relabelling_is_shown_rule_by_rule()
    {
        await using var running = await RunningServer.StartAsync(Config);
        var (_, kept) = await running.GetAsync("/api/v1/targets/relabel_steps?scrapePool=node&labels={\"__address__\":\"h:1\"}");
        var steps = kept.GetProperty("data").GetProperty("steps");
        Assert.Equal("h", steps[0].GetProperty("output").GetProperty("host").GetString());
        Assert.True(steps[1].GetProperty("keep").GetBoolean());
        var (_, gone) = await running.GetAsync("/api/v1/targets/relabel_steps?scrapePool=node&labels={\"__address__\":\"gone:1\"}");
        Assert.False(gone.GetProperty("data").GetProperty("steps")[1].GetProperty("keep").GetBoolean());
        Assert.Equal("{}", gone.GetProperty("data").GetProperty("steps")[1].GetProperty("output").GetRawText());
    }

    [Theory]
    [InlineData("/api/v1/targets/relabel_steps?labels={}")]
    [InlineData("/api/v1/targets/relabel_steps?scrapePool=node")]
    [InlineData("/api/v1/targets/relabel_steps?scrapePool=node&labels=x")]
    [InlineData("/api/v1/targets/relabel_steps?scrapePool=nope&labels={}")]
    [InlineData("/api/v1/scrape_pools/config?scrapePool=nope")]
    [InlineData("/api/v1/status/self_metrics?metric_name_pattern=(")]
    [InlineData("/api/v1/status/tsdb?limit=10001")]
    [InlineData("/api/v1/search/label_values")]
    [InlineData("/api/v1/search/metric_names?sort_by=size")]
    [InlineData("/api/v1/search/metric_names?fuzz_threshold=101")]
    [InlineData("/api/v1/query?query=up&lookback_delta=x")]
    [InlineData("/api/v1/query?query=up&limit=-1")]
    public async Task Refusals_fit_the_description(string path)
    {
        await using var running = await RunningServer.StartAsync(Config);
        var (status, body) = await running.GetAsync(path);
        Assert.Equal((400, "bad_data"), (status, body.GetProperty("errorType").GetString()));
        Assert.Empty(OpenApi.Load().Problems("GET", path.Split('?')[0], status, body));
    }

    [Fact]
    public async Task Federation_shows_the_latest_samples_with_external_labels()
    {
        await using var running = await RunningServer.StartAsync(Config);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var stale = BitConverter.UInt64BitsToDouble(0x7ff0000000000002);
        await running.WriteAsync(
            (LabelSet.Of(("__name__", "a"), ("region", "own")), [(now - 2000, 1), (now - 1000, 2)]),
            (LabelSet.Of(("__name__", "a"), ("instance", "x"), ("quote", "\"\\\n")), [(now - 1000, double.NaN)]),
            (LabelSet.Of(("__name__", "a"), ("gone", "1")), [(now - 2000, 1), (now - 1000, stale)]),
            (LabelSet.Of(("__name__", "old")), [(now - 400_000, 1)]));
        var text = await running.Client.GetStringAsync("/federate?match[]=a&match[]=old&match[]=a", Token);
        Assert.Equal(
            "# TYPE a untyped\n"
            + $"a{{instance=\"x\",quote=\"\\\"\\\\\\n\",region=\"lab\"}} NaN {now - 1000}\n"
            + $"a{{region=\"own\",instance=\"\"}} 2 {now - 1000}\n",
            text);
    }

    [Theory]
    [InlineData(".*", "https://grafana.example", "*")]
    [InlineData("https://grafana\\.example", "https://grafana.example", "https://grafana.example")]
    [InlineData("https://grafana\\.example", "https://other.example", null)]
    public async Task Other_origins_may_read_as_far_as_the_flag_allows(string allowed, string origin, string? expected)
    {
        await using var running = await RunningServer.StartAsync(Config, o => o with { CorsOrigin = allowed });
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/v1/query");
        request.Headers.Add("Origin", origin);
        using var response = await running.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(expected, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
        Assert.Equal("Origin", response.Headers.Vary.Single());
    }

    [Fact]
    public async Task Queries_are_logged_with_what_they_cost_and_why_they_failed()
    {
        await using var running = await RunningServer.StartAsync(Config);
        await running.GetAsync("/api/v1/query?query=1%2B1&time=60");
        await running.GetAsync("/api/v1/query_range?query=vector(1)%20%2B%20on()%20(vector(1)%20or%20label_replace(vector(1),%22a%22,%22b%22,%22%22,%22%22))&start=0&end=60&step=15");
        var lines = (await File.ReadAllLinesAsync(Path.Combine(running.Folder, "queries.log"), Token)).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Equal(
            """{"query":"1+1","start":"1970-01-01T00:01:00.000Z","end":"1970-01-01T00:01:00.000Z","step":0}""", lines[0].GetProperty("params").GetRawText());
        Assert.Equal("/api/v1/query", lines[0].GetProperty("httpRequest").GetProperty("path").GetString());
        Assert.True(lines[0].GetProperty("stats").GetProperty("timings").GetProperty("execTotalTime").GetDouble() > 0);
        Assert.Contains("duplicate series", lines[1].GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queries_of_rules_are_logged_with_their_group_and_counted_by_slice()
    {
        const string Rules = "groups: [{name: g, interval: 1s, rules: [{record: two, expr: 1 + 1}, {record: bad, expr: 'vector(1) + on() topk(NaN, vector(1))'}]}]";
        var clock = new TestClock();
        await using var running = await RunningServer.StartAsync(
            Config + "\nrule_files: [rules.yml]\n", o => o with { Time = clock }, ("rules.yml", Rules));
        var log = Path.Combine(running.Folder, "queries.log");
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await File.ReadAllLinesAsync(log, Token)).Length < 2)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await pause.WaitForNextTickAsync(Token);
        }

        var lines = (await File.ReadAllLinesAsync(log, Token)).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var good = lines.First(l => l.GetProperty("params").GetProperty("query").GetString() == "1 + 1");
        Assert.Equal("g", good.GetProperty("ruleGroup").GetProperty("name").GetString());
        Assert.EndsWith("rules.yml", good.GetProperty("ruleGroup").GetProperty("file").GetString(), StringComparison.Ordinal);
        Assert.True(good.GetProperty("stats").TryGetProperty("timings", out _));
        Assert.Equal("Parameter value is NaN", lines.First(l => l.TryGetProperty("error", out _)).GetProperty("error").GetString());

        await running.GetAsync("/api/v1/query?query=1");
        var page = await running.Client.GetStringAsync("/metrics", Token);
        Assert.All(
            (string[])["inner_eval", "prepare_time", "queue_time", "result_sort"],
            slice => Assert.Contains($"prometheus_engine_query_duration_seconds_count{{slice=\"{slice}\"}}", page, StringComparison.Ordinal));
        Assert.Contains("prometheus_engine_query_log_enabled 1", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_reload_is_a_notification_until_one_succeeds()
    {
        await using var running = await RunningServer.StartAsync(Config);
        await File.WriteAllTextAsync(running.ConfigFile, "globl: {}\n", Token);
        using var failed = await running.Client.PostAsync("/-/reload", content: null, Token);
        var (_, raised) = await running.GetAsync("/api/v1/notifications");
        Assert.Equal("Configuration reload has failed.", raised.GetProperty("data")[0].GetProperty("text").GetString());
        using var stream = await running.Client.GetStreamAsync("/api/v1/notifications/live", Token);
        using var reader = new StreamReader(stream);
        Assert.StartsWith("data: {\"text\":\"Configuration reload has failed.\"", await reader.ReadLineAsync(Token), StringComparison.Ordinal);

        await File.WriteAllTextAsync(running.ConfigFile, Config, Token);
        using var succeeded = await running.Client.PostAsync("/-/reload", content: null, Token);
        await reader.ReadLineAsync(Token);
        Assert.EndsWith("\"active\":false}", await reader.ReadLineAsync(Token), StringComparison.Ordinal);
        var (_, ended) = await running.GetAsync("/api/v1/notifications");
        Assert.Equal(0, ended.GetProperty("data").GetArrayLength());
    }

    [Theory]
    [InlineData("promql-experimental-functions", 200)]
    [InlineData("exemplar-storage,no-such-feature", 400)]
    public async Task Experimental_functions_are_there_for_who_enables_them(string features, int expected)
    {
        await using var running = await RunningServer.StartAsync(Config, o => o with { EnableFeatures = [features] });
        Assert.Equal(expected, (await running.GetAsync("/api/v1/query?query=limitk(1,vector(1))")).Status);
    }

    [Fact]
    public async Task Under_a_prefix_everything_is_where_the_proxy_sends_it()
    {
        await using var running = await RunningServer.StartAsync(Config, o => o with { ExternalUrl = new Uri("https://ci.example/flyball/") });
        Assert.Equal(200, (await running.GetAsync("/flyball/api/v1/query?query=1")).Status);
    }

    [Fact]
    public async Task Stopping_over_http_needs_the_flag()
    {
        await using var closed = await RunningServer.StartAsync(Config);
        using var refused = await closed.Client.PostAsync("/-/quit", content: null, Token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        await using var open = await RunningServer.StartAsync(Config, o => o with { EnableLifecycle = true });
        using var accepted = await open.Client.PostAsync("/-/quit", content: null, Token);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
        Assert.True(open.Server.StopRequested.IsCompleted);
    }
}
