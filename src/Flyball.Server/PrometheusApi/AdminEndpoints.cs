using Flyball.Metrics;
using Flyball.Model.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Flyball.Server.PrometheusApi;

/// <summary><c>/admin/tsdb/*</c>, which <c>--web.enable-admin-api</c> switches on. Prometheus documentation, "HTTP API".</summary>
internal sealed class AdminEndpoints(MetricStore store, bool isEnabled, TimeProvider time)
{
    private static readonly string[] Changes = [HttpMethods.Post, HttpMethods.Put];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapApi("/admin/tsdb/delete_series", Changes, DeleteAsync);
        routes.MapApi("/admin/tsdb/clean_tombstones", Changes, CleanAsync);
        routes.MapApi("/admin/tsdb/snapshot", Changes, SnapshotAsync);
    }

    private async Task DeleteAsync(HttpContext context, ApiRequest request)
    {
        CheckEnabled();
        var selectors = SeriesEndpoints.ReadSelectors(request);
        if (selectors.Count == 0)
        {
            throw ApiException.BadData("no match[] parameter provided");
        }

        var range = new TimeRange(request.Time("start", TimestampMs.Min), request.Time("end", TimestampMs.Max));
        if (range.IsEmpty)
        {
            throw ApiRequest.Invalid("end", "end timestamp must not be before start time");
        }

        await store.DeleteAsync(selectors, range, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    // Deletion rewrites blocks at once, so there is never anything left to clean.
    private Task CleanAsync(HttpContext context, ApiRequest request)
    {
        CheckEnabled();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task SnapshotAsync(HttpContext context, ApiRequest request)
    {
        CheckEnabled();
        var skipHead = request.Flag("skip_head");
        var random = System.Security.Cryptography.RandomNumberGenerator.GetHexString(16, lowercase: true);
        var name = $"{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}-{random}";
        await store.SnapshotAsync(name, skipHead, context.RequestAborted);
        await ApiAnswer.SuccessAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("name"u8, name);
            json.WriteEndObject();
        });
    }

    private void CheckEnabled()
    {
        if (!isEnabled)
        {
            throw new ApiException("unavailable", StatusCodes.Status500InternalServerError, "admin APIs disabled; start the server with --web.enable-admin-api");
        }
    }
}
