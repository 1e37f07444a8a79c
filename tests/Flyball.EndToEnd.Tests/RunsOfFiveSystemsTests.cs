using System.Text.Json;
using Flyball.EndToEnd.Tests.Support;
using Flyball.Testing;
using Microsoft.Playwright;

namespace Flyball.EndToEnd.Tests;

/// <summary>Real payloads of Tekton, Buildkite, GitHub Actions, GitLab CI and Jenkins, posted to a real server and looked at in a real browser.</summary>
public sealed class RunsOfFiveSystemsTests
{
    private static readonly Dictionary<string, string> Payloads = new()
    {
        ["tekton"] = "data/ci/tekton/cloudevents",
        ["buildkite"] = "data/ci/buildkite/webhooks",
        ["github"] = "data/ci/github/webhooks",
        ["gitlab"] = "data/ci/gitlab/webhooks",
        ["jenkins"] = "data/ci/jenkins/notification",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Console_shows_runs_of_all_five_side_by_side_and_the_waterfall_of_each()
    {
        using var folder = new TemporaryFolder();
        await using var server = new FlyballProcess(folder.Path, "host: {enabled: false}\n");
        await server.StartAsync(Token);
        foreach (var (system, payloads) in Payloads)
        {
            await CiPayloads.PostAllAsync(server.Client, system, SharedData.Require(payloads), Token);
        }

        var systems = await SystemsOfAllRunsAsync(server.Client);
        Assert.Equal(Payloads.Keys.Order(StringComparer.Ordinal), systems.Values.Distinct().Order(StringComparer.Ordinal));

        await using var browser = await Browser.OpenAsync(ColorScheme.Light);
        var page = browser.Page;
        await page.GotoAsync($"http://127.0.0.1:{server.Http}/");
        foreach (var system in Payloads.Keys)
        {
            await page.Locator($"[data-testid=run-row][data-system={system}]").First.WaitForAsync();
        }

        await Screenshots.SaveAsync(page, "runs");
        await OrderAndFilterAsync(page, systems);

        foreach (var (id, _) in systems)
        {
            await page.GotoAsync($"http://127.0.0.1:{server.Http}/runs/{id}");
            await page.Locator("[data-testid=run-head]").WaitForAsync();
            await page.Locator("[data-testid=waterfall], [data-testid=empty]").First.WaitForAsync();
        }

        Assert.Empty(browser.Complaints);
    }

    private static async Task OrderAndFilterAsync(IPage page, Dictionary<string, string> systems)
    {
        await page.Locator("[data-testid=sort-duration]").ClickAsync();
        await page.Locator("[data-testid=sort-duration][data-state=desc]").WaitForAsync();
        Assert.Contains("sort=duration", page.Url, StringComparison.Ordinal);

        await page.Locator("[data-testid=system-choice][data-system=buildkite]").ClickAsync();
        await page.Locator("[data-testid=run-row]:not([data-system=buildkite])").First.WaitForAsync(new() { State = WaitForSelectorState.Detached });
        Assert.Equal(systems.Values.Count(s => s == "buildkite"), await page.Locator("[data-testid=run-row]").CountAsync());

        // The address holds all of it: a second look at the same place shows the same.
        await page.ReloadAsync();
        await page.Locator("[data-testid=run-row]").First.WaitForAsync();
        Assert.Equal(0, await page.Locator("[data-testid=run-row]:not([data-system=buildkite])").CountAsync());

        await page.Locator("[data-testid=filter-search]").FillAsync("no such words");
        await page.Locator("[data-testid=empty]").WaitForAsync();
    }

    private static async Task<Dictionary<string, string>> SystemsOfAllRunsAsync(HttpClient http)
    {
        using var answer = JsonDocument.Parse(await http.GetStringAsync("/api/flyball/runs?limit=1000", Token));
        return answer.RootElement.GetProperty("runs").EnumerateArray()
            .ToDictionary(r => r.GetProperty("id").GetString()!, r => r.GetProperty("system").GetString()!);
    }
}
