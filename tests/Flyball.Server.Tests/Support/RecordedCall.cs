using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Flyball.Testing;

namespace Flyball.Server.Tests.Support;

/// <summary>A call that was once made to a real server, and what it answered.</summary>
internal sealed partial record RecordedCall(string Method, string Path, JsonObject? Parameters, string? Body, int Status, JsonObject? Headers, JsonNode? Json, string? Text)
{
    /// <summary>All calls of a recording.</summary>
    public static async Task<IReadOnlyList<RecordedCall>> LoadAsync(string name)
    {
        var text = await File.ReadAllTextAsync(SharedData.Require("conformance/http/" + name), TestContext.Current.CancellationToken);
        return
        [
            .. JsonNode.Parse(text)!.AsArray().Select(c => new RecordedCall(
                (string)c!["request"]!["method"]!, (string)c["request"]!["path"]!, c["request"]!["params"] as JsonObject, (string?)c["request"]!["body"],
                (int)c["status"]!, c["headers"] as JsonObject, c["json"], (string?)c["body"])),
        ];
    }

    /// <summary>The same call to another server.</summary>
    public HttpRequestMessage ToRequest(Func<string, string> translate)
    {
        var pairs = (Parameters ?? []).SelectMany(p => (p.Value as JsonArray ?? [p.Value!.DeepClone()]).Select(v => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(v!.ToString())}"));
        var query = string.Join('&', pairs);
        return new HttpRequestMessage(new HttpMethod(Method), translate(Path) + (query.Length > 0 ? "?" + query : ""))
        {
            Content = Body is null ? null : new StringContent(translate(Body), Encoding.UTF8, Path.StartsWith("/api", StringComparison.Ordinal) ? "application/json" : "text/plain"),
        };
    }

    /// <summary>Where an answer lacks something of another, or has it otherwise. More than that it may have.</summary>
    public static string? Missing(JsonNode? expected, JsonNode? found, string at = "$")
    {
        switch (expected)
        {
            case JsonObject wanted when found is JsonObject given:
                return wanted.Select(p => given.ContainsKey(p.Key) ? Missing(p.Value, given[p.Key], at + "." + p.Key) : $"{at}.{p.Key} is missing").FirstOrDefault(m => m is not null);
            case JsonArray wanted when found is JsonArray given:
                return wanted.Count != given.Count
                    ? $"{at} has {given.Count} elements instead of {wanted.Count}: {given.ToJsonString()}"
                    : wanted.Select((w, i) => Missing(w, given[i], $"{at}[{i}]")).FirstOrDefault(m => m is not null);
            default:
                var (a, b) = (Moment().Replace(expected?.ToJsonString() ?? "null", "$1"), Moment().Replace(found?.ToJsonString() ?? "null", "$1"));
                return a == b ? null : $"{at} is {b} instead of {a}";
        }
    }

    /// <summary>What of a time is the moment of the call itself: its milliseconds.</summary>
    [GeneratedRegex(@"(04:(?:15|20):01|1\.79523450)[0-9.]*")]
    private static partial Regex Moment();
}
