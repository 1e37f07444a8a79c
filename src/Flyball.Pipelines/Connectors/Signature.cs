using System.Security.Cryptography;
using System.Text;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Connectors;

/// <summary>Checks signatures over raw bytes, in constant time, by any of several secrets.</summary>
internal static class Signature
{
    /// <summary>A signed timestamp further than this from now is a replay, or the clocks are wrong.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(5);

    /// <summary>Whether the hash is HMAC-SHA256 over prefix and body by one of the keys.</summary>
    public static bool IsHmac(IEnumerable<byte[]> keys, string prefix, ReadOnlyMemory<byte> body, ReadOnlySpan<byte> given)
    {
        var found = false;
        foreach (var key in keys)
        {
            using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
            hmac.AppendData(Encoding.UTF8.GetBytes(prefix));
            hmac.AppendData(body.Span);
            found |= CryptographicOperations.FixedTimeEquals(hmac.GetHashAndReset(), given);
        }

        return found;
    }

    /// <summary>Reads hex; empty if it is none.</summary>
    public static byte[] FromHex(string text)
    {
        try
        {
            return Convert.FromHexString(text.Trim());
        }
        catch (FormatException)
        {
            return [];
        }
    }

    /// <summary>Reads base64; empty if it is none.</summary>
    public static byte[] FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text.Trim(), bytes, out var length) ? bytes[..length] : [];
    }

    /// <summary>Whether a signed time is near enough to the arrival.</summary>
    public static bool IsFresh(string unixSeconds, TimestampNs receivedAt, out TimestampNs signedAt)
    {
        signedAt = default;
        if (!long.TryParse(unixSeconds.Trim(), out var seconds) || seconds is < 0 or > 10_000_000_000)
        {
            return false;
        }

        signedAt = new TimestampNs((ulong)seconds * 1000 * TimestampNs.PerMs);
        var distance = signedAt > receivedAt ? signedAt.Value - receivedAt.Value : receivedAt.Value - signedAt.Value;
        return distance <= (ulong)Window.TotalMilliseconds * TimestampNs.PerMs;
    }

    /// <summary>The verdict about a signed time that is too far away.</summary>
    public static HookVerdict.Refused Stale { get; } = new(
        Microsoft.AspNetCore.Http.StatusCodes.Status401Unauthorized, "stale",
        "the signed time is more than 5 minutes away; it is a replay, or the clocks disagree");

    /// <summary>Secrets as keys.</summary>
    public static IEnumerable<byte[]> Keys(IEnumerable<string> secrets) => secrets.Select(Encoding.UTF8.GetBytes);
}
