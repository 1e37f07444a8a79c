using System.Net;
using System.Text.Json;
using Flyball.Model.Labels;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>What Grafana's Prometheus data source asks, in its order and its form. Grafana documentation, "Prometheus data source".</summary>
public sealed class GrafanaTests
{
    private static readonly LabelSet Passed = LabelSet.Of(("__name__", "builds_total"), ("result", "passed"), ("branch", "main"));
    private static readonly LabelSet Failed = LabelSet.Of(("__name__", "builds_total"), ("result", "failed"), ("branch", "dev"));

    [Fact]
    public async Task Saving_and_testing_the_data_source_succeeds()
    {
        await using var running = await StartAsync();
        var health = await PostAsync(running, "/api/v1/query", ("query", "1+1"), ("time", "4"));
        Assert.Equal("""{"resultType":"scalar","result":[4,"2"]}""", health.GetProperty("data").GetRawText());
        var build = await GetAsync(running, "/api/v1/status/buildinfo");
        Assert.StartsWith("3.", build.GetProperty("data").GetProperty("version").GetString(), StringComparison.Ordinal);
        var features = await GetAsync(running, "/api/v1/features");
        Assert.True(features.GetProperty("data").GetProperty("api").GetProperty("label_values_match").GetBoolean());
        await GetAsync(running, "/api/v1/status/flags");
    }

    [Fact]
    public async Task The_query_builder_finds_metrics_labels_and_values()
    {
        await using var running = await StartAsync();
        var (start, end) = Range();
        var metrics = await GetAsync(running, $"/api/v1/label/__name__/values?start={start}&end={end}&limit=40000");
        Assert.Contains("builds_total", Strings(metrics));
        var metadata = await GetAsync(running, "/api/v1/metadata?limit=40000");
        Assert.Equal(JsonValueKind.Object, metadata.GetProperty("data").ValueKind);
        var labels = await PostAsync(running, "/api/v1/labels", ("start", start), ("end", end), ("match[]", "{__name__=\"builds_total\"}"), ("limit", "40000"));
        Assert.Equal(["__name__", "branch", "result"], Strings(labels));
        var values = await GetAsync(running, $"/api/v1/label/result/values?start={start}&end={end}&match[]={Uri.EscapeDataString("builds_total{branch=\"dev\"}")}&limit=40000");
        Assert.Equal(["failed"], Strings(values));
        var series = await PostAsync(running, "/api/v1/series", ("start", start), ("end", end), ("match[]", "builds_total"), ("limit", "40000"));
        Assert.Equal(2, series.GetProperty("data").GetArrayLength());
        Assert.False(series.TryGetProperty("warnings", out _));
    }

    [Theory]
    [InlineData("/api/v1/label/result/values?limit=1")]
    [InlineData("/api/v1/series?match[]=builds_total&limit=1")]
    [InlineData("/api/v1/labels?limit=1")]
    [InlineData("/api/v1/query?query=builds_total&limit=1")]
    public async Task What_a_limit_cuts_off_is_said(string path)
    {
        await using var running = await StartAsync();
        var answer = await GetAsync(running, path);
        Assert.Equal("results truncated due to limit", answer.GetProperty("warnings")[0].GetString());
        var data = answer.GetProperty("data");
        Assert.Equal(1, (data.ValueKind == JsonValueKind.Object ? data.GetProperty("result") : data).GetArrayLength());
    }

    [Fact]
    public async Task A_panel_gets_points_at_every_aligned_step()
    {
        await using var running = await StartAsync();
        var end = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 15 * 15;
        var range = await PostAsync(
            running, "/api/v1/query_range", ("query", "sum by (result) (builds_total)"), ("start", (end - 60).ToString()), ("end", end.ToString()), ("step", "15"));
        var result = range.GetProperty("data").GetProperty("result");
        Assert.Equal(2, result.GetArrayLength());
        Assert.All(result.EnumerateArray(), series => Assert.All(series.GetProperty("values").EnumerateArray(), point => Assert.Equal(0, point[0].GetInt64() % 15)));
        Assert.Equal(5, result[0].GetProperty("values").GetArrayLength());
    }

    [Fact]
    public async Task Exemplars_rules_and_alerts_are_lists_even_when_there_are_none()
    {
        await using var running = await StartAsync();
        var (start, end) = Range();
        var exemplars = await PostAsync(running, "/api/v1/query_exemplars", ("query", "builds_total"), ("start", start), ("end", end));
        Assert.Equal(0, exemplars.GetProperty("data").GetArrayLength());
        Assert.Equal(0, (await GetAsync(running, "/api/v1/rules")).GetProperty("data").GetProperty("groups").GetArrayLength());
        Assert.Equal(0, (await GetAsync(running, "/api/v1/rules?type=alert&group_limit=100")).GetProperty("data").GetProperty("groups").GetArrayLength());
        Assert.Equal(0, (await GetAsync(running, "/api/v1/alerts")).GetProperty("data").GetProperty("alerts").GetArrayLength());
        await GetAsync(running, "/api/v1/alertmanagers");
    }

    [Fact]
    public async Task The_editor_lays_a_query_out_and_explains_it()
    {
        await using var running = await StartAsync();
        var laidOut = await PostAsync(running, "/api/v1/format_query", ("query", "sum by(result)(rate(builds_total[5m]))"));
        Assert.Equal("sum by (result) (rate(builds_total[5m]))", laidOut.GetProperty("data").GetString());
        var tree = await PostAsync(running, "/api/v1/parse_query", ("query", "sum by(result)(rate(builds_total[5m]))"));
        Assert.Equal("aggregation", tree.GetProperty("data").GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_variable_of_thousands_of_values_selects_what_is_among_them()
    {
        await using var running = await StartAsync();
        var values = string.Join('|', Enumerable.Range(0, 20_000).Select(i => $"feature-{i}"));
        var some = await PostAsync(running, "/api/v1/query", ("query", $"builds_total{{branch=~\"main|{values}\"}}"));
        Assert.Equal(1, some.GetProperty("data").GetProperty("result").GetArrayLength());
        var others = await PostAsync(running, "/api/v1/query", ("query", $"builds_total{{branch!~\"main|{values}\"}}"));
        Assert.Equal("dev", others.GetProperty("data").GetProperty("result")[0].GetProperty("metric").GetProperty("branch").GetString());
    }

    [Fact]
    public async Task The_suggestions_of_a_newer_editor_are_searched()
    {
        await using var running = await StartAsync();
        var text = await running.Client.GetStringAsync("/api/v1/search/metric_names?search[]=bilds&fuzz_threshold=50&include_score=true&sort_by=score", TestContext.Current.CancellationToken);
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal("builds_total", lines[0].GetProperty("results")[0].GetProperty("name").GetString());
        Assert.Equal("""{"status":"success","has_more":false}""", lines[^1].GetRawText());
    }

    [Fact]
    public async Task Long_answers_are_compressed_for_who_asks()
    {
        await using var running = await StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status/flags");
        request.Headers.AcceptEncoding.ParseAdd("gzip");
        using var response = await running.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("gzip", response.Content.Headers.ContentEncoding);
    }

    private static async Task<RunningServer> StartAsync()
    {
        var running = await RunningServer.StartAsync();
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        IReadOnlyList<(long, double)> samples = [.. Enumerable.Range(0, 10).Select(i => (now - 100_000 + (i * 10_000), (double)i))];
        await running.WriteAsync((Passed, samples), (Failed, samples));
        return running;
    }

    private static (string Start, string End) Range()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return ((now - 3600).ToString(), now.ToString());
    }

    private static IEnumerable<string?> Strings(JsonElement answer) => answer.GetProperty("data").EnumerateArray().Select(v => v.GetString());

    private static async Task<JsonElement> GetAsync(RunningServer running, string path)
    {
        var (status, body) = await running.GetAsync(path);
        Assert.Equal(200, status);
        Assert.Equal("success", body.GetProperty("status").GetString());
        return body;
    }

    private static async Task<JsonElement> PostAsync(RunningServer running, string path, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        using var response = await running.Client.PostAsync(path, content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
