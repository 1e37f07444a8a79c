using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Tests.Backfill;

/// <summary>A REST API of canned answers, by path and query; others are 404.</summary>
internal sealed class FakeRest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<Answer>> _answers = new(StringComparer.Ordinal);

    private FakeRest(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First() + "/");

    /// <summary>What was asked, in order, with the credential it came with.</summary>
    public List<(string Path, string Credential)> Requests { get; } = [];

    public static async Task<FakeRest> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeRest(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        return fake;
    }

    /// <summary>Adds an answer; several of one path are given in turn, the last for ever.</summary>
    /// <param name="path">The path, or the beginning of path and query.</param>
    public void On(string path, string body, int status = 200, params (string Name, string Value)[] headers)
    {
        lock (_gate)
        {
            if (!_answers.TryGetValue(path, out var queue))
            {
                _answers[path] = queue = new Queue<Answer>();
            }

            queue.Enqueue(new Answer(body, status, headers));
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = Uri.UnescapeDataString(context.Request.Path.Value!.TrimStart('/')) + Uri.UnescapeDataString(context.Request.QueryString.Value ?? "");
        Answer? answer;
        lock (_gate)
        {
            Requests.Add((path, context.Request.Headers.Authorization.ToString() + context.Request.Headers["PRIVATE-TOKEN"]));
            var key = _answers.Keys.Where(k => path == k || path.StartsWith(k + "?", StringComparison.Ordinal) || path.StartsWith(k + "&", StringComparison.Ordinal))
                .MaxBy(k => k.Length);
            answer = key is null ? null : _answers[key].Count > 1 ? _answers[key].Dequeue() : _answers[key].Peek();
        }

        context.Response.StatusCode = answer?.Status ?? 404;
        foreach (var (name, value) in answer?.Headers ?? [])
        {
            context.Response.Headers[name] = value.Replace("{base}", _app.Urls.First(), StringComparison.Ordinal);
        }

        await context.Response.WriteAsync(answer?.Body ?? "{}");
    }

    private sealed record Answer(string Body, int Status, (string Name, string Value)[] Headers);
}
