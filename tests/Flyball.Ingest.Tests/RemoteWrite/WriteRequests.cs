using System.Text;
using Flyball.Model.Wire;

namespace Flyball.Ingest.Tests.RemoteWrite;

/// <summary>Writes remote-write requests as senders do.</summary>
internal sealed class WriteRequests
{
    private readonly WireWriter _wire = new();
    private readonly List<string> _symbols = [""];

    /// <summary>Version 1.0: series as (labels in order, samples).</summary>
    public static byte[] Version1(params (string[] Labels, (long AtMs, double Value)[] Samples)[] series)
    {
        var wire = new WireWriter();
        foreach (var (labels, samples) in series)
        {
            var one = wire.Begin(1);
            for (var i = 0; i < labels.Length; i += 2)
            {
                var label = wire.Begin(1);
                wire.Text(1, labels[i]);
                wire.Text(2, labels[i + 1]);
                wire.End(label);
            }

            foreach (var (atMs, value) in samples)
            {
                var sample = wire.Begin(2);
                wire.DoubleAlways(1, value);
                wire.Varint(2, (ulong)atMs);
                wire.End(sample);
            }

            wire.End(one);
        }

        return wire.Written.ToArray();
    }

    /// <summary>Adds a series of version 2.0.</summary>
    public WriteRequests Series(string[] labels, params (long AtMs, double Value)[] samples)
    {
        var one = _wire.Begin(5);
        _wire.Bytes(1, Packed(labels.Select(Symbol)));
        foreach (var (atMs, value) in samples)
        {
            var sample = _wire.Begin(2);
            _wire.DoubleAlways(1, value);
            _wire.Varint(2, (ulong)atMs);
            _wire.End(sample);
        }

        _wire.End(one);
        return this;
    }

    /// <summary>Adds a series of version 2.0 with one integer histogram: schema 0, buckets 1 and 2 of 3 and 4 observations.</summary>
    public WriteRequests Histogram(string[] labels, long atMs, int schema = 0, uint announcedBuckets = 2)
    {
        var one = _wire.Begin(5);
        _wire.Bytes(1, Packed(labels.Select(Symbol)));
        var histogram = _wire.Begin(3);
        _wire.Varint(1, 7);
        _wire.DoubleAlways(3, 12.5);
        _wire.Varint(4, (ulong)((schema << 1) ^ (schema >> 31)));
        var span = _wire.Begin(11);
        _wire.Varint(1, 2);
        _wire.Varint(2, announcedBuckets);
        _wire.End(span);
        _wire.Bytes(12, [6, 2]);
        _wire.Varint(15, (ulong)atMs);
        _wire.End(histogram);
        _wire.End(one);
        return this;
    }

    /// <summary>The finished request; its table of symbols comes last, which the encoding allows.</summary>
    public byte[] Version2()
    {
        foreach (var symbol in _symbols)
        {
            _wire.BytesAlways(4, Encoding.UTF8.GetBytes(symbol));
        }

        return _wire.Written.ToArray();
    }

    private uint Symbol(string text)
    {
        var index = _symbols.IndexOf(text);
        if (index < 0)
        {
            index = _symbols.Count;
            _symbols.Add(text);
        }

        return (uint)index;
    }

    private static byte[] Packed(IEnumerable<uint> numbers) => [.. numbers.Select(n => checked((byte)n))];
}
