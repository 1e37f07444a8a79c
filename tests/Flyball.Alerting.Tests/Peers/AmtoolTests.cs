using System.Text.Json;
using Flyball.Alerting.Api;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Tests.Routing;
using Flyball.Configuration;
using Flyball.Model.Labels;
using Flyball.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Flyball.Alerting.Tests.Peers;

/// <summary>The real amtool against our API, and its opinion on routes beside ours.</summary>
public sealed class AmtoolTests
{
    [Fact]
    public async Task Amtool_adds_queries_silences_and_expires()
    {
        await using var harness = await RouterHarness.StartAsync("route: {receiver: r, group_by: [alertname]}\nreceivers: [{name: r}]\n");
        await using var server = await ServeAsync(harness.Router);
        var url = "--alertmanager.url=" + server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        await MustAsync(url, "alert", "add", "alertname=Down", "job=a", "--annotation=summary=it is down");
        using var alerts = JsonDocument.Parse(await MustAsync(url, "alert", "query", "-o", "json", "alertname=Down"));
        Assert.Equal("it is down", alerts.RootElement[0].GetProperty("annotations").GetProperty("summary").GetString());

        // Its clock is the real one, ours stands in the past: a silence that begins "now" is pending here.
        var id = (await MustAsync(url, "silence", "add", "alertname=Down", "--author=ada", "--comment=why", "--duration=1h")).Trim();
        Assert.Equal("why", harness.Router.Silences.Find(id)!.Comment);
        Assert.Equal(id, (await MustAsync(url, "silence", "query", "-q")).Trim());
        await MustAsync(url, "silence", "expire", id);
        Assert.Equal("", (await MustAsync(url, "silence", "query", "-q")).Trim());
        Assert.Contains("receiver: r", await MustAsync(url, "config", "show"), StringComparison.Ordinal);
        Assert.Contains("receiver: r", await MustAsync(url, "config", "routes", "show"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("conf.routing.yml")]
    [InlineData("conf.routing-reverted.yml")]
    public async Task Routes_lead_to_the_receivers_amtool_names(string file)
    {
        var path = SharedData.Require("conformance/config/amtool-routing/" + file);
        var problems = new ConfigProblems();
        var root = Route.Compile(RoutingConfigReader.ReadFile(file, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken), problems)!.Route);
        Assert.Empty(problems.All);
        foreach (var value in (string[])["1", "2", "3", "12", "prod"])
        {
            var (_, output, _) = await PeerProcess.RunAsync("amtool", "config", "routes", "test", "--config.file=" + path, "test=" + value);
            Assert.Equal(output.Trim(), string.Join(',', root.Match(LabelSet.Of(("test", value))).Select(r => r.Receiver)));
        }
    }

    private static async Task<string> MustAsync(string url, params string[] arguments)
    {
        var (exitCode, output, errors) = await PeerProcess.RunAsync("amtool", [url, .. arguments]);
        Assert.True(exitCode == 0, $"amtool {string.Join(' ', arguments)}: {output}{errors}");
        return output;
    }

    private static async Task<WebApplication> ServeAsync(AlertRouter router)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapAlertmanagerApi(router);
        await server.StartAsync();
        return server;
    }
}
