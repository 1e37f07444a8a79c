using System.Buffers.Binary;
using Flyball.Durable.Checksums;

namespace Flyball.Metrics.Checkpoints;

/// <summary>The bytes of a checkpoint of the heads. All numbers little-endian; docs/formats/checkpoint.md.</summary>
/// <remarks>
/// <code>
/// "FBMC" version u8 = 1  0 0 0, then frames, each:
/// 0        1        4         8            12
/// | kind   | 0 0 0  | length  | checksum   | payload …
/// | u8     |        | u32     | u32        | length bytes
/// kinds, in their order:
/// 1 begin     log segment i64, offset i64: the log is read back from here on
/// 2 head      number i64, start i64, until i64, first segment i64, series u32, logged series u32,
///             samples i64, pages i64, oldest i64, newest i64
/// 3 series    first u32, count u32, log segment i64, offset i64: what the log says of them before is in it; then per series
///             newest time i64, its bits u64, labels u32, length u32, last page u32, oldest offset i32, latest offset i32,
///             slot class u8 (255 none), open samples n u8, flags u8, 0, values u64 × n, time offsets i32 × n, [starts i64 × n]
/// 4 labels    chunk number u32, capacity u32, used bytes: one chunk of the arena, references into it stay what they are
/// 5 pages     the same
/// 6 sections  metadata and exemplars, as a record of the log says them
/// 7 end       number of frames before it u32
/// </code>
/// checksum: CRC-32C over kind, zeros, length and payload. Frames 3 to 5 belong to the head before them.
/// </remarks>
internal static class CheckpointFormat
{
    public const int FileHeaderSize = 8;
    public const int FrameHeaderSize = 12;
    public const byte Version = 1;
    public const byte Begin = 1, Head = 2, Series = 3, Labels = 4, Pages = 5, Sections = 6, End = 7;

    /// <summary>Series of one frame; what the log said of them is covered up to one place.</summary>
    public const int GroupBits = 12;

    public const int SeriesPerGroup = 1 << GroupBits;

    public static void WriteFileHeader(Span<byte> to)
    {
        to[..FileHeaderSize].Clear();
        "FBMC"u8.CopyTo(to);
        to[4] = Version;
    }

    public static bool IsCheckpoint(ReadOnlySpan<byte> header)
    {
        Span<byte> expected = stackalloc byte[FileHeaderSize];
        WriteFileHeader(expected);
        return header.SequenceEqual(expected);
    }

    public static void WriteFrameHeader(Span<byte> to, byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        to[..FrameHeaderSize].Clear();
        to[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], first.Length + second.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Crc32C.Of(to[..8], first, second));
    }

    public static bool IsIntact(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Crc32C.Of(header[..8], payload);
}
