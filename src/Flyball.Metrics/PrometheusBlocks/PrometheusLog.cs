using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Metrics.PrometheusBlocks.Zstd;
using Flyball.Model.Wire;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Takes one record of a Prometheus log; the bytes die when it returns.</summary>
internal delegate void PrometheusRecordHandler(ReadOnlySpan<byte> record);

/// <summary>Reads the records of a Prometheus write-ahead log, checkpoint first. Framing: Prometheus documentation, "TSDB format".</summary>
/// <remarks>As Prometheus does, it stops at the first damage: what lies behind it is of no known time.</remarks>
internal static class PrometheusLog
{
    private const int PageSize = 32 << 10;
    private const int HeaderSize = 7;
    private const int MostRecordBytes = 256 << 20;
    private const int SnappyFlag = 8, ZstdFlag = 16;

    /// <summary>Hands out every record of a folder <c>wal</c> or <c>wbl</c>.</summary>
    /// <returns>Where reading stopped early and why, or null.</returns>
    public static string? Read(IFileSystem files, string directory, PrometheusRecordHandler handler)
    {
        var entries = files.List(directory);
        var checkpoint = entries.Where(e => e.IsDirectory && e.Name.StartsWith("checkpoint.", StringComparison.Ordinal) && !e.Name.EndsWith(".tmp", StringComparison.Ordinal))
            .Select(e => e.Name).LastOrDefault();
        var covered = -1;
        if (checkpoint is not null)
        {
            covered = int.Parse(checkpoint["checkpoint.".Length..]);
            if (ReadSegments(files, Path.Combine(directory, checkpoint), -1, handler) is { } problem)
            {
                return problem;
            }
        }

        return ReadSegments(files, directory, covered, handler);
    }

    private static string? ReadSegments(IFileSystem files, string directory, int after, PrometheusRecordHandler handler)
    {
        var record = new List<byte>();
        foreach (var entry in files.List(directory))
        {
            if (entry.IsDirectory || !int.TryParse(entry.Name, out var number) || number <= after)
            {
                continue;
            }

            var path = Path.Combine(directory, entry.Name);
            using var map = files.Map(path);
            if (ReadSegment(map.Slice(0, checked((int)map.Length)), record, handler) is { } problem)
            {
                return $"{path}: {problem}";
            }
        }

        return null;
    }

    private static string? ReadSegment(ReadOnlySpan<byte> file, List<byte> record, PrometheusRecordHandler handler)
    {
        for (var at = 0; at < file.Length;)
        {
            var kind = file[at] & 7;
            var leftInPage = PageSize - (at % PageSize);
            if (kind == 0 || leftInPage < HeaderSize)
            {
                at += leftInPage;
                continue;
            }

            var reader = new GoReader(file[at..]) { Position = 1 };
            if (reader.Remaining < HeaderSize - 1)
            {
                return $"the segment ends at byte {at} in the middle of a record";
            }

            int length = reader.ReadU16();
            var sum = reader.ReadU32();
            if (length > reader.Remaining)
            {
                return $"the segment ends at byte {at} in the middle of a record";
            }

            var part = reader.Read(length);
            if (Crc32C.Of(part) != sum)
            {
                return $"the checksum of the record at byte {at} does not match";
            }

            TakePart(kind, file[at], part, record, handler);
            at += HeaderSize + length;
        }

        return null;
    }

    // 1 = whole, 2 = first, 3 = middle, 4 = last part of a record.
    private static void TakePart(int kind, int flags, ReadOnlySpan<byte> part, List<byte> record, PrometheusRecordHandler handler)
    {
        if (kind is 1 or 2)
        {
            record.Clear();
        }

        record.AddRange(part);
        if (kind is 1 or 4)
        {
            var bytes = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(record);
            handler(Unpack(flags, bytes));
            record.Clear();
        }
    }

    private static ReadOnlySpan<byte> Unpack(int flags, ReadOnlySpan<byte> packed)
    {
        if ((flags & ZstdFlag) != 0)
        {
            return ZstdFrame.Decode(packed, MostRecordBytes);
        }

        if ((flags & SnappyFlag) == 0)
        {
            return packed;
        }

        var record = new System.Buffers.ArrayBufferWriter<byte>();
        Snappy.Decode(packed, MostRecordBytes, record);
        return record.WrittenSpan;
    }
}
