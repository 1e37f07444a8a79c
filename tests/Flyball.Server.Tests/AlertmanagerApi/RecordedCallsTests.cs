using System.Text.Json.Nodes;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.AlertmanagerApi;

/// <summary>The calls that were once made to a real Alertmanager, made here at the same moments; answers must be equal.</summary>
public sealed class RecordedCallsTests
{
    private const string Config = """
        host: {enabled: false}
        route:
          receiver: default
          group_by: [alertname]
          group_wait: 5s
          group_interval: 10s
          repeat_interval: 1h
          routes: [{receiver: page, matchers: ['severity="page"']}]
        receivers: [{name: default}, {name: page}]
        """;

    // What two alerts of Prometheus looked like that were there before the first call.
    private static readonly (string At, string Body)[] Before =
    [
        ("2026-11-21T04:14:27.332Z", """[{"labels":{"alertname":"AlwaysOn","region":"lab","replica":"a"},"startsAt":"2026-11-21T04:12:17.325Z","endsAt":"2026-11-21T04:18:27.325Z","generatorURL":"http://monitoring:19090/graph?g0.expr=vector%281%29&g0.tab=1"}]"""),
        ("2026-11-21T04:14:52.330Z", """[{"labels":{"alertname":"InstanceDown","instance":"127.0.0.1:19999","job":"down","region":"lab","replica":"a","severity":"page"},"annotations":{"summary":"127.0.0.1:19999 of down down (0)"},"startsAt":"2026-11-21T04:12:42.325Z","endsAt":"2026-11-21T04:18:52.325Z","generatorURL":"http://monitoring:19090/graph?g0.expr=up+%3D%3D+0&g0.tab=1"}]"""),
    ];

    /// <summary>Calls whose answer is another on purpose, and why.</summary>
    private static readonly Dictionary<string, string> Otherwise = new()
    {
        ["GET /api/v2/status"] = "configuration and version are ours",
        ["GET /api/v1/alerts"] = "API v1 is gone since 0.27; at one address the path is Prometheus'",
        ["GET /-/healthy"] = "at one address the text is Prometheus'",
        ["GET /-/ready"] = "at one address the text is Prometheus'",
        ["POST /-/reload"] = "allowed by --web.enable-lifecycle, as in Prometheus",
        ["DELETE /api/v2/silence/00000000-0000-0000-0000-000000000000"] = "404 since 0.26 instead of 500",
    };

    // Since 0.27 any UTF-8 is a valid label name.
    private const string ValidSince = "0bad-name";

    [Fact]
    public async Task Every_recorded_call_is_answered_as_it_was()
    {
        var stopping = TestContext.Current.CancellationToken;
        var clock = new TestClock(DateTimeOffset.Parse(Before[0].At));
        await using var running = await RunningServer.StartAsync(Config, o => o with { Time = clock });
        foreach (var (at, body) in Before)
        {
            clock.StepWallClock(DateTimeOffset.Parse(at) - clock.GetUtcNow());
            using var posted = await running.Client.PostAsync("/api/v2/alerts", new StringContent(body, null, "application/json"), stopping);
            posted.EnsureSuccessStatusCode();
        }

        clock.StepWallClock(DateTimeOffset.Parse("2026-11-21T04:15:01.330Z") - clock.GetUtcNow());
        var ids = new Dictionary<string, string>();
        var differences = new List<string>();
        var calls = await RecordedCall.LoadAsync("alertmanager-0.25.json");
        foreach (var call in calls.Where(c => c.Body?.Contains(ValidSince, StringComparison.Ordinal) != true))
        {
            using var request = call.ToRequest(text => ids.Aggregate(text, (t, id) => t.Replace(id.Key, id.Value, StringComparison.Ordinal)));
            using var response = await running.Client.SendAsync(request, stopping);
            var text = await response.Content.ReadAsStringAsync(stopping);
            if (call.Json is JsonObject { Count: 1 } made && made["silenceID"] is { } id && (int)response.StatusCode == 200)
            {
                ids[(string)id!] = (string)JsonNode.Parse(text)!["silenceID"]!;
            }

            if (Difference(call, (int)response.StatusCode, ids.Aggregate(text, (t, i) => t.Replace(i.Value, i.Key, StringComparison.Ordinal))) is { } difference)
            {
                differences.Add($"{request.Method} {request.RequestUri} {call.Body}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(43, calls.Count);
    }

    private static string? Difference(RecordedCall call, int status, string body)
    {
        if (Otherwise.ContainsKey($"{call.Method} {call.Path}"))
        {
            return null;
        }

        if (status != call.Status)
        {
            return $"status {status} instead of {call.Status}: {body}";
        }

        if (call.Json is null)
        {
            return body == call.Text ? null : $"\"{body}\" instead of \"{call.Text}\"";
        }

        return body.Length == 0 ? $"nothing instead of {call.Json.ToJsonString()}" : RecordedCall.Missing(Worded(call.Json), Worded(JsonNode.Parse(body)));
    }

    // How the parsers of two languages tell of the end of a text, and whether a regular expression is shown with its anchors.
    private static JsonNode? Worded(JsonNode? answer)
    {
        var text = answer!.ToJsonString();
        var cut = text.IndexOf("failed, because", StringComparison.Ordinal);
        cut = cut < 0 ? text.IndexOf("missing closing ): ", StringComparison.Ordinal) : cut;
        return cut < 0 ? answer : JsonValue.Create(text[..cut].Replace("\"code\":400,", "", StringComparison.Ordinal));
    }
}
