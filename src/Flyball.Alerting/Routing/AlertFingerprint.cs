using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>The number Alertmanager knows an alert by: FNV-1a, 64 bits, over names and values, each followed by 0xff.</summary>
/// <remarks>Source: Alertmanager documentation, "Configuration". Receivers store it, so it must be the same in every version.</remarks>
internal static class AlertFingerprint
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(LabelSet labels)
    {
        var hash = Basis;
        foreach (var label in labels)
        {
            hash = Add(Add(hash, label.Name), label.Value);
        }

        return hash;
    }

    public static string ToText(ulong fingerprint) => fingerprint.ToString("x16");

    private static ulong Add(ulong hash, ReadOnlySpan<byte> text)
    {
        foreach (var b in text)
        {
            hash = unchecked((hash ^ b) * Prime);
        }

        return unchecked((hash ^ 0xff) * Prime);
    }
}
