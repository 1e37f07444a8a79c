using System.Buffers;

namespace Flyball.Ingest.Bodies;

/// <summary>The body of a page or request in rented memory. Dispose it when its samples are stored.</summary>
internal sealed class BodyBuffer : IDisposable, IBufferWriter<byte>
{
    private const int SmallestBuffer = 16 << 10;

    // Without a configured limit a hostile sender could still ask for all memory there is.
    private const long LargestBody = 512 << 20;

    private byte[] _buffer = [];

    /// <summary>The bytes; they live until the body is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>The header <c>Content-Type</c>, or "".</summary>
    public string ContentType { get; set; } = "";

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="limit">Most bytes; 0 = only the limit that protects the process (512 MiB).</param>
    /// <exception cref="BodyTooLargeException">It is longer than the limit; reading stopped there.</exception>
    public async ValueTask FillAsync(Stream source, long limit, CancellationToken cancellationToken)
    {
        limit = limit == 0 ? LargestBody : Math.Min(limit, LargestBody);
        while (true)
        {
            EnsureRoom(1);
            var read = await source.ReadAsync(_buffer.AsMemory(Length), cancellationToken);
            if (read == 0)
            {
                return;
            }

            Length += read;
            if (Length > limit)
            {
                throw new BodyTooLargeException(limit);
            }
        }
    }

    /// <inheritdoc />
    public void Advance(int count) => Length += count;

    /// <inheritdoc />
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(Length);
    }

    /// <inheritdoc />
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(Length);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        Length = 0;
    }

    private void EnsureRoom(int count)
    {
        if (_buffer.Length - Length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestBuffer, Math.Max(_buffer.Length * 2, Length + count)));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
    }
}

/// <summary>A body is longer than allowed.</summary>
internal sealed class BodyTooLargeException(long limit) : Exception($"the body is larger than {limit} bytes");
