using Flyball.Durable.Checksums;
using Flyball.Durable.Files;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>The chunk files of a Prometheus block. Layout: Prometheus documentation, "TSDB format".</summary>
internal sealed class PrometheusChunkFiles : IDisposable
{
    private const uint Magic = 0x85bd40dd;

    private readonly List<(string Path, IMappedFile Map)> _segments = [];

    public PrometheusChunkFiles(IFileSystem files, string directory)
    {
        try
        {
            foreach (var entry in files.List(directory))
            {
                var path = Path.Combine(directory, entry.Name);
                var map = files.Map(path);
                _segments.Add((path, map));
                if (map.Length < 8 || new GoReader(map.Slice(0, 4)).ReadU32() != Magic)
                {
                    throw new DamagedFileException(path, 0, "it does not begin as a chunk file");
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The encoding and data of a chunk.</summary>
    /// <exception cref="DamagedFileException">Its checksum does not match.</exception>
    public ReadOnlySpan<byte> Read(ulong reference, out byte encoding)
    {
        var segment = (int)(reference >> 32);
        var place = (int)(uint)reference;
        if (segment >= _segments.Count)
        {
            throw new InvalidDataException($"chunk file {segment + 1} is missing");
        }

        var (path, map) = _segments[segment];
        var reader = new GoReader(map.Slice(0, checked((int)map.Length))) { Position = place };
        var length = reader.ReadCount();
        var bytes = reader.Read(length + 1);
        if (reader.ReadU32() != Crc32C.Of(bytes))
        {
            throw new DamagedFileException(path, place, "the checksum of a chunk does not match");
        }

        encoding = bytes[0];
        return bytes[1..];
    }

    public void Dispose()
    {
        foreach (var (_, map) in _segments)
        {
            map.Dispose();
        }
    }
}
