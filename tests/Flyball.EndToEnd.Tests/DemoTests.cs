using System.Text.Json;
using Flyball.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace Flyball.EndToEnd.Tests;

/// <summary>The story of <c>flyball demo</c>, told by the terminal and by the console in a real browser.</summary>
public sealed class DemoTests
{
    private static readonly TimeSpan StoryPatience = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task First_command_of_the_readme_exits_0_because_every_stage_happened()
    {
        using var patience = Patience();
        await using var demo = DemoProcess.Launch("--once");
        var code = await demo.EndAsync(patience.Token);
        Assert.True(code == 0, $"exit code {code}:\n{demo.Output}");
    }

    [Fact]
    public async Task Console_shows_waterfall_alert_action_and_journal()
    {
        using var patience = Patience();
        var token = patience.Token;
        var port = FlyballProcess.FreePort();
        await using var demo = DemoProcess.Start("--listen", $"127.0.0.1:{port}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.BecomesTrueAsync(t => IsHealedAsync(http, t), StoryPatience, () => "the story does not end well:\n" + demo.Output, token);

        await using var browser = await Browser.OpenAsync(ColorScheme.Light);
        var page = browser.Page;

        await page.GotoAsync($"http://127.0.0.1:{port}/");
        await page.Locator("[data-testid=run-row][data-pipeline=shop]").First.ClickAsync();
        await page.Locator("[data-testid=waterfall]").WaitForAsync();
        foreach (var task in (string[])["checkout", "build", "test", "deploy"])
        {
            await page.Locator($"[data-testid=waterfall-row][data-name='{task}']").First.WaitForAsync();
        }

        Assert.True(await page.Locator("[data-testid=waterfall-row][data-name='test']").CountAsync() >= 2, "both attempts of the test task are shown");
        await Screenshots.SaveAsync(page, "waterfall");

        await page.GotoAsync($"http://127.0.0.1:{port}/alerts");
        await page.Locator("[data-testid=alert-row][data-alertname=TaskFailed]").First.ClickAsync();
        await Screenshots.SaveAsync(page, "healed-alert");

        await page.GotoAsync($"http://127.0.0.1:{port}/actions");
        await page.Locator("[data-testid=action-row][data-state=succeeded][data-action=rerun-task]").First.WaitForAsync();
        await page.Locator("[data-testid=action-row][data-state=succeeded][data-action=roll-back]").First.WaitForAsync();
        await Screenshots.SaveAsync(page, "actions");

        await page.GotoAsync($"http://127.0.0.1:{port}/journal");
        await page.Locator("[data-testid=journal-row][data-kind='action.allowed']").First.WaitForAsync();
        await Screenshots.SaveAsync(page, "journal");

        await page.GotoAsync($"http://127.0.0.1:{port}/targets");
        await page.Locator("[data-testid=target-row]").First.WaitForAsync();

        await page.GotoAsync($"http://127.0.0.1:{port}/explore?q=" + Uri.EscapeDataString("rate(shop_requests_total[10s])"));
        await page.Locator("[data-testid=promql-editor]").WaitForAsync();
        Assert.Empty(browser.Complaints);

        Assert.Equal(0, await demo.InterruptAsync(token));
    }

    private static CancellationTokenSource Patience()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(StoryPatience + TimeSpan.FromSeconds(60));
        return source;
    }

    // Both actions succeeded and no alert is left.
    private static async Task<bool> IsHealedAsync(HttpClient http, CancellationToken token)
    {
        try
        {
            var actions = (await GetAsync(http, "/api/flyball/actions", token)).GetProperty("actions").EnumerateArray()
                .Where(a => a.GetProperty("status").GetString() == "succeeded")
                .Select(a => a.GetProperty("action").GetString())
                .ToHashSet();
            var alerts = (await GetAsync(http, "/api/v1/alerts", token)).GetProperty("data").GetProperty("alerts").GetArrayLength();
            return actions.Contains("rerun-task") && actions.Contains("roll-back") && alerts == 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path, CancellationToken token) =>
        JsonDocument.Parse(await http.GetStringAsync(path, token)).RootElement;
}
