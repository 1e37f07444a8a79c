using System.Net;
using Flyball.Pipelines.Backfill;

namespace Flyball.Pipelines.Tests.Backfill;

public sealed class RateLimitTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Theory]
    [InlineData(429, "Retry-After: 7", true, 7)]
    [InlineData(503, "Retry-After: Fri, 15 Jan 2027 08:00:30 GMT", true, 30)]
    [InlineData(429, "", true, 60)]
    [InlineData(403, "X-RateLimit-Remaining: 0; X-RateLimit-Reset: 1800000012", true, 12)]
    [InlineData(403, "Retry-After: 3", true, 3)]
    [InlineData(403, "X-RateLimit-Remaining: 12", false, 0)]
    [InlineData(200, "X-RateLimit-Remaining: 0; X-RateLimit-Reset: 1800000012", false, 12)]
    [InlineData(200, "RateLimit-Remaining: 0; RateLimit-Reset: 41", false, 41)]
    [InlineData(200, "RateLimit-Remaining: 0; RateLimit-Reset: 1800000005", false, 5)]
    [InlineData(200, "RateLimit-Remaining: 1; RateLimit-Reset: 41", false, 0)]
    [InlineData(200, "X-RateLimit-Remaining: 0; X-RateLimit-Reset: 1700000000", false, 0)]
    [InlineData(200, "RateLimit-Remaining: none; RateLimit-Reset: never", false, 0)]
    public void Every_systems_words_are_understood(int status, string headers, bool isLimited, int waitSeconds)
    {
        using var answer = new HttpResponseMessage((HttpStatusCode)status);
        foreach (var header in headers.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var (name, value) = (header[..header.IndexOf(':', StringComparison.Ordinal)], header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..]);
            answer.Headers.TryAddWithoutValidation(name, value.Trim());
        }

        Assert.Equal(isLimited, RateLimit.IsLimited(answer));
        Assert.Equal(waitSeconds, (int)RateLimit.WaitAfter(answer, Now).TotalSeconds);
    }
}
