using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Blocks;

/// <summary>Writes a file from front to back in chunks of 64 KiB, and remembers the checksum of each.</summary>
internal sealed class BlockSink(IFile file)
{
    private readonly byte[] _chunk = new byte[BlockFormat.SumBytes];
    private readonly ByteWriter _sums = new();
    private int _used;
    private long _written;

    /// <summary>Where the next byte goes.</summary>
    public long Position => _written + _used;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var fits = Math.Min(bytes.Length, _chunk.Length - _used);
            bytes[..fits].CopyTo(_chunk.AsSpan(_used));
            _used += fits;
            bytes = bytes[fits..];
            if (_used == _chunk.Length)
            {
                WriteChunk();
            }
        }
    }

    /// <summary>Writes the checksums of everything so far, and what follows them, which has a checksum of its own.</summary>
    public void WriteSumsAnd(Func<long, byte[]> footer)
    {
        if (_used > 0)
        {
            WriteChunk();
        }

        file.Write(_written, _sums.Written);
        _written += _sums.Length;
        file.Write(_written, footer(_written));
    }

    private void WriteChunk()
    {
        var bytes = _chunk.AsSpan(0, _used);
        BinaryPrimitives.WriteUInt32LittleEndian(_sums.Take(4), Crc32C.Of(bytes));
        file.Write(_written, bytes);
        _written += _used;
        _used = 0;
    }
}
