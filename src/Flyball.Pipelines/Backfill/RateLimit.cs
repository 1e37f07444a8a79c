using System.Globalization;
using System.Net;

namespace Flyball.Pipelines.Backfill;

/// <summary>Reads from an answer how long its server wants to be left alone, in the words of any of the systems.</summary>
internal static class RateLimit
{
    private const long LeastUnixTime = 1_000_000_000;

    /// <summary>How long to wait before the next request; zero when there is no need.</summary>
    public static TimeSpan WaitAfter(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (answer.Headers.RetryAfter is { } retry)
        {
            return AtLeastZero(retry.Delta ?? retry.Date - now ?? TimeSpan.Zero);
        }

        var isRefused = answer.StatusCode is HttpStatusCode.TooManyRequests;
        return Number(answer, "X-RateLimit-Remaining", "RateLimit-Remaining") == 0 && Number(answer, "X-RateLimit-Reset", "RateLimit-Reset") is { } reset
            ? AtLeastZero(reset >= LeastUnixTime ? DateTimeOffset.FromUnixTimeSeconds(reset) - now : TimeSpan.FromSeconds(Math.Min(reset, 86_400)))
            : isRefused ? TimeSpan.FromSeconds(60) : TimeSpan.Zero;
    }

    /// <summary>Whether an answer means "not now": 429, 503, or GitHub's 403 with nothing remaining.</summary>
    public static bool IsLimited(HttpResponseMessage answer) =>
        answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
        || (answer.StatusCode == HttpStatusCode.Forbidden
            && (answer.Headers.RetryAfter is not null || Number(answer, "X-RateLimit-Remaining", "RateLimit-Remaining") == 0));

    private static long? Number(HttpResponseMessage answer, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (answer.Headers.TryGetValues(name, out var values)
                && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 100_000_000_000)
            {
                return value;
            }
        }

        return null;
    }

    private static TimeSpan AtLeastZero(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
}
