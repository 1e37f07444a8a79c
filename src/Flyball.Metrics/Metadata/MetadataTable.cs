using System.Collections.Concurrent;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;
using Flyball.Metrics.Wal;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Metadata;

/// <summary>What each metric family said about itself last.</summary>
/// <remarks>
/// Changes go to the log with their batch; a file keeps the whole table when old segments of the log are deleted:
/// <code>"FBMD" version u8 = 1, checksum u32 over the rest, entries as in the log (docs/formats/head-wal.md)</code>
/// Reads are safe from any thread; changes come under the store's gate.
/// </remarks>
internal sealed class MetadataTable
{
    private const int HeaderSize = 9;
    private readonly ConcurrentDictionary<string, MetricMetadata> _families = new(StringComparer.Ordinal);

    public IReadOnlyCollection<MetricMetadata> All => [.. _families.Values];

    public MetricMetadata? Find(string family) => _families.GetValueOrDefault(family);

    public void WriteChanges(IReadOnlyList<MetricMetadata> metadata, ByteWriter to)
    {
        foreach (var one in metadata)
        {
            if (_families.GetValueOrDefault(one.Family) != one)
            {
                HeadLogFormat.WriteMetadata(one, to);
            }
        }
    }

    /// <summary>Writes the whole table, as a record of the log would say it.</summary>
    public void WriteAll(ByteWriter to)
    {
        foreach (var one in _families.Values.OrderBy(m => m.Family, StringComparer.Ordinal))
        {
            HeadLogFormat.WriteMetadata(one, to);
        }
    }

    public void Apply(IReadOnlyList<MetricMetadata> metadata)
    {
        foreach (var one in metadata)
        {
            _families[one.Family] = one;
        }
    }

    public void Apply(MetricMetadata metadata) => _families[metadata.Family] = metadata;

    public void Save(IFileSystem files, string path)
    {
        var body = new ByteWriter();
        WriteAll(body);
        var file = new ByteWriter();
        file.Write("FBMD"u8);
        file.WriteByte(1);
        file.WriteU32(Crc32C.Of(body.Written));
        file.Write(body.Written);
        AtomicPublish.WriteFile(files, path, file.Written);
    }

    /// <summary>Reads the file of an earlier life, if there is one.</summary>
    /// <returns>What is wrong with the file, or null.</returns>
    public string? Load(IFileSystem files, string path)
    {
        if (!files.FileExists(path))
        {
            return null;
        }

        var file = AtomicPublish.ReadFile(files, path);
        if (file.Length < HeaderSize || !file.AsSpan().StartsWith("FBMD"u8) || file[4] != 1)
        {
            return "it is no table of metadata of version 1";
        }

        if (BitConverter.ToUInt32(file, 5) != Crc32C.Of(file.AsSpan(HeaderSize)))
        {
            return "its checksum does not match";
        }

        var from = new ByteReader(file.AsSpan(HeaderSize));
        while (!from.AtEnd)
        {
            from.ReadByte();
            Apply(HeadLogFormat.ReadMetadata(ref from));
        }

        return null;
    }
}
