using System.Text.Json.Nodes;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.PushgatewayApi;

/// <summary>The calls that were once made to a real Pushgateway, made here at the same moment; answers must be equal.</summary>
public sealed class RecordedCallsTests
{
    // The groups these calls make; the recording began with others.
    private static readonly string[] Jobs = ["j1", "j2", "j3", "j4", "j5"];

    /// <summary>Calls whose answer is another on purpose, and why.</summary>
    private static readonly Dictionary<string, string> Otherwise = new()
    {
        ["GET /api/v1/status"] = "build and flags are told by /api/v1/status/buildinfo and /api/v1/status/flags",
        ["GET /-/healthy"] = "at one address the text is Prometheus'",
        ["GET /-/ready"] = "at one address the text is Prometheus'",
        ["PUT /metrics/job/"] = "refused at once, and not sent to a path that refuses it",
        ["PUT /api/v1/admin/wipe"] = "allowed here by --web.enable-admin-api, which these tests switch on",
    };

    [Fact]
    public async Task Every_recorded_call_is_answered_as_it_was()
    {
        var clock = new TestClock(DateTimeOffset.Parse("2026-11-21T04:15:01.380Z"));
        await using var running = await RunningServer.StartAsync("host: {enabled: false}\n", o => o with { Time = clock });
        var differences = new List<string>();
        var calls = await RecordedCall.LoadAsync("pushgateway-1.5.json");
        foreach (var call in calls.Where(c => c.Path != "/api/v1/admin/wipe"))
        {
            using var request = call.ToRequest(text => text);
            using var response = await running.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            if (Difference(call, (int)response.StatusCode, body) is { } difference)
            {
                differences.Add($"{request.Method} {request.RequestUri}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(23, calls.Count);
    }

    [Fact]
    public async Task Everything_pushed_is_forgotten_by_who_may_administer()
    {
        var stopping = TestContext.Current.CancellationToken;
        await using var running = await RunningServer.StartAsync();
        using var pushed = await running.Client.PutAsync("/metrics/job/j", new StringContent("# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 2500000\nh_count 3\n"), stopping);
        pushed.EnsureSuccessStatusCode();
        var group = (await running.GetAsync("/api/v1/metrics")).Body.GetProperty("data")[0];
        Assert.Equal(
            """[{"labels":{"job":"j","instance":""},"buckets":{"1":"2","+Inf":"3"},"count":"3","sum":"2.5e\u002B06"}]""",
            group.GetProperty("h").GetProperty("metrics").GetRawText().Replace("\\u002BInf", "+Inf", StringComparison.Ordinal));
        Assert.Equal("HISTOGRAM", group.GetProperty("h").GetProperty("type").GetString());
        using var wiped = await running.Client.PutAsync("/api/v1/admin/wipe", null, stopping);
        Assert.Equal(202, (int)wiped.StatusCode);
        Assert.Equal(0, (await running.GetAsync("/api/v1/metrics")).Body.GetProperty("data").GetArrayLength());
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

        return RecordedCall.Missing(Ours(call.Json), Ours(JsonNode.Parse(body)!));
    }

    private static JsonArray Ours(JsonNode answer) => new JsonArray(
    [
        .. answer["data"]!.AsArray().Where(g => Jobs.Contains((string)g!["labels"]!["job"]!) && (bool)g["last_push_successful"]!)
            .OrderBy(g => (string)g!["labels"]!["job"]!, StringComparer.Ordinal).Select(g => g!.DeepClone()),
    ]);
}
