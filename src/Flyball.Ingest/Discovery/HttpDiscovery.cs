using System.Globalization;
using System.Net;
using Flyball.Ingest.Bodies;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Discovery;

/// <summary>Targets asked of an HTTP server at an interval. Prometheus documentation, "Configuration".</summary>
/// <remarks>An answer that cannot be used keeps the targets of the last good one.</remarks>
internal sealed class HttpDiscovery(HttpDiscoveryConfig config, TimeProvider time, ILogger logger) : IDiscovery
{
    private const long LargestAnswer = 64 << 20;

    public async Task RunAsync(Action<IReadOnlyList<TargetGroup>> publish, CancellationToken cancellationToken)
    {
        using var client = PoolClient.Create(config.Http);
        using var timer = new PeriodicTimer(config.RefreshInterval.ToTimeSpan(), time);
        do
        {
            try
            {
                publish(await AskAsync(client, cancellationToken));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or FormatException or BodyTooLargeException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                DiscoveryLog.ListRefused(logger, config.Url, e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task<IReadOnlyList<TargetGroup>> AskAsync(HttpClient client, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(config.RefreshInterval.ToTimeSpan(), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, config.Url);
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation(
            "X-Prometheus-Refresh-Interval-Seconds", config.RefreshInterval.ToSeconds().ToString(CultureInfo.InvariantCulture));
        ScrapeHeaders.ApplyAuthentication(config.Http, request);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new FormatException($"server returned HTTP status {(int)response.StatusCode} {response.ReasonPhrase}");
        }

        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            throw new FormatException($"unsupported content type \"{response.Content.Headers.ContentType}\"");
        }

        using var body = new BodyBuffer();
        await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
        await body.FillAsync(stream, LargestAnswer, either.Token);
        return TargetGroupReader.ReadJson(config.Url.ToString(), body.Memory, LabelSet.Of(("__meta_url", config.Url.ToString())));
    }
}
