using System.Text;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Model.Labels;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>The index of a Prometheus block, versions 1 and 2. Layout: Prometheus documentation, "TSDB format".</summary>
internal sealed class PrometheusIndex : IDisposable
{
    private const uint Magic = 0xbaaad700;
    private const int TocSize = 52;

    private readonly IMappedFile _map;
    private readonly string _path;
    private readonly byte _version;
    private readonly Dictionary<int, string> _symbols = [];
    private readonly long[] _toc = new long[6];

    public PrometheusIndex(IFileSystem files, string path)
    {
        _path = path;
        _map = files.Map(path);
        try
        {
            var header = new GoReader(All[..5]);
            if (header.ReadU32() != Magic)
            {
                throw Damaged(0, "it does not begin as an index");
            }

            _version = header.ReadByte();
            if (_version is not (1 or 2))
            {
                throw new UnknownVersionException(path, _version, 2);
            }

            ReadToc();
            ReadSymbols();
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    private ReadOnlySpan<byte> All => _map.Slice(0, checked((int)_map.Length));

    /// <summary>All series in the order of the index, which is label order.</summary>
    public List<PrometheusSeries> ReadSeries()
    {
        var all = new List<PrometheusSeries>();
        foreach (var id in ReadAllPostings())
        {
            all.Add(ReadSeries(id));
        }

        return all;
    }

    public void Dispose() => _map.Dispose();

    private DamagedFileException Damaged(long offset, string problem) => new(_path, offset, problem);

    private void ReadToc()
    {
        var toc = All[^TocSize..];
        var reader = new GoReader(toc);
        for (var i = 0; i < 6; i++)
        {
            _toc[i] = (long)reader.ReadU64();
        }

        if (reader.ReadU32() != Crc32C.Of(toc[..48]))
        {
            throw Damaged(_map.Length - TocSize, "the checksum of the table of contents does not match");
        }
    }

    // Version 1 refers to symbols by their place in the file, version 2 by their number.
    private void ReadSymbols()
    {
        var start = (int)_toc[0];
        var section = Section(start);
        var reader = new GoReader(section);
        var count = reader.ReadU32();
        for (var i = 0; i < count; i++)
        {
            var key = _version == 1 ? start + 4 + reader.Position : i;
            _symbols[key] = Encoding.UTF8.GetString(reader.ReadText());
        }
    }

    // A section: length u32, that many bytes, checksum of them.
    private ReadOnlySpan<byte> Section(int at)
    {
        var reader = new GoReader(All) { Position = at };
        var bytes = reader.Read(checked((int)reader.ReadU32()));
        return reader.ReadU32() == Crc32C.Of(bytes) ? bytes : throw Damaged(at, "the checksum of a section does not match");
    }

    private uint[] ReadAllPostings()
    {
        var table = new GoReader(Section((int)_toc[5]));
        var count = table.ReadU32();
        for (var i = 0; i < count; i++)
        {
            table.ReadByte();
            var isAll = table.ReadText().IsEmpty & table.ReadText().IsEmpty;
            var place = (int)table.ReadUvarint();
            if (isAll)
            {
                var list = new GoReader(Section(place));
                var ids = new uint[list.ReadU32()];
                foreach (ref var id in ids.AsSpan())
                {
                    id = list.ReadU32();
                }

                return ids;
            }
        }

        return [];
    }

    private PrometheusSeries ReadSeries(uint id)
    {
        var at = _version == 1 ? (int)id : checked((int)id * 16);
        var outer = new GoReader(All) { Position = at };
        var bytes = outer.ReadText();
        if (outer.ReadU32() != Crc32C.Of(bytes))
        {
            throw Damaged(at, "the checksum of a series does not match");
        }

        var reader = new GoReader(bytes);
        var labels = new LabelSetBuilder();
        for (var left = reader.ReadCount(); left > 0; left--)
        {
            labels.Set(Symbol((int)reader.ReadUvarint()), Symbol((int)reader.ReadUvarint()));
        }

        return new PrometheusSeries(id, labels.Build(), ReadChunks(ref reader));
    }

    private string Symbol(int reference) =>
        _symbols.TryGetValue(reference, out var text) ? text : throw Damaged(0, $"symbol {reference} does not exist");

    private static PrometheusChunk[] ReadChunks(ref GoReader reader)
    {
        var chunks = new PrometheusChunk[reader.ReadCount()];
        long last = 0;
        ulong reference = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            var first = i == 0 ? reader.ReadVarint() : last + (long)reader.ReadUvarint();
            last = first + (long)reader.ReadUvarint();
            reference = i == 0 ? reader.ReadUvarint() : reference + (ulong)reader.ReadVarint();
            chunks[i] = new PrometheusChunk(first, last, reference);
        }

        return chunks;
    }
}

/// <summary>A series of a Prometheus block.</summary>
internal sealed record PrometheusSeries(uint Id, LabelSet Labels, PrometheusChunk[] Chunks);

/// <summary>A chunk of a series.</summary>
/// <param name="Reference">File number in the upper 32 bits, place in the lower.</param>
internal readonly record struct PrometheusChunk(long FirstMs, long LastMs, ulong Reference);
