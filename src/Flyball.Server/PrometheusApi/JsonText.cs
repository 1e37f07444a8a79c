using System.Buffers;
using System.Text.Encodings.Web;

namespace Flyball.Server.PrometheusApi;

/// <summary>UTF-8 text as it stands inside the quotes of JSON.</summary>
internal static class JsonText
{
    // As Go's encoder with HTML escaping off, which is what clients are used to see.
    private static readonly JavaScriptEncoder Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b).Where(b => b is not ((byte)'"' or (byte)'\\'))]);

    /// <summary>The most bytes that a text takes.</summary>
    public static int MostOf(int length) => length * 6;

    /// <summary>Writes a text, escaped where it needs to be.</summary>
    /// <param name="to">At least <see cref="MostOf"/> long.</param>
    /// <param name="isFinal">Whether nothing follows: else a character that is cut in two is left for the next part.</param>
    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<byte> utf8, Span<byte> to, bool isFinal, out int read)
    {
        if (!utf8.ContainsAnyExcept(Plain))
        {
            utf8.CopyTo(to);
            read = utf8.Length;
            return utf8.Length;
        }

        Encoder.EncodeUtf8(utf8, to, out read, out var written, isFinal);
        return written;
    }
}
