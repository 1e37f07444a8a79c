using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Tests.Kubernetes;

/// <summary>An API server that keeps objects with versions, lists them page by page, and lets them be watched, badly if asked.</summary>
internal sealed class FakeKubernetes : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (string Plural, JsonObject Thing)> _objects = [];
    private readonly List<(long Version, string Plural, string Line)> _history = [];
    private readonly CancellationTokenSource _ending = new();
    private CancellationTokenSource _cut = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = 100;
    private long _oldest;

    private FakeKubernetes(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    /// <summary>Paths and queries that were asked for, with what was answered.</summary>
    public List<(string Request, int Status, string Token)> Requests { get; } = [];

    /// <summary>Resources the cluster does not serve, as <c>v1/taskruns</c>.</summary>
    public HashSet<string> Absent { get; } = [];

    /// <summary>The token it wants; null = none.</summary>
    public string? Token { get; set; }

    /// <summary>Whether each event is sent twice, the one before it once more after it.</summary>
    public bool Stutters { get; set; }

    /// <summary>Whether an expired version is answered 410 at once instead of in the stream.</summary>
    public bool RefusesExpired { get; set; }

    public static async Task<FakeKubernetes> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeKubernetes(app);
        app.MapGet("/apis/tekton.dev/{version}/{plural}", (HttpContext c, string version, string plural) => fake.AnswerAsync(c, version, plural, ""));
        app.MapGet(
            "/apis/tekton.dev/{version}/namespaces/{ns}/{plural}",
            (HttpContext c, string version, string plural, string ns) => fake.AnswerAsync(c, version, plural, ns));
        await app.StartAsync();
        return fake;
    }

    public void Put(string plural, JsonObject thing)
    {
        lock (_gate)
        {
            var uid = (string)thing["metadata"]!["uid"]!;
            thing["metadata"]!["resourceVersion"] = $"{++_version}";
            Note(_objects.ContainsKey(uid) ? "MODIFIED" : "ADDED", plural, thing);
            _objects[uid] = (plural, thing);
        }
    }

    public void Delete(string uid)
    {
        lock (_gate)
        {
            _objects.Remove(uid, out var gone);
            _version++;
            Note("DELETED", gone.Plural, gone.Thing);
        }
    }

    public void Bookmark(string plural)
    {
        lock (_gate)
        {
            Note("BOOKMARK", plural, new JsonObject { ["metadata"] = new JsonObject { ["resourceVersion"] = $"{++_version}" } });
        }
    }

    public void Send(string plural, string line)
    {
        lock (_gate)
        {
            _history.Add((++_version, plural, line));
            Wake();
        }
    }

    /// <summary>Forgets all history: who watches from before must list again.</summary>
    public void Expire()
    {
        lock (_gate)
        {
            _history.Clear();
            _oldest = ++_version;
        }

        Cut();
    }

    /// <summary>Breaks every open stream in the middle.</summary>
    public void Cut()
    {
        var old = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
        old.Cancel();
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _app.DisposeAsync();
    }

    private void Note(string type, string plural, JsonObject thing)
    {
        _history.Add((_version, plural, new JsonObject { ["type"] = type, ["object"] = thing.DeepClone() }.ToJsonString()));
        Wake();
    }

    private void Wake() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task AnswerAsync(HttpContext context, string version, string plural, string ns)
    {
        var query = context.Request.Query;
        var authorization = context.Request.Headers.Authorization.ToString();
        var since = long.TryParse(query["resourceVersion"], out var given) ? given : 0;
        var status = Token is not null && authorization != "Bearer " + Token ? 401
            : Absent.Contains($"{version}/{plural}") ? 404
            : query["watch"] == "1" && RefusesExpired && since < _oldest ? 410 : 200;
        lock (_gate)
        {
            Requests.Add((context.Request.Path + context.Request.QueryString.Value, status, authorization));
        }

        context.Response.StatusCode = status;
        if (status == 200)
        {
            await (query["watch"] == "1" ? WatchAsync(context, plural, ns, since) : ListAsync(context, plural, ns));
        }
    }

    private async Task ListAsync(HttpContext context, string plural, string ns)
    {
        var limit = int.Parse(context.Request.Query["limit"].ToString());
        var skip = int.TryParse(context.Request.Query["continue"], out var at) ? at : 0;
        JsonObject answer;
        lock (_gate)
        {
            var all = _objects.Values.Where(o => o.Plural == plural && (ns.Length == 0 || (string?)o.Thing["metadata"]!["namespace"] == ns)).ToArray();
            answer = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["resourceVersion"] = $"{_version}", ["continue"] = skip + limit < all.Length ? $"{skip + limit}" : "",
                },
                ["items"] = new JsonArray([.. all.Skip(skip).Take(limit).Select(o => (JsonNode)o.Thing.DeepClone())]),
            };
        }

        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private async Task WatchAsync(HttpContext context, string plural, string ns, long since)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _cut.Token, _ending.Token);
        await context.Response.StartAsync();
        if (since < _oldest)
        {
            await context.Response.WriteAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""" + "\n");
            return;
        }

        try
        {
            var sent = 0;
            while (true)
            {
                Task changed;
                string[] lines;
                lock (_gate)
                {
                    changed = _changed.Task;
                    lines = [.. _history.Where(h => h.Plural == plural && h.Version > since
                        && (ns.Length == 0 || h.Line.Contains($"\"namespace\":\"{ns}\"", StringComparison.Ordinal))).Select(h => h.Line)];
                }

                for (; sent < lines.Length; sent++)
                {
                    var repeated = Stutters ? lines[sent] + "\n" + (sent > 0 ? lines[sent - 1] + "\n" : "") : "";
                    await context.Response.WriteAsync(lines[sent] + "\n" + repeated, stop.Token);
                }

                await context.Response.Body.FlushAsync(stop.Token);
                await changed.WaitAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Half a line, then nothing: what a broken proxy leaves.
            await context.Response.WriteAsync("{\"type\":\"MODI", CancellationToken.None);
            context.Abort();
        }
    }
}
