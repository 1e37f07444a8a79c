using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Wire;

namespace Flyball.Metrics.Tests.PrometheusBlocks;

/// <summary>Log records with start timestamps (kinds 11 to 13), written here by the description of the format: only a server with
/// <c>st-storage</c> writes them, and none is installed.</summary>
public sealed class LogRecordTests : IDisposable
{
    private const long Time = 1_700_000_000_000, Start = Time - 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("flyball-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public enum Packing
    {
        None = 0,
        Snappy = 8,
        Zstd = 16,
    }

    [Theory]
    [InlineData(Packing.None)]
    [InlineData(Packing.Snappy)]
    [InlineData(Packing.Zstd)]
    public void Floats_bear_their_start(Packing packing)
    {
        // References 5, 9, 5, 5; starts: given, none, the one before, one of its own.
        var samples = new Bytes().Byte(11).Varint(5).Varint(Time).Varint(Start).Double(1.5)
            .Varint(4).Varint(15_000).Byte(0).Double(double.NegativeInfinity)
            .Varint(-4).Varint(15_000).Byte(2).Varint(10_000).Double(2.5)
            .Varint(0).Varint(30_000).Byte(1).Double(StaleMarker.Value);
        var head = Read(packing, Series(5, "a"), Series(9, "b"), samples);
        Assert.Equal([(Time, Start), (Time + 15_000, Start + 10_000), (Time + 30_000, Start + 10_000)], TimesOf(head, "a"));
        Assert.Equal([1.5, 2.5, StaleMarker.Value], SamplesOf(head, "a").Values.ToArray());
        Assert.Equal([(Time + 15_000, 0L)], TimesOf(head, "b"));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(13)]
    public void Histograms_bear_their_start(byte kind)
    {
        var record = new Bytes().Byte(kind).Varint(5).Varint(Time).Varint(Start);
        AddHistogram(record, kind == 12, schema: 2);
        record.Varint(0).Varint(15_000).Byte(1);
        AddHistogram(record, kind == 12, schema: -53).Uvarint(2).Double(0.5).Double(1);
        var head = Read(Packing.Snappy, Series(5, "h"), record);
        Assert.Equal([(Time, Start), (Time + 15_000, Start)], TimesOf(head, "h"));
        var (first, second) = (SamplesOf(head, "h").Histograms[0]!, SamplesOf(head, "h").Histograms[1]!);
        Assert.Equal((2, 7.0, 2.0, 9.25, kind == 12), (first.Schema, first.Count, first.ZeroCount, first.Sum, first.HasIntegerCounts));
        Assert.Equal([2.0, 3.0], first.PositiveBuckets);
        Assert.Equal([0.5, 1.0], second.CustomBounds);
    }

    [Fact]
    public void Record_torn_in_the_middle_ends_the_log_and_is_told()
    {
        var whole = Segment(Packing.None, Series(5, "a"), new Bytes().Byte(11).Varint(5).Varint(Time).Varint(Start).Double(1.5));
        for (var length = 1; length < whole.Length; length++)
        {
            var problems = ReadFile(whole[..length]).Problems;
            var isBetweenRecords = length == Segment(Packing.None, Series(5, "a")).Length;
            Assert.Equal(isBetweenRecords, problems.Count == 0);
        }
    }

    // Two buckets with 2 and 3 observations, two in the zero bucket.
    private static Bytes AddHistogram(Bytes to, bool integers, int schema)
    {
        to.Byte(2).Varint(schema).Double(0.001);
        _ = integers ? to.Uvarint(2).Uvarint(7) : to.Double(2).Double(7);
        to.Double(9.25).Uvarint(1).Varint(-1).Uvarint(2).Uvarint(0).Uvarint(2);
        _ = integers ? to.Varint(2).Varint(1) : to.Double(2).Double(3);
        return to.Uvarint(0);
    }

    private static Bytes Series(long reference, string name) =>
        new Bytes().Byte(1).U64((ulong)reference).Uvarint(1).Text("__name__").Text(name);

    private static (long Time, long Start)[] TimesOf(PrometheusHead head, string name)
    {
        var samples = SamplesOf(head, name);
        return [.. Enumerable.Range(0, samples.Count).Select(i => (samples.TimestampsMs[i], samples.StartTimestampsMs.IsEmpty ? 0 : samples.StartTimestampsMs[i]))];
    }

    private static SampleColumns SamplesOf(PrometheusHead head, string name) => head.Series[LabelSet.Of(("__name__", name))].Samples;

    private PrometheusHead Read(Packing packing, params Bytes[] records)
    {
        var head = ReadFile(Segment(packing, records));
        Assert.Empty(head.Problems);
        return head;
    }

    private PrometheusHead ReadFile(byte[] segment)
    {
        var wal = Directory.CreateDirectory(Path.Combine(_folder, "wal")).FullName;
        File.WriteAllBytes(Path.Combine(wal, "00000000"), segment);
        var head = new PrometheusHead(long.MinValue);
        head.Read(PhysicalFileSystem.Instance, _folder);
        return head;
    }

    private static byte[] Segment(Packing packing, params Bytes[] records)
    {
        var segment = new List<byte>();
        foreach (var record in records)
        {
            var data = packing switch
            {
                Packing.Snappy => Packed(record.ToArray()),
                Packing.Zstd => RawZstd(record.ToArray()),
                _ => record.ToArray(),
            };
            var header = new byte[7];
            header[0] = (byte)(1 | (int)packing);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(1), (ushort)data.Length);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(3), Crc32C.Of(data));
            segment.AddRange(header);
            segment.AddRange(data);
        }

        return [.. segment];
    }

    private static byte[] Packed(byte[] data)
    {
        var packed = new ArrayBufferWriter<byte>();
        Snappy.Encode(data, packed);
        return packed.WrittenSpan.ToArray();
    }

    // One frame of one block that is not compressed: RFC 8878, 3.1.1. Compressed ones have tests of their own.
    private static byte[] RawZstd(byte[] data)
    {
        var blockHeader = (data.Length << 3) | 1;
        return [0x28, 0xb5, 0x2f, 0xfd, 0x20, (byte)data.Length, (byte)blockHeader, (byte)(blockHeader >> 8), (byte)(blockHeader >> 16), .. data];
    }

    /// <summary>Go's number formats, one after the other.</summary>
    private sealed class Bytes
    {
        private readonly List<byte> _bytes = [];

        public Bytes Byte(int value)
        {
            _bytes.Add((byte)value);
            return this;
        }

        public Bytes U64(ulong value)
        {
            for (var shift = 56; shift >= 0; shift -= 8)
            {
                _bytes.Add((byte)(value >> shift));
            }

            return this;
        }

        public Bytes Double(double value) => U64(BitConverter.DoubleToUInt64Bits(value));

        public Bytes Uvarint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                _bytes.Add((byte)(value | 0x80));
            }

            return Byte((int)value);
        }

        public Bytes Varint(long value) => Uvarint((ulong)((value << 1) ^ (value >> 63)));

        public Bytes Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Uvarint((ulong)bytes.Length);
            _bytes.AddRange(bytes);
            return this;
        }

        public byte[] ToArray() => [.. _bytes];
    }
}
