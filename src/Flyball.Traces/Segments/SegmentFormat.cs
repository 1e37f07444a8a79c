namespace Flyball.Traces.Segments;

/// <summary>Constants of segment files. The whole layout is drawn in docs/formats/traces-segment.md.</summary>
/// <remarks>
/// <code>
/// magic 7 bytes, version 1 byte
/// pages          encoded pages of up to 4096 spans, traces in order of their first start
/// string blocks  the dictionary, sorted bytewise, with the pages each string occurs in
/// traces         ids 16 bytes each in row order; first row 4 bytes each; order by id 4 bytes each
/// footer         where all of that is, zone maps, checksums
/// tail           footer length u32, footer checksum u32, magic and version 8 bytes
/// </code>
/// Checksums are CRC-32C, one per page, string block, trace table and footer. Numbers are little-endian.
/// </remarks>
internal static class SegmentFormat
{
    public const byte Version = 1;

    public const int PageRows = 4096;

    public const int StringBlockBytes = 8 << 10;

    public const int TailSize = 16;

    public const string Extension = ".spans";

    public static ReadOnlySpan<byte> Magic => "FLYSPAN\x01"u8;

    public static string FileName(long number) => number.ToString("D10") + Extension;

    public static bool TryParseFileName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal) && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), out number);
    }
}
