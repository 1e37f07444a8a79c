using System.Text.Json;
using Flyball.Alerting.Silences;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Tests.Routing;

/// <summary>From alerts to messages.</summary>
public sealed class AlertRouterTests
{
    private const string Simple = """
        route: {receiver: r, group_by: [alertname], group_wait: 10s, group_interval: 1m, repeat_interval: 1h}
        receivers: [{name: r, webhook_configs: [{url: '{{url}}'}]}]
        """;

    [Fact]
    public async Task A_group_gathers_tells_once_and_tells_when_all_is_well_again()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Fire("A", ("instance", "1"));
        await harness.AdvanceAsync(5, step: 1);
        harness.Fire("A", ("instance", "2"));
        harness.Fire("B");
        Assert.Empty(harness.Webhook.Drain());
        await harness.AdvanceAsync(5, step: 1);
        var first = Assert.Single(harness.Webhook.Drain());
        Assert.Equal(("firing", 2), (first.GetProperty("status").GetString(), first.GetProperty("alerts").GetArrayLength()));
        Assert.Equal("{}:{alertname=\"A\"}", first.GetProperty("groupKey").GetString());

        await harness.AdvanceAsync(100, step: 5);
        Assert.Equal(["{}:{alertname=\"B\"}"], harness.Webhook.Drain().Select(m => m.GetProperty("groupKey").GetString()));
        harness.Resolve("A", ("instance", "1"));
        harness.Resolve("A", ("instance", "2"));
        await harness.AdvanceAsync(65, step: 5);
        var last = Assert.Single(harness.Webhook.Drain());
        Assert.Equal("resolved", last.GetProperty("status").GetString());
        Assert.All(last.GetProperty("alerts").EnumerateArray(), a => Assert.NotEqual("0001-01-01T00:00:00Z", a.GetProperty("endsAt").GetString()));
        await harness.AdvanceAsync(200, step: 10);
        Assert.Empty(harness.Webhook.Drain());
    }

    [Fact]
    public async Task Without_group_wait_the_message_goes_at_once()
    {
        await using var harness = await RouterHarness.StartAsync(Simple.Replace("group_wait: 10s", "group_wait: 0s", StringComparison.Ordinal));
        harness.Fire("A");
        await harness.AdvanceAsync(0.001, step: 0.001);
        Assert.Single(harness.Webhook.Drain());
    }

    [Fact]
    public async Task The_same_news_is_repeated_only_after_the_repeat_interval()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Fire("A");
        await harness.AdvanceAsync(3500, step: 10);
        Assert.Single(harness.Webhook.Drain());
        await harness.AdvanceAsync(200, step: 10);
        Assert.Single(harness.Webhook.Drain());
    }

    [Fact]
    public async Task A_restart_neither_repeats_nor_forgets()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Fire("A");
        await harness.AdvanceAsync(10, step: 1);
        Assert.Single(harness.Webhook.Drain());
        var id = await harness.Router.Silences.SetAsync(Silence(harness, "B"), TestContext.Current.CancellationToken);

        await harness.RestartAsync(Simple);
        harness.Fire("A");
        harness.Fire("B");
        await harness.AdvanceAsync(120, step: 5);
        Assert.Empty(harness.Webhook.Drain());
        Assert.Equal(id, Assert.Single(harness.Router.Silences.All).Id);

        harness.Resolve("A");
        await harness.AdvanceAsync(65, step: 5);
        Assert.Equal("resolved", Assert.Single(harness.Webhook.Drain()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_reload_does_not_repeat_what_was_told()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Fire("A");
        await harness.AdvanceAsync(10, step: 1);
        Assert.Single(harness.Webhook.Drain());
        await harness.ApplyAsync(Simple + "\n");
        await harness.AdvanceAsync(120, step: 5);
        Assert.Empty(harness.Webhook.Drain());
    }

    [Fact]
    public async Task A_failing_receiver_is_tried_again_until_it_takes_the_message()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Webhook.Answers.Enqueue(500);
        harness.Webhook.Answers.Enqueue(429);
        harness.Fire("A");
        harness.Clock.Advance(TimeSpan.FromSeconds(10));
        await harness.Webhook.NextAsync();
        await NextAfterRetryAsync(harness);
        await NextAfterRetryAsync(harness);
        await harness.AdvanceAsync(100, step: 5);
        Assert.Empty(harness.Webhook.Drain());
    }

    [Fact]
    public async Task A_message_that_is_refused_is_not_pressed_but_tried_at_the_next_look()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        harness.Webhook.Answers.Enqueue(400);
        harness.Fire("A");
        await harness.AdvanceAsync(40, step: 1);
        Assert.Single(harness.Webhook.Drain());
        await harness.AdvanceAsync(60, step: 1);
        Assert.Single(harness.Webhook.Drain());
    }

    [Fact]
    public async Task Silenced_alerts_are_not_told_until_the_silence_ends()
    {
        await using var harness = await RouterHarness.StartAsync(Simple);
        var id = await harness.Router.Silences.SetAsync(Silence(harness, "A"), TestContext.Current.CancellationToken);
        harness.Fire("A");
        await harness.AdvanceAsync(80, step: 5);
        Assert.Empty(harness.Webhook.Drain());
        Assert.Equal([id], Assert.Single(harness.Router.Alerts()).SilencedBy);

        await harness.Router.Silences.ExpireAsync(id, TestContext.Current.CancellationToken);
        await harness.AdvanceAsync(60, step: 5);
        Assert.Single(harness.Webhook.Drain());
    }

    [Fact]
    public async Task Inhibited_alerts_are_not_told_while_their_source_fires()
    {
        await using var harness = await RouterHarness.StartAsync(Simple + "\ninhibit_rules: [{source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [job]}]\n");
        harness.Fire("Down", ("severity", "critical"), ("job", "a"));
        harness.Fire("Slow", ("severity", "warning"), ("job", "a"));
        harness.Fire("Slow", ("severity", "warning"), ("job", "b"));
        await harness.AdvanceAsync(11, step: 1);
        var messages = harness.Webhook.Drain();
        Assert.Equal(["b"], Jobs(messages, "Slow"));

        harness.Resolve("Down", ("severity", "critical"), ("job", "a"));
        await harness.AdvanceAsync(60, step: 5);
        Assert.Equal(["a", "b"], Jobs(harness.Webhook.Drain(), "Slow"));
    }

    [Fact]
    public async Task A_muting_interval_holds_messages_back()
    {
        // The clock of tests starts on a Monday at noon.
        await using var harness = await RouterHarness.StartAsync("""
            route: {receiver: r, group_wait: 10s, group_interval: 1m, routes: [{matchers: [alertname=A], mute_time_intervals: [noon]}]}
            receivers: [{name: r, webhook_configs: [{url: '{{url}}'}]}]
            time_intervals: [{name: noon, time_intervals: [{times: [{start_time: '12:00', end_time: '12:05'}], weekdays: [monday]}]}]
            """);
        harness.Fire("A");
        harness.Fire("B");
        await harness.AdvanceAsync(200, step: 10);
        Assert.Equal(["B"], harness.Webhook.Drain().Select(m => m.GetProperty("commonLabels").GetProperty("alertname").GetString()));
        Assert.Equal(["noon"], harness.Router.Alerts()[0].MutedBy);
        await harness.AdvanceAsync(200, step: 10);
        Assert.Equal(["A"], harness.Webhook.Drain().Select(m => m.GetProperty("commonLabels").GetProperty("alertname").GetString()));
    }

    [Fact]
    public async Task Secrets_are_sent_and_the_limit_of_alerts_is_kept()
    {
        await using var harness = await RouterHarness.StartAsync("""
            route: {receiver: r, group_wait: 1s, group_by: []}
            receivers: [{name: r, webhook_configs: [{url: '{{url}}', max_alerts: 1, http_config: {authorization: {credentials: s3cret}}}]}]
            """);
        harness.Fire("A");
        harness.Fire("B");
        await harness.AdvanceAsync(1, step: 1);
        Assert.Equal(1, Assert.Single(harness.Webhook.Drain()).GetProperty("truncatedAlerts").GetInt32());
        Assert.Equal("Bearer s3cret", harness.Webhook.Authorization);
    }

    // The wait before an attempt begins when the answer to the one before has been read; time must pass after that.
    private static async Task NextAfterRetryAsync(RouterHarness harness)
    {
        var next = harness.Webhook.NextAsync();
        while (!next.IsCompleted)
        {
            harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await next;
    }

    private static string[] Jobs(IEnumerable<JsonElement> messages, string alert) =>
        [.. messages.SelectMany(m => m.GetProperty("alerts").EnumerateArray()).Select(a => a.GetProperty("labels"))
            .Where(l => l.GetProperty("alertname").GetString() == alert).Select(l => l.GetProperty("job").GetString()!).Order()];

    private static Silence Silence(RouterHarness harness, string alert) => new(
        "", [new Matcher(MatchOp.Equal, "alertname", alert)], harness.Clock.GetUtcNow(), harness.Clock.GetUtcNow().AddHours(1));
}
