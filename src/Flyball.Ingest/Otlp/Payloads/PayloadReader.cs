using System.IO.Compression;

namespace Flyball.Ingest.Otlp.Payloads;

/// <summary>Reads request bodies into memory, decompressing on the way; limits hold before and after decompression.</summary>
internal sealed class PayloadReader(OtlpOptions options)
{
    private const int ShortestGzip = 18; // 10 bytes of header, 8 of trailer: RFC 1952

    private readonly PayloadBudget _budget = new(options.MaxInFlightBytes);

    /// <summary>Bytes of requests held now; 0 when nothing is being received.</summary>
    public long HeldBytes => _budget.Taken;

    /// <summary>Reads a body to its end.</summary>
    /// <exception cref="PayloadTooLargeException">It is larger than the limit, compressed or decompressed.</exception>
    /// <exception cref="PayloadBudgetException">Too much is being received at once.</exception>
    /// <exception cref="OtlpDecodeException">It is not gzip although it says so.</exception>
    public async ValueTask<Payload> ReadAsync(Stream body, bool gzip, CancellationToken cancellationToken)
    {
        var payload = new Payload(_budget);
        try
        {
            await FillAsync(payload, body, gzip, cancellationToken);
            return payload;
        }
        catch
        {
            payload.Dispose();
            throw;
        }
    }

    private async ValueTask FillAsync(Payload payload, Stream body, bool gzip, CancellationToken cancellationToken)
    {
        if (!gzip)
        {
            await payload.FillAsync(body, options.MaxRequestBytes, cancellationToken);
            return;
        }

        using var guarded = new LimitedStream(body, options.MaxRequestBytes);
        using var unzip = new GZipStream(guarded, CompressionMode.Decompress);
        try
        {
            await payload.FillAsync(unzip, options.MaxRequestBytes, cancellationToken);
            if (guarded.Position is > 0 and < ShortestGzip)
            {
                // The framework takes a cut-off header for the end of an empty stream.
                throw new OtlpDecodeException($"the gzip body is cut off after {guarded.Position} bytes");
            }
        }
        catch (InvalidDataException e)
        {
            throw new OtlpDecodeException("the body is not valid gzip", e);
        }
    }
}
