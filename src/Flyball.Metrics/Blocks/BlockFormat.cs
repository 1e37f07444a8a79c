using System.Buffers.Binary;
using Flyball.Durable.Checksums;

namespace Flyball.Metrics.Blocks;

/// <summary>The bytes of a block: one immutable file with all samples of a stretch of time. docs/formats/block.md.</summary>
/// <remarks>
/// <code>
/// header     16 bytes: "FBMB", version u8 = 2, 0 0 0, block number u64
/// values     value columns, in the order of the series and of their pages
/// series     groups of 32 entries, front-coded
/// groups     per group: place in series u32, place of its first value column u64
/// times      integer columns (time - first), shared by all pages that have the same times
/// time table per column: first i64, span u32, place in times u32, count u16, 0 0
/// symbols    the texts of all names and values, sorted, one after the other
/// symbol ends u32 per symbol: where it ends
/// names      per label name: symbol u32, first pair u32
/// pairs      per label pair, by name and value: symbol of the value u32, place in postings u32
/// postings   per pair: series uvarint, then runs of gaps: gap · 2 + (1 if repeated) uvarint, [times - 2 uvarint]
/// facts      see BlockFacts
/// sums       CRC-32C of every 64 KiB before it, u32 each
/// footer     the places of the twelve parts above after the header, and of itself, u64 each; CRC-32C of the footer u32; "FBMF"
///
/// series entry   labels shared with the entry before (0 at the start of a group) uvarint, further labels uvarint,
///                each: name symbol uvarint, value symbol uvarint;
///                pages uvarint, each: (time column - expected, zigzag) · 4 + kind uvarint, bytes in values uvarint
///                expected: that of the same page of the series before, else one more than the page before, else 0
///                kind: 1 histograms, 2 starts
/// value column   [integer column of starts], then a column of doubles, or a column of histograms
/// </code>
/// </remarks>
internal static class BlockFormat
{
    public const byte Version = 2;
    public const string Extension = ".block";
    public const int HeaderSize = 16;
    public const int GroupSize = 32;
    public const int GroupEntrySize = 12;
    public const int TimeEntrySize = 20;
    public const int NameEntrySize = 8;
    public const int PairEntrySize = 8;
    public const int SumBytes = 64 << 10;
    public const int PartCount = 12;
    public const int FooterSize = ((PartCount + 1) * 8) + 8;
    public const int MostSamplesInPage = 2048;
    public const byte HistogramKind = 1, StartsKind = 2;

    public static string FileName(long number) => number.ToString("D10") + Extension;

    public static bool TryParseFileName(string name, out long number)
    {
        number = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), out number);
    }

    public static void WriteHeader(Span<byte> to, long number)
    {
        to[..HeaderSize].Clear();
        "FBMB"u8.CopyTo(to);
        to[4] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], number);
    }

    public static void WriteFooter(Span<byte> to, ReadOnlySpan<long> places)
    {
        for (var i = 0; i <= PartCount; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[(i * 8)..], places[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to[((PartCount + 1) * 8)..], Crc32C.Of(to[..((PartCount + 1) * 8)]));
        "FBMF"u8.CopyTo(to[(FooterSize - 4)..]);
    }

    /// <summary>Reads the places of the parts.</summary>
    /// <returns>What is wrong, or null.</returns>
    public static string? ReadFooter(ReadOnlySpan<byte> footer, long fileLength, Span<long> places)
    {
        if (!footer.EndsWith("FBMF"u8))
        {
            return "the file does not end as a block";
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(footer[((PartCount + 1) * 8)..]) != Crc32C.Of(footer[..((PartCount + 1) * 8)]))
        {
            return "the checksum of the footer does not match";
        }

        for (var i = 0; i <= PartCount; i++)
        {
            places[i] = BinaryPrimitives.ReadInt64LittleEndian(footer[(i * 8)..]);
            if (places[i] < HeaderSize || places[i] > fileLength || (i > 0 && places[i] < places[i - 1]))
            {
                return "the footer points outside the file";
            }
        }

        return places[PartCount] == fileLength - FooterSize ? null : "the file is shorter or longer than its footer says";
    }
}

/// <summary>The parts of a block, in the order of the file.</summary>
internal enum BlockSection
{
    Values,
    Series,
    Groups,
    Times,
    TimeTable,
    Symbols,
    SymbolEnds,
    Names,
    Pairs,
    Postings,
    Facts,
    Sums,
}
