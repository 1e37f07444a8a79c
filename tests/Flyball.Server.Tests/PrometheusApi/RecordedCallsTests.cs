using System.Text;
using System.Text.Json;
using Flyball.Server.Tests.Support;
using Flyball.Testing;

namespace Flyball.Server.Tests.PrometheusApi;

/// <summary>Calls that a real Prometheus refused are refused here with the same status and kind of error.</summary>
public sealed class RecordedCallsTests
{
    // What is not offered at all is left out: it answers 404, as the documentation of the API says.
    private static readonly string[] NotOffered = ["/api/v1/admin", "/api/v1/read", "/federate"];

    // The recordings are of Prometheus 2.42; since 3.0 any UTF-8 is a valid label name.
    private const string ValidSince = "/api/v1/label/0bad/values";

    [Fact]
    public async Task Refusals_are_those_of_prometheus()
    {
        var recorded = JsonDocument.Parse(await File.ReadAllTextAsync(SharedData.Require("conformance/http/prometheus-2.42.json"), TestContext.Current.CancellationToken));
        await using var running = await RunningServer.StartAsync("global: {scrape_interval: 100ms}\nhost: {enabled: false}\n");
        await TwoTargetsAreUpAsync(running);
        var differences = new List<string>();
        var compared = 0;
        foreach (var call in recorded.RootElement.EnumerateArray())
        {
            var path = call.GetProperty("request").GetProperty("path").GetString()!;
            if (call.GetProperty("status").GetInt32() is not (400 or 422) || !call.TryGetProperty("json", out var expected)
                || expected.ValueKind != JsonValueKind.Object || path == ValidSince || NotOffered.Any(p => path.StartsWith(p, StringComparison.Ordinal)))
            {
                continue;
            }

            compared++;
            using var request = Request(call.GetProperty("request"), path);
            using var response = await running.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var wanted = $"{call.GetProperty("status").GetInt32()} {expected.GetProperty("errorType").GetString()}";
            var got = $"{(int)response.StatusCode} {ErrorType(body)}";
            if (got != wanted)
            {
                differences.Add($"{request.Method} {request.RequestUri}: {wanted} expected, {got} answered: {body}");
            }
        }

        Assert.True(compared > 15, $"only {compared} recorded refusals were compared");
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    private static async Task TwoTargetsAreUpAsync(RunningServer running)
    {
        for (var tries = 0; tries < 1000; tries++)
        {
            if ((await running.GetAsync("/api/v1/query?query=up")).Body.GetProperty("data").GetProperty("result").GetArrayLength() >= 2)
            {
                return;
            }
        }

        Assert.Fail("the built-in targets are not scraped");
    }

    private static HttpRequestMessage Request(JsonElement request, string path)
    {
        var pairs = new List<string>();
        if (request.TryGetProperty("params", out var parameters) && parameters.ValueKind == JsonValueKind.Object)
        {
            // What is refused depends on the data of the present here, not of the recording's.
            foreach (var parameter in parameters.EnumerateObject().Where(p => p.Name != "time" || p.Value.ValueKind != JsonValueKind.Number))
            {
                var values = parameter.Value.ValueKind == JsonValueKind.Array ? [.. parameter.Value.EnumerateArray()] : new[] { parameter.Value };
                pairs.AddRange(values.Select(v => $"{Uri.EscapeDataString(parameter.Name)}={Uri.EscapeDataString(v.ToString())}"));
            }
        }

        var text = string.Join('&', pairs);
        var method = new HttpMethod(request.GetProperty("method").GetString()!);
        return method == HttpMethod.Post
            ? new HttpRequestMessage(method, path) { Content = new StringContent(text, Encoding.UTF8, "application/x-www-form-urlencoded") }
            : new HttpRequestMessage(method, text.Length == 0 ? path : path + "?" + text);
    }

    private static string ErrorType(string body)
    {
        try
        {
            return JsonDocument.Parse(body).RootElement.TryGetProperty("errorType", out var type) ? type.GetString() ?? "" : "";
        }
        catch (JsonException)
        {
            return "no JSON";
        }
    }
}
