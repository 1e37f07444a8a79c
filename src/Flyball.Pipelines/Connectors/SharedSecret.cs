using System.Security.Cryptography;
using System.Text;

namespace Flyball.Pipelines.Connectors;

/// <summary>Compares secrets without telling by its time how much of them was right.</summary>
internal static class SharedSecret
{
    /// <summary>Whether one of the configured tokens was given: plainly, as a bearer token or as the password of Basic authorization; true if
    /// none is configured.</summary>
    public static bool Accepts(IReadOnlyList<string> configured, string given, string authorization)
    {
        if (configured.Count == 0)
        {
            return true;
        }

        const string Bearer = "Bearer ";
        var bearer = authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..] : "";
        return IsOneOf(configured, given) | IsOneOf(configured, bearer) | IsOneOf(configured, BasicPassword(authorization));
    }

    private static string BasicPassword(string authorization)
    {
        const string Basic = "Basic ";
        var bytes = authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) ? Signature.FromBase64(authorization[Basic.Length..]) : [];
        var text = Encoding.UTF8.GetString(bytes);
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>Whether the text is one of the secrets; several are valid at once so that they can be rotated.</summary>
    public static bool IsOneOf(IReadOnlyList<string> secrets, string given)
    {
        // Hashes have one length: comparing them does not tell the length of a secret.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(given));
        var found = false;
        foreach (var secret in secrets)
        {
            found |= secret.Length > 0
                && CryptographicOperations.FixedTimeEquals(hash, SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        }

        return found;
    }
}
