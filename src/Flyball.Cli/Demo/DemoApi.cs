using System.Net;
using System.Text.Json;

namespace Flyball.Cli.Demo;

/// <summary>A run as the server's own API tells it.</summary>
internal sealed record RunView(
    string Id, string RunId, string Pipeline, string State, string Result, DateTimeOffset? FinishedAt, IReadOnlyList<TaskView> Tasks);

/// <summary>An attempt of a task.</summary>
internal sealed record TaskView(
    string Name, int Attempt, string State, string Result, int? ExitCode, DateTimeOffset? FinishedAt, double Seconds, string LogTail);

/// <summary>An execution of an action.</summary>
internal sealed record ActionView(
    string Id, string Policy, string Action, string Status, string Reason, string AlertName, DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt, double? LatencySeconds, string Output);

/// <summary>Asks the server's API; the demo knows nothing the API does not tell.</summary>
internal sealed class DemoApi(Uri server) : IDisposable
{
    private readonly HttpClient _client = new() { BaseAddress = server, Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>Whether the server says it is ready.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync("/-/ready", cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The newest runs of a pipeline, without their tasks.</summary>
    public async Task<IReadOnlyList<RunView>> RunsAsync(string pipeline, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"/api/flyball/runs?limit=10&pipeline={Uri.EscapeDataString(pipeline)}", cancellationToken);
        return [.. List(answer, "runs").Select(ReadRun)];
    }

    /// <summary>A run with its tasks; null if the server does not know it.</summary>
    public async Task<RunView?> RunAsync(string id, CancellationToken cancellationToken) =>
        await GetAsync($"/api/flyball/runs/{id}", cancellationToken) is { ValueKind: JsonValueKind.Object } run ? ReadRun(run) : null;

    /// <summary>The newest executions.</summary>
    public async Task<IReadOnlyList<ActionView>> ActionsAsync(CancellationToken cancellationToken) =>
        [.. List(await GetAsync("/api/flyball/actions?limit=50", cancellationToken), "actions").Select(ReadAction)];

    /// <summary>Names of the alerts that fire now.</summary>
    public async Task<IReadOnlyList<string>> FiringAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/api/v1/alerts", cancellationToken);
        return answer.ValueKind != JsonValueKind.Object
            ? []
            : [.. List(answer.GetProperty("data"), "alerts").Where(a => Text(a, "state") == "firing").Select(a => Text(a.GetProperty("labels"), "alertname"))];
    }

    /// <summary>The value of a query with one answer; null if it has none.</summary>
    public async Task<double?> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/api/v1/query?query=" + Uri.EscapeDataString(expression), cancellationToken);
        if (answer.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var first = List(answer.GetProperty("data"), "result").FirstOrDefault();
        return first.ValueKind == JsonValueKind.Object && double.TryParse(first.GetProperty("value")[1].GetString(), out var value) ? value : null;
    }

    /// <summary>Kinds of the journal's entries about a subject, oldest first.</summary>
    public async Task<IReadOnlyList<string>> JournalKindsAsync(string subject, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"/api/flyball/journal?limit=100&subject={Uri.EscapeDataString(subject)}", cancellationToken);
        return [.. List(answer, "entries").Select(e => Text(e, "kind")).Reverse()];
    }

    /// <summary>Whether the journal's chain holds, and how many entries it has.</summary>
    public async Task<(bool Ok, long Entries)> VerifyJournalAsync(CancellationToken cancellationToken)
    {
        var answer = await GetAsync("/api/flyball/journal/verify", cancellationToken);
        return answer.ValueKind == JsonValueKind.Object
            ? (answer.GetProperty("ok").GetBoolean(), answer.GetProperty("entries").GetInt64())
            : (false, 0);
    }

    /// <summary>The spans of a trace by the API other tools use; 0 if there is none.</summary>
    public async Task<int> SpanCountAsync(string traceId, CancellationToken cancellationToken)
    {
        var answer = await GetAsync($"/api/traces/{traceId}", cancellationToken);
        return List(answer, "batches").Sum(b => List(b, "scopeSpans").Sum(s => List(s, "spans").Count()));
    }

    /// <summary>Opens the stream of changes.</summary>
    public async Task<Stream> OpenLiveAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/flyball/live");
        var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStreamAsync(cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    // A default element stands for "not there": the story waits and asks again.
    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await _client.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return default;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var document = await JsonDocument.ParseAsync(body, default, cancellationToken);
        return document.RootElement.Clone();
    }

    private static RunView ReadRun(JsonElement run) => new(
        Text(run, "id"), Text(run, "runId"), Text(run, "pipeline"), Text(run, "state"), Text(run, "result"), Time(run, "finishedAt"),
        run.TryGetProperty("tasks", out var tasks) && tasks.ValueKind == JsonValueKind.Array ? [.. tasks.EnumerateArray().Select(ReadTask)] : []);

    private static TaskView ReadTask(JsonElement task) => new(
        Text(task, "name"), (int)(Number(task, "attempt") ?? 1), Text(task, "state"), Text(task, "result"),
        (int?)Number(task, "exitCode"), Time(task, "finishedAt"), Number(task, "durationSeconds") ?? 0, Text(task, "logTail"));

    private static ActionView ReadAction(JsonElement action) => new(
        Text(action, "id"), Text(action, "policy"), Text(action, "action"), Text(action, "status"), Text(action, "reason"),
        action.TryGetProperty("alert", out var alert) ? Text(alert, "alertname") : "",
        Time(action, "startedAt"), Time(action, "finishedAt"), Number(action, "latencySeconds"), Text(action, "output"));

    private static JsonElement.ArrayEnumerator List(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : default;

    private static string Text(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static double? Number(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static DateTimeOffset? Time(JsonElement owner, string name) =>
        DateTimeOffset.TryParse(Text(owner, name), out var time) ? time : null;
}
