using System.IO.Compression;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Net;
using Flyball.Ingest.Bodies;

namespace Flyball.Ingest.Scraping;

/// <summary>Fetches a target's page over HTTP.</summary>
/// <param name="client">Shared by the pool; without a time-out of its own.</param>
/// <param name="headers">The headers of every request; secrets are read anew each time.</param>
internal sealed class HttpSource(HttpClient client, ScrapeHeaders headers, ScrapeTarget target, long bodySizeLimit, TimeProvider time)
    : IScrapeSource
{
    private readonly TimeSpan _timeout = target.Timeout.ToTimeSpan();

    public async ValueTask FetchAsync(BodyBuffer body, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await FetchInTimeAsync(body, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ScrapeFailedException($"Get \"{target.Url}\": context deadline exceeded", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or UnauthorizedAccessException
            or CryptographicException or NotSupportedException or InvalidOperationException or FormatException)
        {
            throw new ScrapeFailedException($"Get \"{target.Url}\": {Innermost(e).Message}", e);
        }
        catch (BodyTooLargeException e)
        {
            throw new ScrapeFailedException("body size limit exceeded", e) { BodyTooLarge = true };
        }
        catch (InvalidDataException e)
        {
            throw new ScrapeFailedException($"the answer is not valid gzip although it says so: {e.Message}", e);
        }
    }

    private async ValueTask FetchInTimeAsync(BodyBuffer body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target.Url);
        request.Options.Set(PoolClient.UnixSocket, target.UnixSocket);
        headers.ApplyTo(request, _timeout);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new ScrapeFailedException($"server returned HTTP status {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd());
        }

        body.ContentType = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var types) ? types.ToString() : "";
        await using var raw = await response.Content.ReadAsStreamAsync(cancellationToken);
        if (!response.Content.Headers.ContentEncoding.Contains("gzip", StringComparer.OrdinalIgnoreCase))
        {
            await body.FillAsync(raw, bodySizeLimit, cancellationToken);
            return;
        }

        await using var unzipped = new GZipStream(raw, CompressionMode.Decompress);
        await body.FillAsync(unzipped, bodySizeLimit, cancellationToken);
    }

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e;
    }
}
