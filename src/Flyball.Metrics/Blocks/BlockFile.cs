using System.Buffers.Binary;
using Flyball.Durable.Checksums;
using Flyball.Durable.Files;

namespace Flyball.Metrics.Blocks;

/// <summary>The bytes of an open block; each chunk's checksum is verified when it is first touched.</summary>
/// <remarks>Safe from many threads. Two threads may verify the same chunk at once, which does no harm.</remarks>
internal sealed class BlockFile : IDisposable
{
    private readonly IMappedFile _map;
    private readonly long[] _places = new long[BlockFormat.PartCount + 1];
    private readonly bool[] _verified;

    public BlockFile(IFileSystem files, string path)
    {
        Path = path;
        _map = files.Map(path);
        try
        {
            CheckFrame();
            _verified = new bool[(int)(SizeOf(BlockSection.Sums) / 4)];
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    public string Path { get; }

    public long Length => _map.Length;

    public long SizeOf(BlockSection section) => _places[(int)section + 1] - _places[(int)section];

    /// <summary>A part of a section, verified.</summary>
    /// <exception cref="DamagedFileException">A checksum does not match, or the part is not inside the section.</exception>
    public ReadOnlySpan<byte> Slice(BlockSection section, long place, int length)
    {
        if (place < 0 || length < 0 || place + length > SizeOf(section))
        {
            throw new DamagedFileException(Path, _places[(int)section], $"{length} bytes at {place} lie outside their section");
        }

        return Verified(_places[(int)section] + place, length);
    }

    /// <summary>A whole section, verified.</summary>
    public ReadOnlySpan<byte> Whole(BlockSection section) => Slice(section, 0, checked((int)SizeOf(section)));

    public void Dispose() => _map.Dispose();

    private ReadOnlySpan<byte> Verified(long offset, int length)
    {
        if (length == 0)
        {
            return default;
        }

        var last = (int)((offset + length - 1) / BlockFormat.SumBytes);
        for (var chunk = (int)(offset / BlockFormat.SumBytes); chunk <= last; chunk++)
        {
            if (!_verified[chunk])
            {
                Verify(chunk);
            }
        }

        return _map.Slice(offset, length);
    }

    private void Verify(int chunk)
    {
        var sums = _places[(int)BlockSection.Sums];
        var start = (long)chunk * BlockFormat.SumBytes;
        var bytes = _map.Slice(start, (int)Math.Min(BlockFormat.SumBytes, sums - start));
        if (Crc32C.Of(bytes) != BinaryPrimitives.ReadUInt32LittleEndian(_map.Slice(sums + (chunk * 4L), 4)))
        {
            throw new DamagedFileException(Path, start, "the checksum of a chunk does not match");
        }

        _verified[chunk] = true;
    }

    private void CheckFrame()
    {
        if (_map.Length < BlockFormat.HeaderSize + BlockFormat.FooterSize || !_map.Slice(0, 4).SequenceEqual("FBMB"u8))
        {
            throw new DamagedFileException(Path, 0, "it does not begin as a block");
        }

        if (_map.Slice(4, 1)[0] != BlockFormat.Version)
        {
            throw new UnknownVersionException(Path, _map.Slice(4, 1)[0], BlockFormat.Version);
        }

        var footer = _map.Slice(_map.Length - BlockFormat.FooterSize, BlockFormat.FooterSize);
        if (BlockFormat.ReadFooter(footer, _map.Length, _places) is { } problem)
        {
            throw new DamagedFileException(Path, _map.Length - BlockFormat.FooterSize, problem);
        }

        var chunks = (_places[(int)BlockSection.Sums] + BlockFormat.SumBytes - 1) / BlockFormat.SumBytes;
        if (SizeOf(BlockSection.Sums) != chunks * 4)
        {
            throw new DamagedFileException(Path, _places[(int)BlockSection.Sums], "the number of checksums is wrong");
        }
    }
}
