using System.Buffers;

namespace Flyball.Ingest.Otlp.Payloads;

/// <summary>The decompressed body of a request, in rented memory. Dispose it: that gives back the memory and its share of the budget.</summary>
internal sealed class Payload(PayloadBudget budget) : IDisposable
{
    private byte[] _buffer = [];
    private long _charged;

    /// <summary>The bytes; they live until the payload is disposed.</summary>
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);

    /// <summary>How many there are.</summary>
    public int Length { get; private set; }

    /// <summary>Reads a stream to its end.</summary>
    /// <exception cref="PayloadTooLargeException">It is longer than the limit; reading stopped there.</exception>
    /// <exception cref="PayloadBudgetException">All requests together take too much memory.</exception>
    public async ValueTask FillAsync(Stream source, int limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Length == _buffer.Length)
            {
                Grow(limit);
            }

            var read = await source.ReadAsync(_buffer.AsMemory(Length), cancellationToken);
            if (read == 0)
            {
                return;
            }

            Length += read;
            if (Length > limit)
            {
                throw new PayloadTooLargeException(limit);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        budget.Return(_charged);
        _charged = 0;
    }

    private void Grow(int limit)
    {
        // One byte beyond the limit tells "exactly at the limit" from "more is coming".
        var wanted = (int)Math.Min(Math.Max(64 << 10, (long)_buffer.Length * 2), (long)limit + 1);
        budget.Take(wanted - _charged);
        _charged = wanted;
        var grown = ArrayPool<byte>.Shared.Rent(wanted);
        _buffer.AsSpan(0, Length).CopyTo(grown);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = grown;
    }
}

/// <summary>A request is larger than the receiver takes.</summary>
internal sealed class PayloadTooLargeException(int limit)
    : Exception($"the request is larger than {limit} bytes; send smaller batches or raise the receiver's max_request_bytes");

/// <summary>Too many bytes are being received at once.</summary>
internal sealed class PayloadBudgetException(long limit)
    : Exception($"requests being received hold more than {limit} bytes; try again later");
