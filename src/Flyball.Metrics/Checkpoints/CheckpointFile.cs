using Flyball.Durable.Files;

namespace Flyball.Metrics.Checkpoints;

/// <summary>Writes the frames of a checkpoint under a temporary name, and publishes the file whole.</summary>
internal sealed class CheckpointFile : IDisposable
{
    private const int BufferSize = 1 << 18;

    private readonly IFileSystem _files;
    private readonly string _path;
    private readonly IFile _file;
    private readonly byte[] _buffer = new byte[BufferSize];
    private int _buffered;
    private int _frames;

    public CheckpointFile(IFileSystem files, string path)
    {
        (_files, _path) = (files, path);
        _file = files.Open(path + AtomicPublish.TemporarySuffix, OpenMode.Truncate);
        CheckpointFormat.WriteFileHeader(_buffer);
        _buffered = CheckpointFormat.FileHeaderSize;
    }

    /// <summary>Bytes so far.</summary>
    public long Length { get; private set; }

    public void Write(byte kind, ReadOnlySpan<byte> payload) => Write(kind, payload, default);

    /// <summary>Appends a frame whose payload lies in two places.</summary>
    public void Write(byte kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> header = stackalloc byte[CheckpointFormat.FrameHeaderSize];
        CheckpointFormat.WriteFrameHeader(header, kind, first, second);
        Put(header);
        Put(first);
        Put(second);
        _frames++;
    }

    /// <summary>Ends the file and syncs it; it is not visible yet.</summary>
    public void Finish()
    {
        Span<byte> count = stackalloc byte[4];
        BitConverter.TryWriteBytes(count, _frames);
        Write(CheckpointFormat.End, count);
        Flush();
        _file.Sync();
    }

    /// <summary>Puts the finished file in the place of the one before.</summary>
    public void Publish() => AtomicPublish.PublishFile(_files, _path);

    public void Dispose() => _file.Dispose();

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BufferSize - _buffered)
        {
            Flush();
        }

        if (bytes.Length >= BufferSize)
        {
            _file.Write(Length, bytes);
            Length += bytes.Length;
            return;
        }

        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    private void Flush()
    {
        _file.Write(Length, _buffer.AsSpan(0, _buffered));
        Length += _buffered;
        _buffered = 0;
    }
}
