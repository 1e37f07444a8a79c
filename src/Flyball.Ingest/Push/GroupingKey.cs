using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Ingest.Push;

/// <summary>Reads the labels that a push is grouped by out of its path. The README of Prometheus' Pushgateway.</summary>
internal static class GroupingKey
{
    private const string Base64Suffix = "@base64";

    private static readonly System.Buffers.SearchValues<char> Alphabet =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Reads <c>job/NAME{/LABEL/VALUE}</c>; <c>@base64</c> behind a name says how its value is written.</summary>
    /// <returns>Null with a problem, or without one when the path does not begin with <c>job</c>.</returns>
    public static LabelSet? Read(string path, out string? problem)
    {
        problem = null;
        var parts = path.Trim('/').Split('/');
        if (parts[0] is not ("job" or "job" + Base64Suffix))
        {
            return null;
        }

        var labels = new LabelSetBuilder();
        if (parts.Length < 2 || parts[1].Length == 0)
        {
            problem = "job name is required";
            return null;
        }

        if (parts.Length % 2 != 0)
        {
            problem = $"odd number of components in label string \"/{string.Join('/', parts[2..])}\"";
            return null;
        }

        for (var i = 0; i < parts.Length && problem is null; i += 2)
        {
            problem = ReadPair(parts[i], parts[i + 1], labels);
        }

        problem ??= labels.Get("job").Length == 0 ? "job name is required" : null;
        return problem is null ? labels.Build() : null;
    }

    private static string? ReadPair(string name, string text, LabelSetBuilder labels)
    {
        var isBase64 = name.EndsWith(Base64Suffix, StringComparison.Ordinal);
        name = isBase64 ? name[..^Base64Suffix.Length] : name;
        if (!LabelText.IsLegacyLabelName(name) || name.StartsWith("__", StringComparison.Ordinal))
        {
            return $"improper label name \"{name}\"";
        }

        var value = Uri.UnescapeDataString(text);
        if (isBase64 && !TryDecode(value, out value))
        {
            var bad = text.AsSpan().IndexOfAnyExcept(Alphabet);
            return $"invalid base64 encoding in {(name == "job" ? "job name" : $"label {name}")} \"\": illegal base64 data at input byte {(bad < 0 ? text.Length : bad)}";
        }

        labels.Set(name, value);
        return null;
    }

    // URL-safe alphabet, padding optional; "=" alone stands for nothing, which a path could not hold.
    private static bool TryDecode(string text, out string value)
    {
        value = "";
        var trimmed = text.TrimEnd('=').Replace('-', '+').Replace('_', '/');
        var padded = trimmed + new string('=', (4 - (trimmed.Length % 4)) % 4);
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            return false;
        }

        value = Encoding.UTF8.GetString(bytes, 0, length);
        return true;
    }
}
