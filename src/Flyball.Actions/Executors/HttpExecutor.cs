using System.Text;

namespace Flyball.Actions.Executors;

/// <summary>Sends a request and expects a 2xx answer.</summary>
/// <remarks>
/// Sent again only when that is safe: the connection never came about, or the method is idempotent and the answer says "later". Each try
/// carries the execution's id as <c>Idempotency-Key</c>. Redirects are not followed: an action goes where the configuration says.
/// </remarks>
internal sealed class HttpExecutor : IExecutor, IDisposable
{
    private const int MostTries = 3;
    private const int TailBytes = 8 << 10;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _time;

    public HttpExecutor(TimeProvider time, HttpMessageHandler? handler = null)
    {
        _time = time;
        _client = new HttpMessageInvoker(handler ?? new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        });
    }

    public async Task<ActionOutcome> RunAsync(PreparedAction action, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(action.Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var mask = new SecretMask(action.Headers);
        try
        {
            var pause = FirstPause;
            for (var attempt = 1; ; attempt++)
            {
                var (outcome, isSafeToRepeat) = await TryAsync(action, mask, either.Token);
                if (outcome.Succeeded || !isSafeToRepeat || attempt == MostTries)
                {
                    return outcome;
                }

                await Task.Delay(pause, _time, either.Token);
                pause *= 2;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ActionOutcome(false, $"no answer after {action.Timeout.TotalSeconds:0.###} s; whether it was done there is not known", "", null);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<(ActionOutcome Outcome, bool IsSafeToRepeat)> TryAsync(
        PreparedAction action, SecretMask mask, CancellationToken cancellationToken)
    {
        try
        {
            using var request = Request(action);
            using var response = await _client.SendAsync(request, cancellationToken);
            var tail = await ReadTailAsync(response, cancellationToken);
            var code = (int)response.StatusCode;
            var outcome = code is >= 200 and < 300
                ? new ActionOutcome(true, "", mask.Apply(tail), code)
                : new ActionOutcome(false, $"answered {code}", mask.Apply(tail), code);
            return (outcome, IsIdempotent(action.Method) && code is 429 or 502 or 503 or 504);
        }
        catch (HttpRequestException e)
        {
            var neverSent = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
            return (new ActionOutcome(false, mask.Apply(e.Message), "", null), neverSent || IsIdempotent(action.Method));
        }
        catch (Exception e) when (e is UriFormatException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return (new ActionOutcome(false, mask.Apply(e.Message), "", null), false);
        }
    }

    private static HttpRequestMessage Request(PreparedAction action)
    {
        var address = new Uri(action.Url, UriKind.Absolute);
        if (address.Scheme is not ("http" or "https"))
        {
            throw new UriFormatException($"\"{action.Url}\" is no address that begins with http:// or https://");
        }

        var request = new HttpRequestMessage(new HttpMethod(action.Method), address);
        if (action.Body is { } body)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "flyball");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", action.Id);
        foreach (var (name, value) in action.Headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase) && request.Content is { } content)
            {
                content.Headers.Remove(name);
                content.Headers.TryAddWithoutValidation(name, value);
            }
            else
            {
                request.Headers.Remove(name);
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static async Task<string> ReadTailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        const long MostRead = 1 << 20;
        var tail = new OutputTail(TailBytes);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[4096];
        long total = 0;
        int read;
        while (total < MostRead && (read = await body.ReadAsync(buffer, cancellationToken)) > 0)
        {
            tail.Add(buffer.AsSpan(0, read));
            total += read;
        }

        return tail.ToString();
    }

    private static bool IsIdempotent(string method) => method is "GET" or "HEAD" or "PUT" or "DELETE";
}
