using Flyball.Durable.Checksums;
using Flyball.Durable.Files;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Which stretches of which series a Prometheus block has deleted. Layout: Prometheus documentation, "TSDB format".</summary>
internal sealed class PrometheusTombstones
{
    private const uint Magic = 0x0130ba30;

    private readonly Dictionary<ulong, List<(long FirstMs, long LastMs)>> _intervals = [];

    public static PrometheusTombstones Read(IFileSystem files, string path)
    {
        var tombstones = new PrometheusTombstones();
        if (!files.FileExists(path))
        {
            return tombstones;
        }

        var bytes = AtomicPublish.ReadFile(files, path);
        var reader = new GoReader(bytes);
        if (bytes.Length < 9 || reader.ReadU32() != Magic || reader.ReadByte() != 1)
        {
            throw new DamagedFileException(path, 0, "it does not begin as a file of tombstones of version 1");
        }

        if (new GoReader(bytes.AsSpan(bytes.Length - 4)).ReadU32() != Crc32C.Of(bytes.AsSpan(5, bytes.Length - 9)))
        {
            throw new DamagedFileException(path, bytes.Length - 4, "the checksum does not match");
        }

        while (reader.Remaining > 4)
        {
            tombstones.Add(reader.ReadUvarint(), reader.ReadVarint(), reader.ReadVarint());
        }

        return tombstones;
    }

    public void Add(ulong series, long firstMs, long lastMs)
    {
        if (!_intervals.TryGetValue(series, out var list))
        {
            _intervals[series] = list = [];
        }

        list.Add((firstMs, lastMs));
    }

    /// <summary>Whether a sample was deleted.</summary>
    public bool Covers(ulong series, long timeMs) =>
        _intervals.TryGetValue(series, out var list) && list.Exists(i => i.FirstMs <= timeMs && timeMs <= i.LastMs);

    public bool Any(ulong series) => _intervals.ContainsKey(series);
}
