using Flyball.Model.Time;
using Flyball.Pipelines.Backfill;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Pipelines.Api;

/// <summary><c>GET</c> and <c>POST /api/flyball/backfill</c>: how far catching up is, and asking for more of it.</summary>
public static class BackfillApi
{
    /// <summary>Maps them.</summary>
    /// <param name="service">Null when no source is configured.</param>
    public static void MapBackfillApi(this IEndpointRouteBuilder routes, BackfillService? service)
    {
        routes.MapGet("/api/flyball/backfill", context => ShowAsync(context, service));
        routes.MapPost("/api/flyball/backfill", context => RequestAsync(context, service));
    }

    private static Task ShowAsync(HttpContext context, BackfillService? service) => context.Response.WriteAsJsonAsync(
        new
        {
            targets = (service?.Progress ?? []).Select(p => new
            {
                system = p.System, target = p.Target, state = p.State, runs = p.Runs, since = p.Since.Value == 0 ? null : p.Since.ToString(), message = p.Message,
            }),
        },
        context.RequestAborted);

    private static async Task RequestAsync(HttpContext context, BackfillService? service)
    {
        var system = context.Request.Query["system"].ToString();
        var text = context.Request.Query["since"].ToString();
        var since = ReadSince(text);
        if (text.Length > 0 && since is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"since is \"{text}\"; give a duration like 36h or 7d");
            return;
        }

        if (service is null || service.Request(system.Length == 0 ? null : system, since) == 0)
        {
            await RefuseAsync(
                context, StatusCodes.Status404NotFound, $"no source{(system.Length == 0 ? "" : " of " + system)} is configured; add one to \"backfill\" in flyball.yml");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status202Accepted;
        await ShowAsync(context, service);
    }

    private static TimeSpan? ReadSince(string text) =>
        DurationText.TryParse(text, out var duration) && duration.Value > 0 ? duration.ToTimeSpan() : null;

    private static Task RefuseAsync(HttpContext context, int status, string error)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error }, context.RequestAborted);
    }
}
