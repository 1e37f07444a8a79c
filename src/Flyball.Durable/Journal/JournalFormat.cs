using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Flyball.Durable.Checksums;
using Flyball.Model.Journaling;
using Flyball.Model.Time;

namespace Flyball.Durable.Journal;

/// <summary>The bytes of the journal: how entries are written, hashed and read.</summary>
/// <remarks>
/// <code>
/// segment  := header frame*                          one file, named by the position of its first entry: 00000000000000000000.journal
/// header   := "FLYJRNL" version:u8=1 first position:u64 hash of the entry before:32 crc32c of the 48 bytes before:u32
/// frame    := "FBJ1" length:u32 crc32c of the payload:u32 payload           what one fsync made durable: whole or not at all
/// payload  := ( length:u32 canonical hash:32 )+      length counts canonical and hash
/// canonical:= version:u8=1 position:u64 at ms:i64 previous hash:32 ( length:u32 bytes )*5    kind actor subject reason details
/// hash     := SHA-256(canonical)
/// HEAD     := entries:u64 hash of the last:32 crc32c of the 40 bytes before:u32      written after the fsync: never ahead of it
/// </code>
/// All integers little-endian. Drawn with an example in docs/formats/journal.md.
/// </remarks>
internal static class JournalFormat
{
    public const int HashSize = 32;
    public const int HeaderSize = 7 + 1 + 8 + HashSize + 4;
    public const int FrameHeaderSize = 12;
    public const int HeadSize = 8 + HashSize + 4;
    public const string SegmentSuffix = ".journal";
    public const string HeadName = "HEAD";

    /// <summary>More than any entry needs; a length beyond it is damage, not data.</summary>
    public const int MostEntryBytes = 4 << 20;

    private const byte Version = 1;
    private const int FixedCanonical = 1 + 8 + 8 + HashSize;

    public static ReadOnlySpan<byte> FrameMagic => "FBJ1"u8;

    private static ReadOnlySpan<byte> SegmentMagic => "FLYJRNL"u8;

    public static string SegmentName(long firstPosition) => $"{firstPosition:D20}{SegmentSuffix}";

    public static byte[] Header(long firstPosition, ReadOnlySpan<byte> previousHash)
    {
        var header = new byte[HeaderSize];
        SegmentMagic.CopyTo(header);
        header[7] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), firstPosition);
        previousHash.CopyTo(header.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(48), Crc32C.Of(header.AsSpan(0, 48)));
        return header;
    }

    /// <summary>Reads a segment's header; null with a reason when it is not one.</summary>
    public static (long FirstPosition, byte[] PreviousHash)? ReadHeader(ReadOnlySpan<byte> bytes, out string error)
    {
        error = "";
        if (bytes.Length < HeaderSize)
        {
            error = "the segment header is cut off";
        }
        else if (!bytes[..7].SequenceEqual(SegmentMagic))
        {
            error = "this is no journal segment";
        }
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[48..]) != Crc32C.Of(bytes[..48]))
        {
            error = "the segment header was changed";
        }
        else if (bytes[7] != Version)
        {
            error = $"journal format {bytes[7]} is not known to this version";
        }

        return error.Length > 0 ? null : (BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), bytes.Slice(16, HashSize).ToArray());
    }

    public static byte[] Head(long entries, ReadOnlySpan<byte> hash)
    {
        var head = new byte[HeadSize];
        BinaryPrimitives.WriteInt64LittleEndian(head, entries);
        hash.CopyTo(head.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(40), Crc32C.Of(head.AsSpan(0, 40)));
        return head;
    }

    /// <summary>Reads the head mark; null when it is absent or was never completed.</summary>
    public static (long Entries, byte[] Hash)? ReadHead(ReadOnlySpan<byte> bytes) =>
        bytes.Length == HeadSize && BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]) == Crc32C.Of(bytes[..40])
            ? (BinaryPrimitives.ReadInt64LittleEndian(bytes), bytes.Slice(8, HashSize).ToArray())
            : null;

    /// <summary>An entry as it lies in a frame: length, canonical bytes, hash.</summary>
    public static byte[] Encode(long position, TimestampMs at, ReadOnlySpan<byte> previousHash, JournalDraft draft)
    {
        byte[][] texts =
        [
            Encoding.UTF8.GetBytes(draft.Kind), Encoding.UTF8.GetBytes(draft.Actor), Encoding.UTF8.GetBytes(draft.Subject),
            Encoding.UTF8.GetBytes(draft.Reason), draft.Details.ToArray(),
        ];
        var canonicalSize = FixedCanonical + texts.Sum(t => 4 + t.Length);
        if (canonicalSize + HashSize > MostEntryBytes)
        {
            throw new ArgumentException($"a journal entry of {canonicalSize} bytes is beyond the {MostEntryBytes} allowed; shorten its details");
        }

        var bytes = new byte[4 + canonicalSize + HashSize];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, canonicalSize + HashSize);
        var canonical = bytes.AsSpan(4, canonicalSize);
        canonical[0] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(canonical[1..], position);
        BinaryPrimitives.WriteInt64LittleEndian(canonical[9..], at.Value);
        previousHash.CopyTo(canonical[17..]);
        var rest = canonical[FixedCanonical..];
        foreach (var text in texts)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, text.Length);
            text.CopyTo(rest[4..]);
            rest = rest[(4 + text.Length)..];
        }

        SHA256.HashData(canonical, bytes.AsSpan(4 + canonicalSize));
        return bytes;
    }

    /// <summary>Reads an entry (without its length prefix) and checks its own hash; null with a reason when it is damaged.</summary>
    public static JournalEntry? Decode(ReadOnlySpan<byte> bytes, out string error)
    {
        error = "";
        if (bytes.Length < FixedCanonical + HashSize)
        {
            error = "the entry is cut off";
            return null;
        }

        var canonical = bytes[..^HashSize];
        if (!SHA256.HashData(canonical).AsSpan().SequenceEqual(bytes[^HashSize..]))
        {
            error = "the entry does not have the hash it was written with";
            return null;
        }

        var rest = canonical[FixedCanonical..];
        if (canonical[0] != Version || !TakeText(ref rest, out var kind) || !TakeText(ref rest, out var actor)
            || !TakeText(ref rest, out var subject) || !TakeText(ref rest, out var reason) || !Take(ref rest, out var details)
            || !rest.IsEmpty)
        {
            error = "the entry has a form unknown to this version";
            return null;
        }

        return new JournalEntry(
            BinaryPrimitives.ReadInt64LittleEndian(canonical[1..]),
            new TimestampMs(BinaryPrimitives.ReadInt64LittleEndian(canonical[9..])),
            new JournalDraft(kind, actor, subject, reason, details.ToArray()),
            Convert.ToHexStringLower(canonical.Slice(17, HashSize)),
            Convert.ToHexStringLower(bytes[^HashSize..]));
    }

    public static void WriteFrameHeader(Span<byte> frame)
    {
        var payload = frame[FrameHeaderSize..];
        FrameMagic.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..], Crc32C.Of(payload));
    }

    private static bool TakeText(ref ReadOnlySpan<byte> rest, out string text)
    {
        var found = Take(ref rest, out var bytes);
        text = Encoding.UTF8.GetString(bytes);
        return found;
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (rest.Length < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length < 0 || length > rest.Length - 4)
        {
            return false;
        }

        bytes = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return true;
    }
}
