using System.Buffers.Binary;

namespace Flyball.Bench.Peers.Workload;

/// <summary>Collects samples as one <c>prometheus.WriteRequest</c>: one TimeSeries of one sample each, as a scraping agent sends them.</summary>
internal sealed class WriteRequestBuilder
{
    // Sample: tag, length, then tag and double, tag and timestamp of six bytes (times between 2004 and 2109).
    private const int SampleSize = 18, TimestampLength = 6;

    private byte[] _buffer = new byte[1 << 20];
    private int _length;

    public int Samples { get; private set; }

    /// <summary>Time of the newest sample, UTC milliseconds.</summary>
    public long NewestMs { get; private set; }

    public ReadOnlyMemory<byte> Message => _buffer.AsMemory(0, _length);

    public void Add(byte[] labels, long atMs, double value)
    {
        var size = labels.Length + SampleSize;
        if (_buffer.Length - _length < size + 6)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        _buffer[_length++] = 0x0A;
        WriteNumber((ulong)size);
        labels.CopyTo(_buffer, _length);
        _length += labels.Length;
        _buffer[_length++] = 0x12;
        _buffer[_length++] = SampleSize - 2;
        _buffer[_length++] = 0x09;
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.AsSpan(_length), value);
        _length += 8;
        _buffer[_length++] = 0x10;
        var before = _length;
        WriteNumber((ulong)atMs);
        if (_length - before != TimestampLength)
        {
            throw new ArgumentOutOfRangeException(nameof(atMs), atMs, "timestamps must lie between 2004 and 2109");
        }

        Samples++;
        NewestMs = Math.Max(NewestMs, atMs);
    }

    public void Clear()
    {
        _length = 0;
        Samples = 0;
        NewestMs = 0;
    }

    private void WriteNumber(ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            _buffer[_length++] = (byte)(number | 0x80);
        }

        _buffer[_length++] = (byte)number;
    }
}
