using Flyball.Model.Time;
using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Step;
using Flyball.Pipelines.Tekton;
using Flyball.Pipelines.Tracking;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.Api;

/// <summary>How hooks are taken.</summary>
public sealed record HookOptions
{
    /// <summary>Largest body in bytes, after decompression: GitHub's own limit, the largest of all senders.</summary>
    public int MostBodyBytes { get; init; } = 25 << 20;

    /// <summary>Secrets by system (<c>tekton</c>, <c>step</c>, <c>github</c>, …), asked at every event so that files may rotate; a system
    /// without any takes events unproven.</summary>
    public Func<string, IReadOnlyList<string>> Secrets { get; init; } = static _ => [];
}

/// <summary>The webhooks of CI systems: <c>POST /hooks/{system}</c>.</summary>
public static class HookEndpoints
{
    /// <summary>Maps them.</summary>
    /// <remarks>202 = durable; 4xx = refused, do not send again; 503 = not durable, send again.</remarks>
    public static void MapPipelineHooks(
        this IEndpointRouteBuilder routes, RunTracker tracker, HookOptions options, TimeProvider time, ILoggerFactory? logs = null)
    {
        var log = (logs ?? NullLoggerFactory.Instance).CreateLogger("Flyball.Pipelines.Hooks");
        var metrics = new HookMetrics();
        var workers = new WorkerRegister();
        foreach (var connector in Connectors(options))
        {
            var door = new HookDoor(connector, tracker, options, metrics, workers, time, log);
            routes.MapPost("/hooks/" + connector.System, (RequestDelegate)door.TakeAsync);
        }
    }

    internal static IReadOnlyList<IConnector> Connectors(HookOptions options) =>
    [
        new TektonConnector(() => options.Secrets("tekton")),
        new StepConnector(() => options.Secrets("step")),
        new GitHubConnector(() => options.Secrets("github")),
        new GitLabConnector(() => options.Secrets("gitlab")),
        new BuildkiteConnector(() => options.Secrets("buildkite")),
        new JenkinsConnector(() => options.Secrets("jenkins")),
    ];
}

/// <summary>One system's hook: read, check, keep, answer.</summary>
internal sealed class HookDoor(
    IConnector connector, RunTracker tracker, HookOptions options, HookMetrics metrics, WorkerRegister workers, TimeProvider time, ILogger log)
{
    public async Task TakeAsync(HttpContext context)
    {
        var receivedAt = TimestampNs.Now(time);
        metrics.Received(connector.System);
        try
        {
            using var body = await RequestBody.ReadAsync(context, options.MostBodyBytes);
            var verdict = body is not null
                ? connector.Read(new HookRequest(
                    context.Request.Headers, context.Request.Query, body.GetBuffer().AsMemory(0, (int)body.Length), receivedAt))
                : new HookVerdict.Refused(
                    StatusCodes.Status413PayloadTooLarge, "too_large", $"the body is larger than {options.MostBodyBytes} bytes");
            await AnswerAsync(context, verdict, receivedAt);
        }
        catch (InvalidDataException)
        {
            await RefuseAsync(context, HookVerdict.Malformed("the body is not gzip, though Content-Encoding says so"));
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, new HookVerdict.Refused(e.StatusCode, "malformed", "the request broke off"));
        }
        catch (IOException e)
        {
            PipelinesLog.EventNotDurable(log, connector.System, e);
            await RefuseAsync(context, new HookVerdict.Refused(
                StatusCodes.Status503ServiceUnavailable, "not_durable", "the event could not be written to disk; send it again"));
        }
    }

    private async Task AnswerAsync(HttpContext context, HookVerdict verdict, TimestampNs receivedAt)
    {
        switch (verdict)
        {
            case HookVerdict.Facts facts:
                await tracker.ApplyAsync(facts.Of, context.RequestAborted);
                metrics.Accepted(connector.System, (receivedAt.Value - (double)facts.Of.Max(f => f.SourceTime.Value)) / 1e9);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            case HookVerdict.Worker worker:
                workers.Note(connector.System, worker.Of);
                metrics.Accepted(connector.System, (receivedAt.Value - (double)worker.Of.At.Value) / 1e9);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            case HookVerdict.Ignored ignored:
                metrics.Ignored(connector.System, ignored.Reason);
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                break;
            case HookVerdict.Refused refused:
                await RefuseAsync(context, refused);
                break;
        }
    }

    private async Task RefuseAsync(HttpContext context, HookVerdict.Refused refused)
    {
        metrics.Rejected(connector.System, refused.Reason);
        PipelinesLog.EventRefused(log, connector.System, refused.Reason);
        context.Response.StatusCode = refused.Status;
        await context.Response.WriteAsJsonAsync(new { error = refused.Message }, context.RequestAborted);
    }
}
