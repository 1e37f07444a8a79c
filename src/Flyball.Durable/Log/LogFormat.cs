using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;

namespace Flyball.Durable.Log;

/// <summary>The bytes of a log segment. All numbers little-endian; docs/formats/wal.md.</summary>
/// <remarks>
/// <code>
/// file NNNNNNNNNN.wal     16 bytes   "FBWL"  version u8 = 1  0 0 0  segment number u64
///                         then records, each:
/// 0        1      2             4            8            12
/// | 0xF1   | type | head check  | length     | checksum   | payload …
/// | marker | u8   | u16         | u32        | u32        | length bytes
/// </code>
/// head check: low 16 bits of CRC-32C over marker, type and length. It tells a cut-off record from a damaged length, and
/// lets a reader find the next record behind damage without trying a checksum at every byte.
/// checksum: CRC-32C over type, length and payload.
/// </remarks>
internal static class LogFormat
{
    public const int FileHeaderSize = 16;
    public const int RecordHeaderSize = 12;
    public const byte Version = 1;
    public const string Extension = ".wal";
    private const byte Marker = 0xf1;

    public static string FileName(long segment) => segment.ToString("D10") + Extension;

    public static bool TryParseFileName(string name, out long segment)
    {
        segment = 0;
        return name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, name.Length - Extension.Length), out segment)
            && segment > 0;
    }

    public static void WriteFileHeader(Span<byte> to, long segment)
    {
        to[..FileHeaderSize].Clear();
        "FBWL"u8.CopyTo(to);
        to[4] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], segment);
    }

    /// <summary>Whether the file begins as a segment should.</summary>
    /// <exception cref="UnknownVersionException">It was written by a later version: nothing in it may be judged, let alone cut off.</exception>
    public static bool IsSegment(ReadOnlySpan<byte> file, string path)
    {
        if (file.Length < FileHeaderSize || !file.StartsWith("FBWL"u8))
        {
            return false;
        }

        return file[4] == Version
            ? true
            : throw new UnknownVersionException(path, file[4], Version);
    }

    public static void WriteRecordHeader(Span<byte> to, byte type, ReadOnlySpan<byte> payload)
    {
        to[0] = Marker;
        to[1] = type;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], payload.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[2..], HeadCheck(to));
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Checksum(to, payload));
    }

    /// <summary>Whether a believable record header stands here.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> at, out byte type, out int length)
    {
        type = 0;
        length = 0;
        if (at.Length < RecordHeaderSize || at[0] != Marker || BinaryPrimitives.ReadUInt16LittleEndian(at[2..]) != HeadCheck(at))
        {
            return false;
        }

        type = at[1];
        length = BinaryPrimitives.ReadInt32LittleEndian(at[4..]);
        return length >= 0;
    }

    /// <summary>Whether a whole, undamaged record stands here.</summary>
    public static bool TryReadRecord(ReadOnlySpan<byte> at, out byte type, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (!TryReadHeader(at, out type, out var length) || at.Length - RecordHeaderSize < length)
        {
            return false;
        }

        payload = at.Slice(RecordHeaderSize, length);
        return BinaryPrimitives.ReadUInt32LittleEndian(at[8..]) == Checksum(at, payload);
    }

    /// <summary>Offset of the next undamaged record at or after a place, or -1.</summary>
    public static int FindRecord(ReadOnlySpan<byte> file, int from)
    {
        while (from < file.Length)
        {
            var next = file[from..].IndexOf(Marker);
            if (next < 0)
            {
                return -1;
            }

            from += next;
            if (TryReadRecord(file[from..], out _, out _))
            {
                return from;
            }

            from++;
        }

        return -1;
    }

    private static ushort HeadCheck(ReadOnlySpan<byte> header) => (ushort)Crc32C.Of(header[..2], header.Slice(4, 4));

    private static uint Checksum(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = header[1];
        header.Slice(4, 4).CopyTo(head[1..]);
        return Crc32C.Of(head, payload);
    }
}
