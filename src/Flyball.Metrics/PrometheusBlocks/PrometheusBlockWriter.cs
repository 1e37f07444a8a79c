using System.Buffers.Binary;
using System.Text;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Writes a block that Prometheus and promtool read: index version 2, chunk encodings 1 to 3. Layout: Prometheus documentation, "TSDB format".</summary>
internal sealed class PrometheusBlockWriter : IDisposable
{
    private const uint IndexMagic = 0xbaaad700, ChunksMagic = 0x85bd40dd, TombstonesMagic = 0x0130ba30;
    private const long MostChunkFileBytes = 512 << 20;

    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly SortedSet<string> _symbols = new(StringComparer.Ordinal);
    private readonly ChunkEncoder _encoder = new();
    private readonly List<(LabelSet Labels, List<Chunk> Chunks)> _series = [];
    private GoWriter? _chunks;
    private int _chunkFiles;
    private long _chunkCount;
    private long _sampleCount;

    public PrometheusBlockWriter(IFileSystem files, string path)
    {
        _files = files;
        _path = path;
        files.CreateDirectory(Path.Combine(Temporary, "chunks"));
    }

    public long SampleCount => _sampleCount;

    private string Temporary => _path + AtomicPublish.TemporarySuffix;

    /// <summary>Adds a series; they must come in label order.</summary>
    public void Add(LabelSet labels, SampleColumns samples)
    {
        if (samples.Count == 0)
        {
            return;
        }

        var chunks = new List<Chunk>();
        for (var at = 0; at < samples.Count;)
        {
            var first = at;
            var data = _encoder.Next(samples, ref at, out var encoding);
            chunks.Add(new Chunk(samples.TimestampsMs[first], samples.TimestampsMs[at - 1], WriteChunk(data, encoding)));
        }

        _series.Add((labels, chunks));
        _chunkCount += chunks.Count;
        _sampleCount += samples.Count;
    }

    /// <summary>Writes the rest and publishes the folder.</summary>
    /// <param name="ulid">The name of the block.</param>
    public void Finish(string ulid, long firstMs, long untilMs)
    {
        _chunks?.Finish();
        _chunks?.Dispose();
        _files.SyncDirectory(Path.Combine(Temporary, "chunks"));
        WriteIndex();
        var tombstones = new byte[9];
        BinaryPrimitives.WriteUInt32BigEndian(tombstones, TombstonesMagic);
        tombstones[4] = 1;
        AtomicPublish.WriteFile(_files, Path.Combine(Temporary, "tombstones"), tombstones);
        AtomicPublish.WriteFile(_files, Path.Combine(Temporary, "meta.json"), Encoding.UTF8.GetBytes(
            $$"""
            {
              "ulid": "{{ulid}}",
              "minTime": {{firstMs}},
              "maxTime": {{untilMs}},
              "stats": {"numSamples": {{_sampleCount}}, "numSeries": {{_series.Count}}, "numChunks": {{_chunkCount}}},
              "compaction": {"level": 1, "sources": ["{{ulid}}"]},
              "version": 1
            }

            """));
        AtomicPublish.PublishDirectory(_files, _path);
    }

    public void Dispose() => _chunks?.Dispose();

    private ulong WriteChunk(ReadOnlySpan<byte> data, byte encoding)
    {
        if (_chunks is null || _chunks.Position + data.Length + 16 > MostChunkFileBytes)
        {
            _chunks?.Finish();
            _chunks?.Dispose();
            _chunkFiles++;
            _chunks = new GoWriter(_files.Open(Path.Combine(Temporary, "chunks", _chunkFiles.ToString("D6")), OpenMode.Truncate));
            _chunks.WriteU32(ChunksMagic);
            _chunks.Write([1, 0, 0, 0]);
        }

        var reference = ((ulong)(_chunkFiles - 1) << 32) | (ulong)_chunks.Position;
        var head = new ByteWriter(16);
        head.WriteUvarint((ulong)data.Length);
        _chunks.Write(head.Written);
        var body = new byte[data.Length + 1];
        body[0] = encoding;
        data.CopyTo(body.AsSpan(1));
        _chunks.Write(body);
        _chunks.WriteSum(body);
        return reference;
    }

    private void WriteIndex()
    {
        using var index = new GoWriter(_files.Open(Path.Combine(Temporary, "index"), OpenMode.Truncate));
        index.WriteU32(IndexMagic);
        index.Write([2]);
        var toc = new long[6];
        toc[0] = index.Position;
        var symbols = WriteSymbols(index);
        toc[1] = index.Position;
        var postings = WriteSeries(index, symbols);
        toc[2] = index.Position;
        toc[4] = index.Position;
        var places = WritePostings(index, postings);
        toc[3] = index.Position;
        index.WriteSection([0, 0, 0, 0]);
        toc[5] = index.Position;
        WritePostingsTable(index, places);
        WriteToc(index, toc);
        index.Finish();
    }

    private Dictionary<string, uint> WriteSymbols(GoWriter index)
    {
        foreach (var (labels, _) in _series)
        {
            foreach (var (name, value) in labels.AsPairs())
            {
                _symbols.Add(name);
                _symbols.Add(value);
            }
        }

        // Go sorts strings by their bytes, ordinal comparison of UTF-16 does not.
        var sorted = _symbols.Select(s => (Text: s, Bytes: Encoding.UTF8.GetBytes(s))).ToList();
        sorted.Sort((a, b) => a.Bytes.AsSpan().SequenceCompareTo(b.Bytes));
        var section = new ByteWriter();
        BinaryPrimitives.WriteUInt32BigEndian(section.Take(4), (uint)sorted.Count);
        var numbers = new Dictionary<string, uint>(StringComparer.Ordinal);
        foreach (var (text, bytes) in sorted)
        {
            numbers[text] = (uint)numbers.Count;
            section.WriteText(bytes);
        }

        index.WriteSection(section.Written);
        return numbers;
    }

    private SortedDictionary<(byte[] Name, byte[] Value), List<uint>> WriteSeries(GoWriter index, Dictionary<string, uint> symbols)
    {
        var postings = new SortedDictionary<(byte[] Name, byte[] Value), List<uint>>(Comparer<(byte[] Name, byte[] Value)>.Create(ComparePairs))
        {
            [([], [])] = [],
        };
        var entry = new ByteWriter();
        foreach (var (labels, chunks) in _series)
        {
            index.Align(16);
            var id = checked((uint)(index.Position / 16));
            postings[([], [])].Add(id);
            entry.Clear();
            entry.WriteUvarint((ulong)labels.Count);
            foreach (var (name, value) in labels.AsPairs())
            {
                entry.WriteUvarint(symbols[name]);
                entry.WriteUvarint(symbols[value]);
                var pair = (Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
                if (!postings.TryGetValue(pair, out var list))
                {
                    postings[pair] = list = [];
                }

                list.Add(id);
            }

            WriteChunkList(chunks, entry);
            var head = new ByteWriter(16);
            head.WriteUvarint((ulong)entry.Length);
            index.Write(head.Written);
            index.Write(entry.Written);
            index.WriteSum(entry.Written);
        }

        return postings;
    }

    private static int ComparePairs((byte[] Name, byte[] Value) a, (byte[] Name, byte[] Value) b)
    {
        var order = a.Name.AsSpan().SequenceCompareTo(b.Name);
        return order != 0 ? order : a.Value.AsSpan().SequenceCompareTo(b.Value);
    }

    private static void WriteChunkList(List<Chunk> chunks, ByteWriter entry)
    {
        entry.WriteUvarint((ulong)chunks.Count);
        for (var i = 0; i < chunks.Count; i++)
        {
            if (i == 0)
            {
                entry.WriteVarint(chunks[i].FirstMs);
                entry.WriteUvarint((ulong)(chunks[i].LastMs - chunks[i].FirstMs));
                entry.WriteUvarint(chunks[i].Reference);
            }
            else
            {
                entry.WriteUvarint((ulong)(chunks[i].FirstMs - chunks[i - 1].LastMs));
                entry.WriteUvarint((ulong)(chunks[i].LastMs - chunks[i].FirstMs));
                entry.WriteVarint((long)(chunks[i].Reference - chunks[i - 1].Reference));
            }
        }
    }

    private static List<(byte[] Name, byte[] Value, long Place)> WritePostings(
        GoWriter index, SortedDictionary<(byte[] Name, byte[] Value), List<uint>> postings)
    {
        var places = new List<(byte[], byte[], long)>();
        var list = new ByteWriter();
        foreach (var ((name, value), series) in postings)
        {
            index.Align(4);
            places.Add((name, value, index.Position));
            list.Clear();
            BinaryPrimitives.WriteUInt32BigEndian(list.Take(4), (uint)series.Count);
            foreach (var id in series)
            {
                BinaryPrimitives.WriteUInt32BigEndian(list.Take(4), id);
            }

            index.WriteSection(list.Written);
        }

        return places;
    }

    private static void WritePostingsTable(GoWriter index, List<(byte[] Name, byte[] Value, long Place)> places)
    {
        var table = new ByteWriter();
        BinaryPrimitives.WriteUInt32BigEndian(table.Take(4), (uint)places.Count);
        foreach (var (name, value, place) in places)
        {
            table.WriteByte(2);
            table.WriteText(name);
            table.WriteText(value);
            table.WriteUvarint((ulong)place);
        }

        index.WriteSection(table.Written);
    }

    private static void WriteToc(GoWriter index, long[] places)
    {
        var toc = new byte[48];
        for (var i = 0; i < places.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(toc.AsSpan(i * 8), places[i]);
        }

        index.Write(toc);
        index.WriteSum(toc);
    }

    private readonly record struct Chunk(long FirstMs, long LastMs, ulong Reference);
}
