using System.Globalization;
using System.Text;
using Flyball.EndToEnd.Tests.Support;
using Microsoft.Playwright;

namespace Flyball.EndToEnd.Tests;

/// <summary>What a person asks the console in a real browser: plans of queries, exemplars, prepared questions, tests.</summary>
public sealed class ConsoleAsksTests
{
    private const string Trace = "0123456789abcdef0123456789abcdef";

    private const string Config = """
        host: {enabled: false}
        traces:
          span_metrics: {enabled: true, interval: 1s}
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plan_is_a_tree_and_says_where_a_selector_found_nothing()
    {
        await using var console = await ConsoleAt.StartAsync(Config, Token);
        var page = console.Browser.Page;

        await page.GotoAsync(console.Address("/explore?tab=table&q=" + Uri.EscapeDataString("sum(rate(flyball_traces_spanz[5m])) + 1")));
        await page.Locator("[data-testid=result-table]").WaitForAsync();
        Assert.Equal(0, await page.Locator("[data-testid=plan]").CountAsync());
        await page.Locator("[data-testid=toggle-explain]").ClickAsync();
        await page.Locator("[data-testid=plan-row][data-operator=rate]").WaitForAsync();

        Assert.Contains("explain=1", page.Url, StringComparison.Ordinal);
        Assert.Contains("flyball_traces_spanz", await page.Locator("[data-testid=query-note]").First.InnerTextAsync(), StringComparison.Ordinal);
        await page.Locator(".cm-lintRange-warning").First.WaitForAsync();

        var rows = await page.Locator("[data-testid=plan-row]").CountAsync();
        await page.Locator("[data-testid=plan-row]").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        await Assertions.Expect(page.Locator("[data-testid=plan-row]")).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator("[data-testid=plan-row]")).ToHaveCountAsync(rows);
        Assert.Empty(console.Browser.Complaints);
    }

    [Fact]
    public async Task An_exemplar_in_the_graph_leads_to_its_trace()
    {
        await using var console = await ConsoleAt.StartAsync(Config, Token);
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
        using var content = OtlpJson.Trace(Trace, "0123456789abcdef", "GET /basket", now - 300_000_000, now);
        using var taken = await console.Server.Client.PostAsync("/v1/traces", content, Token);
        Assert.True(taken.IsSuccessStatusCode, taken.StatusCode.ToString());
        await Eventually.BecomesTrueAsync(
            async t => (await console.Server.Client.GetStringAsync($"/api/v1/query_exemplars?query=traces_spanmetrics_latency_bucket&start=0&end={Soon()}", t)).Contains(Trace),
            TimeSpan.FromSeconds(30), () => "no exemplar of the span is to be had", Token);

        var page = console.Browser.Page;
        await page.GotoAsync(console.Address($"/explore?exemplars=1&range=15m&end={Soon()}&q=traces_spanmetrics_latency_bucket"));
        await page.Locator("[data-testid=exemplar]").First.ClickAsync();
        await page.Locator("[data-testid=trace-head]").WaitForAsync();
        await page.Locator("[data-testid=waterfall-row][data-name='GET /basket']").First.WaitForAsync();

        Assert.Contains(Trace, page.Url, StringComparison.Ordinal);
        Assert.Empty(console.Browser.Complaints);
    }

    [Fact]
    public async Task Questions_are_asked_in_forms_and_their_rows_lead_to_runs()
    {
        await using var console = await ConsoleAt.StartAsync(Config, Token);
        await AnnounceRunAsync(console.Server.Client);
        var page = console.Browser.Page;

        await page.GotoAsync(console.Address("/questions"));
        await Assertions.Expect(page.Locator("[data-testid=question-card]")).ToHaveCountAsync(10);
        foreach (var name in await page.Locator("[data-testid=question-card]").EvaluateAllAsync<string[]>("cards => cards.map(c => c.dataset.name)"))
        {
            await page.GotoAsync(console.Address($"/questions/{name}?since=400d&this=topic"));
            await page.Locator("[data-testid=answer], [data-testid=empty]").First.WaitForAsync();
        }

        await page.GotoAsync(console.Address("/questions/stuck?since=0"));
        await page.Locator("[data-testid=answer-row]").First.WaitForAsync();
        await page.Locator("[data-testid=parameter-longer-than]").FillAsync("1000000h");
        await page.Locator("[data-testid=answer][data-total='0']").WaitForAsync();
        await page.Locator("[data-testid=parameter-longer-than]").FillAsync("1h");
        await page.Locator("[data-testid=answer-row] a[href^='/runs/']").First.ClickAsync();
        await page.Locator("[data-testid=run-head]").WaitForAsync();

        // The critical path of no run that ended is a 404, of which browsers complain.
        Assert.DoesNotContain(console.Browser.Complaints, c => !c.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_test_says_how_flaky_it_is_and_in_which_runs_it_failed()
    {
        await using var console = await ConsoleAt.StartAsync(Config, Token);
        await AnnounceRunAsync(console.Server.Client);
        foreach (var outcome in (string[])["<failure message='too late'/>", "", ""])
        {
            using var report = new StringContent($"<testsuite name='shop'><testcase classname='Search' name='is indexed' time='1.5'>{outcome}</testcase></testsuite>", Encoding.UTF8, "text/xml");
            using var taken = await console.Server.Client.PostAsync("/api/flyball/tests/junit?system=step&run=run-17&attempt=1&commit=9d59409acf&task=test", report, Token);
            Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync(Token));
        }

        var page = console.Browser.Page;
        await page.GotoAsync(console.Address("/tests"));
        await page.Locator("[data-testid=test-row][data-name='is indexed']").ClickAsync();

        Assert.Contains("both held and failed", await page.Locator("[data-testid=flakiness]").InnerTextAsync(), StringComparison.Ordinal);
        await Assertions.Expect(page.Locator("[data-testid=test-execution]")).ToHaveCountAsync(3);
        await Assertions.Expect(page.Locator("[data-testid=test-execution][data-state=failed]")).ToHaveCountAsync(1);
        await page.Locator("[data-testid=test-execution] a").First.ClickAsync();
        await page.Locator("[data-testid=run-head]").WaitForAsync();
        Assert.Empty(console.Browser.Complaints);
    }

    private static string Soon() => TimeProvider.System.GetUtcNow().AddMinutes(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    private static async Task AnnounceRunAsync(HttpClient http)
    {
        using var content = new StringContent(
            """{"event":"started","system":"step","runId":"run-17","attempt":1,"pipeline":"shop","branch":"topic","at":"2026-01-05T09:00:00Z"}""", Encoding.UTF8, "application/json");
        using var response = await http.PostAsync("/hooks/step", content, Token);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}");
    }
}
