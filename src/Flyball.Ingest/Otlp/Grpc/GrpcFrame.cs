using System.Buffers.Binary;

namespace Flyball.Ingest.Otlp.Grpc;

/// <summary>The one message of a unary gRPC call, as a stream that ends where the message ends.</summary>
/// <remarks>
/// <code>
/// { compressed: 1 byte, 0 or 1 } { length: 4 bytes, big-endian } { message: length bytes }
/// </code>
/// Bytes behind the message mean a second one, which a unary call must not have.
/// </remarks>
internal sealed class GrpcFrame : Stream
{
    private const int HeaderLength = 5;

    private readonly Stream _body;
    private long _left;
    private bool _ended;

    private GrpcFrame(Stream body, bool isCompressed, long length)
    {
        _body = body;
        _left = length;
        IsCompressed = isCompressed;
    }

    /// <summary>Whether the message is compressed as grpc-encoding says.</summary>
    public bool IsCompressed { get; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Reads the frame's header.</summary>
    /// <exception cref="GrpcFrameException">There is none, or it announces more than the limit.</exception>
    public static async ValueTask<GrpcFrame> OpenAsync(Stream body, int limit, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderLength];
        if (await body.ReadAtLeastAsync(header, HeaderLength, throwOnEndOfStream: false, cancellationToken) < HeaderLength)
        {
            throw new GrpcFrameException(RpcCode.InvalidArgument, "the call carries no complete message");
        }

        if (header[0] > 1)
        {
            throw new GrpcFrameException(RpcCode.InvalidArgument, $"a message begins with 0 or 1, not with {header[0]}");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1));
        if (length > limit)
        {
            throw new GrpcFrameException(
                RpcCode.ResourceExhausted, $"the message of {length} bytes is larger than {limit}; send smaller batches");
        }

        return new GrpcFrame(body, header[0] == 1, length);
    }

    /// <summary>Puts a frame around a message.</summary>
    public static byte[] Around(ReadOnlySpan<byte> message)
    {
        var framed = new byte[HeaderLength + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(framed.AsSpan(1), (uint)message.Length);
        message.CopyTo(framed.AsSpan(HeaderLength));
        return framed;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
        {
            await ExpectEndAsync(cancellationToken);
            return 0;
        }

        var read = await _body.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        if (read == 0 && buffer.Length > 0)
        {
            throw new GrpcFrameException(RpcCode.InvalidArgument, $"the message is cut off: {_left} bytes are missing");
        }

        _left -= read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("read asynchronously");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private async ValueTask ExpectEndAsync(CancellationToken cancellationToken)
    {
        if (!_ended && await _body.ReadAsync(new byte[1], cancellationToken) != 0)
        {
            throw new GrpcFrameException(RpcCode.InvalidArgument, "a unary call carries more than one message");
        }

        _ended = true;
    }
}

/// <summary>The body of a call is not one framed message.</summary>
internal sealed class GrpcFrameException(RpcCode code, string message) : Exception(message)
{
    /// <summary>What to answer.</summary>
    public RpcCode Code { get; } = code;
}
