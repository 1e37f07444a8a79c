using System.Net;
using System.Text.Json;
using Flyball.Alerting.Api;
using Flyball.Alerting.Tests.Rules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Tests.Api;

public sealed class RulesApiTests : IAsyncLifetime
{
    private const string Yaml = """
        groups:
        - name: one
          interval: 5s
          rules:
          - {record: 'job:up:sum', expr: sum by (job) (up), labels: {team: a}}
          - {alert: Down, expr: up == 0, for: 20s, labels: {severity: page}, annotations: {summary: '{{ $labels.job }}'}}
        - name: two
          reactive: true
          rules:
          - {alert: Other, expr: vector(1)}
        """;

    private readonly RuleHarness _harness = new();
    private readonly HttpClient _client = new();
    private WebApplication _server = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.MapRulesApi(_harness.Manager);
        await _server.StartAsync();
        _client.BaseAddress = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _harness.Answers["up == 0"] = _ => RuleHarness.Vector(("api", 0));
        await _harness.ApplyAsync(Yaml);
        await _harness.AdvanceAsync(60);
        await _harness.AdvanceAsync(30);
    }

    [Fact]
    public async Task Alerts_have_the_shape_Prometheus_gives_them()
    {
        var alert = (await GetAsync("/api/v1/alerts")).GetProperty("alerts")[0];

        Assert.Equal("firing", alert.GetProperty("state").GetString());
        Assert.Equal("0e+00", alert.GetProperty("value").GetString());
        Assert.Equal("api", alert.GetProperty("annotations").GetProperty("summary").GetString());
        Assert.Equal("Down", alert.GetProperty("labels").GetProperty("alertname").GetString());
        Assert.EndsWith("Z", alert.GetProperty("activeAt").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_have_the_shape_Prometheus_gives_them()
    {
        var groups = (await GetAsync("/api/v1/rules")).GetProperty("groups");
        Assert.Equal(2, groups.GetArrayLength());
        Assert.Equal(
            ["name", "file", "rules", "interval", "limit", "evaluationTime", "lastEvaluation"],
            groups[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["name", "query", "labels", "health", "evaluationTime", "lastEvaluation", "type"],
            groups[0].GetProperty("rules")[0].EnumerateObject().Select(p => p.Name));
        var alerting = groups[0].GetProperty("rules")[1];
        Assert.Equal(
            ["state", "name", "query", "duration", "keepFiringFor", "labels", "annotations", "alerts", "health", "evaluationTime", "lastEvaluation", "type"],
            alerting.EnumerateObject().Select(p => p.Name));
        Assert.Equal((20.0, "alerting", "{{ $labels.job }}"),
            (alerting.GetProperty("duration").GetDouble(), alerting.GetProperty("type").GetString(), alerting.GetProperty("annotations").GetProperty("summary").GetString()));
    }

    [Theory]
    [InlineData("type=alert", "Down,Other")]
    [InlineData("type=record", "job:up:sum")]
    [InlineData("rule_name[]=Down", "Down")]
    [InlineData("rule_group[]=two", "Other")]
    [InlineData("file[]=none", "")]
    [InlineData("match[]={team=\"a\"}", "job:up:sum")]
    [InlineData("group_limit=1", "job:up:sum,Down")]
    public async Task Parameters_select(string query, string expected)
    {
        var groups = (await GetAsync("/api/v1/rules?" + query)).GetProperty("groups");
        var names = groups.EnumerateArray().SelectMany(g => g.GetProperty("rules").EnumerateArray()).Select(r => r.GetProperty("name").GetString());
        Assert.Equal(expected, string.Join(',', names));
    }

    [Fact]
    public async Task Groups_come_in_pages()
    {
        var first = await GetAsync("/api/v1/rules?group_limit=1");
        var second = await GetAsync("/api/v1/rules?group_limit=1&group_next_token=" + first.GetProperty("groupNextToken").GetString());
        Assert.Equal("two", second.GetProperty("groups")[0].GetProperty("name").GetString());
        Assert.False(second.TryGetProperty("groupNextToken", out _));
    }

    [Theory]
    [InlineData("type=x", "invalid parameter \"type\": not supported value \"x\"")]
    [InlineData("group_limit=-1", "invalid parameter \"group_limit\": group_limit needs to be a valid number")]
    [InlineData("match[]=%7B", null)]
    public async Task Wrong_parameters_are_refused(string query, string? expected)
    {
        using var response = await _client.GetAsync(new Uri("/api/v1/rules?" + query, UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("bad_data", body.RootElement.GetProperty("errorType").GetString());
        Assert.True(expected is null || expected == body.RootElement.GetProperty("error").GetString());
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _harness.DisposeAsync();
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        var text = await _client.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        using var body = JsonDocument.Parse(text);
        Assert.Equal("success", body.RootElement.GetProperty("status").GetString());
        return body.RootElement.GetProperty("data").Clone();
    }
}
