using System.Globalization;
using System.Net;
using System.Text.Json;
using Flyball.Pipelines.Connectors;
using Microsoft.Extensions.Logging;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>Follows one kind of object in one namespace (or all): a list for what is, then a watch for what becomes.</summary>
/// <remarks>
/// 1. List all pages. 2. Watch from the list's version on; every event and bookmark moves the version. 3. A watch that ends is opened again
/// at the last version; a version the server no longer has (410) means: list again. A failure waits, longer each time.
/// One loop, owned by <see cref="TektonWatch"/>.
/// </remarks>
internal sealed class ResourceWatch(
    KubernetesApi api, WatchedResource resource, string ns, TektonWatchOptions options, IWatchListener listener, WatchMetrics metrics,
    TimeProvider time, ILogger log)
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AbsentResource = TimeSpan.FromMinutes(5);

    private readonly Random _random = new(StringComparer.Ordinal.GetHashCode(resource.Plural + ns));
    private string _version = "";
    private string _apiVersion = resource.Versions[0];
    private string _listReason = "start";
    private int _failures;

    /// <summary>Runs until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                if (_version.Length == 0)
                {
                    await ListAsync(stopping);
                }

                await WatchAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException or KubernetesRefusal)
            {
                await WaitAfterAsync(e, stopping);
            }
        }
    }

    private async Task ListAsync(CancellationToken stopping)
    {
        var uids = new HashSet<string>(StringComparer.Ordinal);
        var page = "";
        var version = "";
        do
        {
            using var document = await GetAsync(Query("limit", options.PageSize.ToString(CultureInfo.InvariantCulture), "continue", page), stopping);
            var root = document.RootElement;
            JsonElement[] items = [.. root.Items("items")];
            await listener.OnSeenAsync(resource, items, stopping);
            uids.UnionWith(items.Select(i => i.Text("metadata", "uid")).OfType<string>());
            page = root.Text("metadata", "continue") ?? "";
            version = root.Text("metadata", "resourceVersion") ?? version;
        }
        while (page.Length > 0);

        await listener.OnListedAsync(resource, ns, uids, stopping);
        metrics.Listed(resource.Plural, _listReason);
        _listReason = "again";
        _version = version.Length > 0 ? version : "0";
    }

    private async Task WatchAsync(CancellationToken stopping)
    {
        var hold = ((int)options.WatchTimeout.TotalSeconds + _random.Next(30)).ToString(CultureInfo.InvariantCulture);
        using var limit = new CancellationTokenSource(options.WatchTimeout + TimeSpan.FromSeconds(30) + Grace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        using var answer = await api.GetAsync(
            Query("watch", "1", "allowWatchBookmarks", "true", "resourceVersion", _version, "timeoutSeconds", hold), either.Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(either.Token);
        var hasTold = false;
        metrics.Opened();
        try
        {
            await foreach (var line in WatchLines.ReadAsync(stream, options.MostObjectBytes, () => metrics.TooLarge(resource.Plural), either.Token))
            {
                await TakeAsync(line, either.Token);
                hasTold = true;
                _failures = 0;
                if (_version.Length == 0)
                {
                    return;
                }
            }
        }
        finally
        {
            metrics.Closed();
        }

        if (!hasTold)
        {
            // A server that closes at once, again and again, must not be asked without pause.
            await WaitAsync(TimeSpan.Zero, stopping);
        }
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        using var document = JsonDocument.Parse(line);
        var type = document.RootElement.Text("type") ?? "";
        var thing = document.RootElement.At("object");
        metrics.Event(resource.Plural, type is "ADDED" or "MODIFIED" or "DELETED" or "BOOKMARK" or "ERROR" ? type : "other");
        switch (type)
        {
            case "ADDED" or "MODIFIED":
                await listener.OnSeenAsync(resource, [thing], cancellationToken);
                break;
            case "DELETED":
                await listener.OnDeletedAsync(resource, thing, cancellationToken);
                break;
            case "ERROR":
                // 410, or a reason of the server's own: in any case what was missed is only in a list.
                KubernetesLog.WatchExpired(log, resource.Plural);
                _listReason = thing.Integer("code") == 410 ? "expired" : "error";
                _version = "";
                return;
        }

        _version = thing.Text("metadata", "resourceVersion") ?? _version;
    }

    private async Task<JsonDocument> GetAsync(string query, CancellationToken stopping)
    {
        using var limit = new CancellationTokenSource(AnswerTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, limit.Token);
        using var answer = await api.GetAsync(query, either.Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(either.Token);
        return await JsonDocument.ParseAsync(stream, default, either.Token);
    }

    private string Query(params ReadOnlySpan<string> pairs)
    {
        var query = options.LabelSelector.Length == 0 ? "" : "&labelSelector=" + Uri.EscapeDataString(options.LabelSelector);
        for (var i = 0; i + 1 < pairs.Length; i += 2)
        {
            query += pairs[i + 1].Length == 0 ? "" : $"&{pairs[i]}={Uri.EscapeDataString(pairs[i + 1])}";
        }

        return resource.Path(_apiVersion, ns) + "?" + query.TrimStart('&');
    }

    private async Task WaitAfterAsync(Exception cause, CancellationToken stopping)
    {
        var status = (cause as KubernetesRefusal)?.Status;
        metrics.Failed(resource.Plural, status is { } code ? ((int)code).ToString(CultureInfo.InvariantCulture) : cause switch { JsonException => "unreadable", IOException => "broken", _ => "unreachable" });
        if (status == HttpStatusCode.Gone)
        {
            (_version, _listReason) = ("", "expired");
            return;
        }

        if (cause is JsonException)
        {
            // Asked for from the same version on, the line that is no event would come again.
            (_version, _listReason) = ("", "unreadable");
        }

        if (status == HttpStatusCode.NotFound)
        {
            await TryOtherVersionAsync(stopping);
            return;
        }

        var wait = NextWait((cause as KubernetesRefusal)?.RetryAfter ?? TimeSpan.Zero);
        KubernetesLog.WatchFailed(log, resource.Plural, wait.TotalMilliseconds, cause);
        await DelayAsync(wait, stopping);
    }

    // Which versions are served depends on the age of the installation; CustomRuns are not everywhere.
    private async Task TryOtherVersionAsync(CancellationToken stopping)
    {
        _version = "";
        var next = Array.IndexOf(resource.Versions, _apiVersion) + 1;
        _apiVersion = resource.Versions[next % resource.Versions.Length];
        if (next >= resource.Versions.Length)
        {
            KubernetesLog.ResourceAbsent(log, resource.Plural, AbsentResource.TotalSeconds);
            await DelayAsync(AbsentResource, stopping);
        }
    }

    private Task WaitAsync(TimeSpan atLeast, CancellationToken stopping) => DelayAsync(NextWait(atLeast), stopping);

    private TimeSpan NextWait(TimeSpan atLeast)
    {
        var step = options.FirstRetry * (1 << Math.Min(_failures++, 16));
        var wait = (step < options.MostRetry ? step : options.MostRetry) * (0.5 + (_random.NextDouble() / 2));
        return wait > atLeast ? wait : atLeast;
    }

    private async Task DelayAsync(TimeSpan wait, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(wait, time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition sees it.
        }
    }
}
