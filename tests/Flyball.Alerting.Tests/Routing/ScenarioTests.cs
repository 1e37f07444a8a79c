using System.Globalization;
using System.Text.Json;
using Flyball.Alerting.Routing;
using Flyball.Alerting.Silences;
using Flyball.Model.Labels;
using Flyball.Testing;
using YamlDotNet.RepresentationModel;

namespace Flyball.Alerting.Tests.Routing;

/// <summary>Alertmanager's acceptance scenarios, in time of our own making.</summary>
public sealed class ScenarioTests
{
    private readonly Dictionary<string, string> _silences = [];
    private readonly List<(double At, string Webhook, JsonElement Message)> _messages = [];
    private RouterHarness _harness = null!;
    private DateTimeOffset _start;

    [Theory]
    [InlineData("api-filter")]
    [InlineData("api-status")]
    [InlineData("batching")]
    [InlineData("inhibit")]
    [InlineData("merge-alerts")]
    [InlineData("merge-alerts-with-endsat")]
    [InlineData("repeat")]
    [InlineData("resolve-timeout")]
    [InlineData("resolved-filter")]
    [InlineData("silence-window")]
    [InlineData("two-webhooks-repeat")]
    [InlineData("utf8-route")]
    public async Task Holds(string name)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(SharedData.Require($"conformance/alertmanager/scenarios/{name}.yml"))));
        var scenario = (YamlMappingNode)stream.Documents[0].RootNode;
        var webhooks = ((YamlMappingNode)scenario["webhooks"]).Children.Keys.Select(k => ((YamlScalarNode)k).Value!).ToArray();
        await using var harness = _harness = await RouterHarness.StartAsync("route: {receiver: x}\nreceivers: [{name: x}]\n");
        _start = harness.Clock.GetUtcNow();
        var config = ((YamlScalarNode)scenario["config"]).Value!;
        foreach (var webhook in webhooks)
        {
            config = config.Replace($"{{{{webhook.{webhook}}}}}", $"{{{{url}}}}{webhook}", StringComparison.Ordinal);
        }

        await harness.ApplyAsync(config);
        await RunAsync(scenario);
        Check(scenario, webhooks);
    }

    private async Task RunAsync(YamlMappingNode scenario)
    {
        var steps = ((YamlSequenceNode)scenario["steps"]).Children.Cast<YamlMappingNode>().OrderBy(s => Number(s["at"])).ToArray();
        var webhooks = (YamlMappingNode)scenario["webhooks"];
        var end = Expectations(scenario).Select(e => e.Until).Append(steps.Max(s => Number(s["at"]))).Max() + 0.5;
        var next = 0;
        for (var now = 0.0; now <= end + 1e-9; now += 0.05)
        {
            while (next < steps.Length && Number(steps[next]["at"]) <= now + 1e-9)
            {
                await StepAsync(steps[next++]);
            }

            await _harness.AdvanceAsync(0.05, step: 0.05);
            foreach (var (path, message) in _harness.Webhook.DrainWithPaths())
            {
                // A webhook may answer for a while without taking note.
                if (Get((YamlMappingNode)webhooks[path], "drop_until") is not { } until || now + 0.05 >= Number(until))
                {
                    _messages.Add((now + 0.05, path, message));
                }
            }
        }
    }

    private async Task StepAsync(YamlMappingNode step)
    {
        if (Get(step, "post_alerts") is YamlSequenceNode alerts)
        {
            _harness.Router.Post([.. alerts.Children.Cast<YamlMappingNode>().Select(Posted)]);
        }
        else if (Get(step, "set_silence") is YamlMappingNode silence)
        {
            var window = (YamlSequenceNode)silence["window"];
            var matchers = ((YamlSequenceNode)silence["matchers"]).Children.Cast<YamlMappingNode>()
                .Select(m => new Matcher(Text(m["isRegex"]) == "true" ? MatchOp.Regex : MatchOp.Equal, Text(m["name"]), Text(m["value"])));
            _silences[Text(silence["id"])] = await _harness.Router.Silences.SetAsync(
                new Silence("", [.. matchers], Time(window[0]), Time(window[1])), TestContext.Current.CancellationToken);
        }
        else if (Get(step, "delete_silence") is { } handle)
        {
            await _harness.Router.Silences.ExpireAsync(_silences[Text(handle)], TestContext.Current.CancellationToken);
        }
        else if (Get(step, "get_alerts") is YamlMappingNode query)
        {
            var filters = (Get(query, "filter") as YamlSequenceNode)?.Children.Select(f => Alerting.Matching.AlertMatchers.ParseOne(Text(f))).ToArray() ?? [];
            CheckAlerts(step, [.. _harness.Router.Alerts().Where(a => filters.All(f => f.Matches(a.Labels)))]);
        }
        else
        {
            Assert.NotNull(Get(step, "reload"));
            await _harness.Router.ApplyAsync(_harness.Router.Config, new RouterSettings(), TestContext.Current.CancellationToken);
        }
    }

    private void CheckAlerts(YamlMappingNode step, RoutedAlertSnapshot[] alerts)
    {
        var expected = ((YamlSequenceNode)step["check"]).Children.Cast<YamlMappingNode>().Select(e => string.Join(' ',
            Labels(e, "labels"),
            Text(e["state"]),
            string.Join(',', ((YamlSequenceNode)e["silencedBy"]).Select(s => _silences[Text(s)])),
            string.Join(',', ((YamlSequenceNode)e["inhibitedBy"]).Select(s => AlertFingerprint.ToText(AlertFingerprint.Of(Labels((YamlMappingNode)s)))))));
        var actual = alerts.Select(a => string.Join(' ',
            a.Labels, a.State.ToString().ToLowerInvariant(), string.Join(',', a.SilencedBy), string.Join(',', a.InhibitedBy)));
        Assert.Equal(expected.Order(), actual.Order());
    }

    private void Check(YamlMappingNode scenario, string[] webhooks)
    {
        foreach (var (webhook, from, until, batch) in Expectations(scenario))
        {
            var inside = _messages.Where(m => m.Webhook == webhook && m.At >= from - 0.05 && m.At <= until).ToArray();
            if (batch.Count == 0)
            {
                Assert.Empty(inside);
                continue;
            }

            var expected = batch.Cast<YamlMappingNode>().Select(Describe).Order().ToArray();
            Assert.True(
                inside.Any(m => expected.SequenceEqual(m.Message.GetProperty("alerts").EnumerateArray().Select(Describe).Order())),
                $"{webhook} between {from} and {until}: expected {string.Join(" | ", expected)}; got {string.Join(" || ", _messages.Select(m => m.At.ToString("0.00") + " " + m.Webhook + ": " + string.Join(" | ", m.Message.GetProperty("alerts").EnumerateArray().Select(Describe))))}");
        }

        foreach (var webhook in webhooks)
        {
            var expectations = Expectations(scenario).Where(e => e.Webhook == webhook).ToArray();
            var end = expectations.Length == 0 ? double.MaxValue : expectations.Max(e => e.Until);
            if (expectations.Length > 0)
            {
                Assert.Equal(
                    expectations.Sum(e => e.Batch.Count),
                    _messages.Where(m => m.Webhook == webhook && m.At <= end).Sum(m => m.Message.GetProperty("alerts").GetArrayLength()));
            }
        }
    }

    private static IEnumerable<(string Webhook, double From, double Until, IList<YamlNode> Batch)> Expectations(YamlMappingNode scenario) =>
        (Get(scenario, "expect") as YamlMappingNode)?.Children.SelectMany(w => ((YamlSequenceNode)w.Value).Children.Cast<YamlMappingNode>()
            .Select(e => (Text(w.Key), Number(e["between"][0]), Number(e["between"][1]), ((YamlSequenceNode)e["batch"]).Children))) ?? [];

    // Labels, annotations, and the times to the nearest fifth of a second.
    private string Describe(YamlMappingNode alert)
    {
        var active = Get(alert, "active") as YamlSequenceNode;
        return string.Join(' ', Labels(alert, "labels"), Labels(alert, "annotations"),
            active is null ? "?" : Round(Number(active[0])), active?.Children.Count > 1 ? Round(Number(active[1])) : "-");
    }

    private string Describe(JsonElement alert)
    {
        var end = alert.GetProperty("endsAt").GetDateTimeOffset();
        return string.Join(' ', Labels(alert.GetProperty("labels")), Labels(alert.GetProperty("annotations")),
            Round((alert.GetProperty("startsAt").GetDateTimeOffset() - _start).TotalSeconds), end.Year == 1 ? "-" : Round((end - _start).TotalSeconds));
    }

    private static string Round(double seconds) => (Math.Round(seconds * 5) / 5).ToString("0.0", CultureInfo.InvariantCulture);

    private PostedAlert Posted(YamlMappingNode alert)
    {
        var active = Get(alert, "active") as YamlSequenceNode;
        return new PostedAlert(Labels(alert, "labels"))
        {
            Annotations = Labels(alert, "annotations"),
            StartsAt = active is null ? null : Time(active[0]),
            EndsAt = active is { Children.Count: > 1 } ? Time(active[1]) : null,
        };
    }

    private DateTimeOffset Time(YamlNode seconds) => _start.AddSeconds(Number(seconds));

    private static LabelSet Labels(YamlMappingNode node, string key) => Get(node, key) is YamlMappingNode labels ? Labels(labels) : LabelSet.Empty;

    private static LabelSet Labels(YamlMappingNode labels) => LabelSet.Of([.. labels.Children.Select(p => (Text(p.Key), Text(p.Value)))]);

    private static LabelSet Labels(JsonElement labels) => LabelSet.Of([.. labels.EnumerateObject().Select(p => (p.Name, p.Value.GetString()!))]);

    private static YamlNode? Get(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static double Number(YamlNode node) => double.Parse(Text(node), CultureInfo.InvariantCulture);
}
