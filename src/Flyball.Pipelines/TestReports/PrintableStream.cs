namespace Flyball.Pipelines.TestReports;

/// <summary>Passes bytes on, but spaces for the control characters that XML does not allow: output of tests holds the colours of terminals,
/// and frameworks write it down as it is.</summary>
/// <remarks>For encodings in which ASCII stands for itself; a file that begins like UTF-16 or UTF-32 is passed on as it is.</remarks>
internal sealed class PrintableStream(Stream source) : Stream
{
    private bool? _isWide;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        var read = source.Read(buffer);
        _isWide ??= read >= 2 && (buffer[0] is 0xFE or 0xFF || buffer[0] == 0 || buffer[1] == 0);
        if (_isWide == false)
        {
            foreach (ref var value in buffer[..read])
            {
                value = value < ' ' && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r') ? (byte)' ' : value;
            }
        }

        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
