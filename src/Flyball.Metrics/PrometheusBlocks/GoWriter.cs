using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.PrometheusBlocks;

/// <summary>Writes a file from front to back in Prometheus' number formats.</summary>
internal sealed class GoWriter(IFile file) : IDisposable
{
    private const int FlushAt = 1 << 20;

    private readonly ByteWriter _bytes = new(1 << 16);
    private long _written;

    public long Position => _written + _bytes.Length;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _bytes.Write(bytes);
        if (_bytes.Length >= FlushAt)
        {
            Flush();
        }
    }

    public void WriteU32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Write(bytes);
    }

    public void WriteSum(ReadOnlySpan<byte> of) => WriteU32(Crc32C.Of(of));

    public void Align(int to)
    {
        while (Position % to != 0)
        {
            Write([0]);
        }
    }

    /// <summary>A section: length, bytes, checksum.</summary>
    public void WriteSection(ReadOnlySpan<byte> bytes)
    {
        WriteU32((uint)bytes.Length);
        Write(bytes);
        WriteSum(bytes);
    }

    public void Finish()
    {
        Flush();
        file.Sync();
    }

    public void Dispose() => file.Dispose();

    private void Flush()
    {
        file.Write(_written, _bytes.Written);
        _written += _bytes.Length;
        _bytes.Clear();
    }
}
