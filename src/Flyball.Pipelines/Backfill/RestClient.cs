using System.Net;
using System.Text.Json;

namespace Flyball.Pipelines.Backfill;

/// <summary>Asks a REST API for JSON: waits when it is told to, tries again what may pass, follows pages.</summary>
/// <remarks>Credentials go to the API's own address only: a link that leads elsewhere is not followed.</remarks>
internal sealed class RestClient : IDisposable
{
    private const int MostTries = 5;
    private const int MostBytes = 64 << 20;
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    private readonly Uri _base;
    private readonly Action<HttpRequestMessage> _prove;
    private readonly BackfillOptions _options;
    private readonly TimeProvider _time;
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All, ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostBytes,
    };

    /// <summary>Makes a client of one API.</summary>
    /// <param name="prove">Adds the credential of this moment to a request.</param>
    public RestClient(Uri address, Action<HttpRequestMessage> prove, BackfillOptions options, TimeProvider time)
    {
        _base = new Uri(address.ToString().TrimEnd('/') + "/");
        _prove = prove;
        _options = options;
        _time = time;
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("flyball");
    }

    /// <summary>Called when the server wants to be left alone, and again with zero when it is over.</summary>
    public Action<TimeSpan> OnWait { get; set; } = static _ => { };

    /// <summary>GETs one document; null when there is none of that address (404).</summary>
    /// <exception cref="BackfillException">The server refuses, or does not answer sense.</exception>
    public async Task<JsonDocument?> GetAsync(string address, CancellationToken cancellationToken) =>
        (await GetPageAsync(address, cancellationToken))?.Document;

    /// <summary>GETs a page of a list, with the address of the next one.</summary>
    /// <exception cref="BackfillException">The server refuses, or does not answer sense.</exception>
    public async Task<RestPage?> GetPageAsync(string address, CancellationToken cancellationToken)
    {
        var target = new Uri(_base, address);
        if (!_base.IsBaseOf(target))
        {
            throw new BackfillException($"the API points to {target.GetLeftPart(UriPartial.Path)}, outside of {_base}; is \"url\" the address of the API?", isPageGone: true);
        }

        for (var tries = 1; ; tries++)
        {
            try
            {
                using var answer = await SendAsync(target, cancellationToken);
                if (RateLimit.IsLimited(answer) && tries < MostTries)
                {
                    if (!await WaitAsync(answer, cancellationToken))
                    {
                        await Task.Delay(_options.FirstRetry * (1 << tries), _time, cancellationToken);
                    }

                    continue;
                }

                if (answer.IsSuccessStatusCode)
                {
                    var page = new RestPage(await ParseAsync(answer, target, cancellationToken), NextOf(answer));
                    await WaitAsync(answer, cancellationToken);
                    return page;
                }

                if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                {
                    return null;
                }

                if ((int)answer.StatusCode < 500 || tries == MostTries)
                {
                    throw new BackfillException($"{target.GetLeftPart(UriPartial.Path)} answers {(int)answer.StatusCode} {answer.StatusCode}");
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (tries == MostTries)
                {
                    throw new BackfillException($"{target.GetLeftPart(UriPartial.Path)} cannot be reached: {e.Message}");
                }
            }

            await Task.Delay(_options.FirstRetry * (1 << tries), _time, cancellationToken);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri target, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        _prove(request);
        return await _client.SendAsync(request, either.Token);
    }

    private async Task<bool> WaitAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        var wait = RateLimit.WaitAfter(answer, _time.GetUtcNow());
        if (wait > _options.MostWait)
        {
            throw new BackfillException($"the server wants to be left alone for {wait.TotalMinutes:0} minutes; the rest follows with the next pass");
        }

        if (wait > TimeSpan.Zero)
        {
            OnWait(wait);
            await Task.Delay(wait, _time, cancellationToken);
            OnWait(TimeSpan.Zero);
        }

        return wait > TimeSpan.Zero;
    }

    private static async Task<JsonDocument> ParseAsync(HttpResponseMessage answer, Uri target, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        }
        catch (JsonException e)
        {
            throw new BackfillException($"{target.GetLeftPart(UriPartial.Path)} does not answer JSON: {e.Message}");
        }
    }

    // Link: <https://…&page=2>; rel="next", <…>; rel="last"
    private static string? NextOf(HttpResponseMessage answer)
    {
        foreach (var link in answer.Headers.TryGetValues("Link", out var values) ? string.Join(',', values).Split(',') : [])
        {
            var end = link.IndexOf('>', StringComparison.Ordinal);
            var begin = link.IndexOf('<', StringComparison.Ordinal);
            if (begin >= 0 && end > begin && link[end..].Contains("rel=\"next\"", StringComparison.OrdinalIgnoreCase))
            {
                return link[(begin + 1)..end];
            }
        }

        return null;
    }
}

/// <summary>A page of a list.</summary>
/// <param name="Next">Address of the next one; null = this is the last.</param>
internal sealed record RestPage(JsonDocument Document, string? Next);

/// <summary>A back-fill cannot go on; the message is for a person.</summary>
internal sealed class BackfillException(string message, bool isPageGone = false) : Exception(message)
{
    /// <summary>Whether the page asked for will never be there again: the pass begins anew.</summary>
    public bool IsPageGone { get; } = isPageGone;
}
