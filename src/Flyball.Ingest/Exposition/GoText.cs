using System.Buffers;
using System.Globalization;
using System.Text;

namespace Flyball.Ingest.Exposition;

/// <summary>Bytes in error messages, quoted as Go's <c>%q</c> does, so that messages equal those people find on the web.</summary>
internal static class GoText
{
    // A message is for a person: one line of a body may be a megabyte long.
    private const int MostBytes = 1024;

    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var shown = bytes.Length > MostBytes ? bytes[..MostBytes] : bytes;
        var text = new StringBuilder(shown.Length + 2).Append('"');
        while (!shown.IsEmpty)
        {
            var status = Rune.DecodeFromUtf8(shown, out var rune, out var length);
            if (status == OperationStatus.Done)
            {
                Append(text, rune);
            }
            else
            {
                foreach (var b in shown[..length])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }

            shown = shown[length..];
        }

        return text.Append(bytes.Length > MostBytes ? "…\"" : "\"").ToString();
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        _ = rune.Value switch
        {
            '"' => text.Append("\\\""),
            '\\' => text.Append(@"\\"),
            '\n' => text.Append(@"\n"),
            '\r' => text.Append(@"\r"),
            '\t' => text.Append(@"\t"),
            '\a' => text.Append(@"\a"),
            '\b' => text.Append(@"\b"),
            '\f' => text.Append(@"\f"),
            '\v' => text.Append(@"\v"),
            < 0x20 or 0x7f => text.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
            _ when IsPrintable(rune) => text.Append(rune.ToString()),
            < 0x10000 => text.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
            _ => text.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
        };
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or
        UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
