using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flyball.Model.Labels;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>The calls that were once made to a real Prometheus, made here at the same moment on the same series.</summary>
/// <remarks>The server's clock stands where the recording's stood, and the series <c>up</c> is written as the recording shows it;
/// answers about it must then be equal. Answers about other data must have the same shape and fit the API's description.</remarks>
public sealed class RecordedCallsTests
{
    private const string Config = """
        global: {external_labels: {region: lab, replica: a}}
        host: {enabled: false}
        rule_files: [rules.yml]
        scrape_configs: [{job_name: node}]
        """;

    private const string Rules = """
        groups:
        - name: g1
          rules:
          - {record: "job:up:sum", expr: sum by (job) (up)}
          - {alert: InstanceDown, expr: up == 0, for: 20s, labels: {severity: page}}
        """;

    // Since 3.0 any UTF-8 is a valid label name.
    private const string ValidSince = "/api/v1/label/0bad/values";

    // 2.42 began the text of some refusals in another way.
    private static readonly string[] WordedOtherwise = ["Invalid time value for", "match group", "limit must be a number", "invalid regular expression", "1:2: parse error", "invalid expression type"];

    [Fact]
    public async Task Every_recorded_call_is_answered_as_it_was()
    {
        var recorded = JsonNode.Parse(await File.ReadAllTextAsync(SharedData.Require("conformance/http/prometheus-2.42.json"), TestContext.Current.CancellationToken))!.AsArray();
        var api = OpenApi.Load();
        var now = DateTimeOffset.FromUnixTimeMilliseconds(1_795_234_501_500);
        await using var running = await RunningServer.StartAsync(Config, o => o with { Time = new TestClock(now), EnableAdminApi = true }, ("rules.yml", Rules));
        await WriteUpAsync(running, recorded);

        var differences = new List<string>();
        foreach (var call in recorded.Select(c => c!.AsObject()))
        {
            var request = call["request"]!.AsObject();
            var path = (string)request["path"]!;
            if (path == ValidSince)
            {
                continue;
            }

            using var message = Message(request, path);
            using var response = await running.Client.SendAsync(message, TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            differences.AddRange(Differences(call, path, api, (int)response.StatusCode, body).Select(d => $"{message.Method} {message.RequestUri}: {d}"));
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
        Assert.Equal(95, recorded.Count);
    }

    private static IEnumerable<string> Differences(JsonObject call, string path, OpenApi api, int status, string body)
    {
        if (status != (int)call["status"]!)
        {
            yield return $"status {status} instead of {call["status"]}: {body}";
            yield break;
        }

        if (call["json"] is not JsonObject expected)
        {
            if (call["body"] is JsonValue text && !path.StartsWith("/api/v1/write", StringComparison.Ordinal) && !path.StartsWith("/api/v1/read", StringComparison.Ordinal)
                && (string?)text is var wanted && wanted != body && status != 405)
            {
                yield return $"\"{body}\" instead of \"{wanted}\"";
            }

            yield break;
        }

        var answer = JsonNode.Parse(body)!.AsObject();
        // The description wants both parts of a string result to be strings; Prometheus writes the time as a number.
        var isString = (string?)(answer["data"] as JsonObject)?["resultType"] == "string";
        foreach (var problem in isString ? [] : api.Problems((string)call["request"]!["method"]!, path, status, JsonDocument.Parse(body).RootElement))
        {
            yield return problem;
        }

        if ((string?)answer["errorType"] != (string?)expected["errorType"])
        {
            yield return $"error type {answer["errorType"]} instead of {expected["errorType"]}";
        }
        else if ((string?)expected["error"] is { } error && !WordedOtherwise.Any(error.Contains) && error != (string?)answer["error"])
        {
            yield return $"error \"{answer["error"]}\" instead of \"{error}\"";
        }

        if (IsAboutUp(call) && !JsonNode.DeepEquals(Stripped(answer["data"]), Stripped(expected["data"])))
        {
            yield return $"{answer["data"]?.ToJsonString()} instead of {expected["data"]?.ToJsonString()}";
        }
        else if (answer["data"]?.GetValueKind() != expected["data"]?.GetValueKind())
        {
            yield return $"data is {answer["data"]?.GetValueKind()} instead of {expected["data"]?.GetValueKind()}";
        }
        else if (answer["data"] is JsonObject data)
        {
            foreach (var (name, value) in expected["data"]!.AsObject().Where(p => IsField(path, p.Key) && !data.ContainsKey(p.Key)))
            {
                yield return $"data has no \"{name}\", which was {value?.GetValueKind()}";
            }
        }
    }

    // Names in these objects are those of flags and metrics, which come and go between versions.
    private static bool IsField(string path, string name) =>
        name != "stats" && path is not ("/api/v1/status/flags" or "/api/v1/metadata");

    // Only of the series "up", or of no series at all, is the data here the same as it was there. (2.42 did not know lookback_delta.)
    private static bool IsAboutUp(JsonObject call)
    {
        if (call["request"]!["params"] is not JsonObject parameters || (int)call["status"]! != 200)
        {
            return false;
        }

        var text = (string?)(parameters["query"] ?? (parameters["match[]"] is JsonValue selector ? selector : null));
        return text is not null && !text.Contains("prometheus_", StringComparison.Ordinal) && parameters["match_target"] is null
            && parameters["lookback_delta"] is null
            && (parameters["time"] is not null || parameters["start"] is not null || parameters["match[]"] is not null || !text.Contains("up", StringComparison.Ordinal));
    }

    private static JsonNode? Stripped(JsonNode? data)
    {
        var copy = data?.DeepClone();
        (copy as JsonObject)?.Remove("stats");
        return copy;
    }

    // One sample before everything that was asked, then those the recording shows one by one.
    private static async Task WriteUpAsync(RunningServer running, JsonArray recorded)
    {
        var raw = recorded.Single(c => (string?)c!["request"]!["params"]?["query"] == "up[20s]")!["json"]!["data"]!["result"]!.AsArray();
        await running.WriteAsync(raw.Select(series => (
            LabelSet.Of([.. series!["metric"]!.AsObject().Select(l => (l.Key, (string)l.Value!))]),
            (IReadOnlyList<(long, double)>)[(1_795_234_400_000, Value(series["values"]![0]!)), .. series["values"]!.AsArray().Select(p => (Ms(p![0]!), Value(p)))])));

        // The scrapes after that moment, which federation shows.
        var federated = (string)recorded.Single(c => (string)c!["request"]!["path"]! == "/federate" && (string?)c["request"]!["params"]?["match[]"] == "up")!["body"]!;
        var latest = federated.Split('\n').Where(l => l.StartsWith("up{", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToList();
        await running.WriteAsync(raw.Select(series => (
            LabelSet.Of([.. series!["metric"]!.AsObject().Select(l => (l.Key, (string)l.Value!))]),
            (IReadOnlyList<(long, double)>)[.. latest.Where(l => l[0].Contains((string)series["metric"]!["instance"]!, StringComparison.Ordinal)).Select(l => (long.Parse(l[2]), double.Parse(l[1])))])));
    }

    private static long Ms(JsonNode seconds) => (long)Math.Round((double)seconds * 1000);

    private static double Value(JsonNode point) => double.Parse((string)point[1]!);

    private static HttpRequestMessage Message(JsonObject request, string path)
    {
        var pairs = new List<string>();
        foreach (var (name, value) in request["params"] as JsonObject ?? [])
        {
            var values = value is JsonArray many ? many.Select(v => v!.ToString()) : [value!.ToString()];
            pairs.AddRange(values.Select(v => $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(v)}"));
        }

        var text = string.Join('&', pairs);
        var method = new HttpMethod((string)request["method"]!);
        if (method != HttpMethod.Post)
        {
            return new HttpRequestMessage(method, text.Length == 0 ? path : path + "?" + text);
        }

        return (string?)request["body"] is { } body
            ? new HttpRequestMessage(method, path) { Content = new StringContent(body) { Headers = { ContentType = new("application/x-protobuf") } } }
            : new HttpRequestMessage(method, path) { Content = new StringContent(text, Encoding.UTF8, path.StartsWith("/api/v1/write", StringComparison.Ordinal) ? "application/x-protobuf" : "application/x-www-form-urlencoded") };
    }
}
