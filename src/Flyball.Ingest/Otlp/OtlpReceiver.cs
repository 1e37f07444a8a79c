using Flyball.Ingest.Otlp.Payloads;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Otlp;

/// <summary>What both transports share: reads a body within the limits, hands it to its signal, turns every failure into an answer.</summary>
internal sealed class OtlpReceiver(OtlpOptions options, ILogger logger)
{
    private readonly PayloadReader _reader = new(options);

    /// <summary>Limits and delays.</summary>
    public OtlpOptions Options => options;

    /// <summary>Bytes of requests held now.</summary>
    public long HeldBytes => _reader.HeldBytes;

    /// <summary>Receives one export.</summary>
    /// <returns>Ok (perhaps partial), InvalidArgument, ResourceExhausted (too large), Unavailable (come back) or Internal.</returns>
    public async ValueTask<OtlpAnswer> ReceiveAsync(
        IOtlpSignal signal, Stream body, bool gzip, OtlpEncoding encoding, string transport, CancellationToken cancellationToken)
    {
        var answer = await AnswerAsync(signal, body, gzip, encoding, cancellationToken);
        OtlpMetrics.CountRequest(signal.Name, transport, answer.Code);
        return answer;
    }

    private async ValueTask<OtlpAnswer> AnswerAsync(
        IOtlpSignal signal, Stream body, bool gzip, OtlpEncoding encoding, CancellationToken cancellationToken)
    {
        try
        {
            using var payload = await _reader.ReadAsync(body, gzip, cancellationToken);
            return await ExportAsync(signal, payload, encoding, cancellationToken);
        }
        catch (OtlpDecodeException e)
        {
            return new OtlpAnswer(RpcCode.InvalidArgument, Message: e.Message);
        }
        catch (PayloadTooLargeException e)
        {
            return new OtlpAnswer(RpcCode.ResourceExhausted, Message: e.Message);
        }
        catch (PayloadBudgetException e)
        {
            return new OtlpAnswer(RpcCode.Unavailable, Message: e.Message);
        }
    }

    // Only the store's IOException means "come back later": one from reading the body is the client's own connection.
    private async ValueTask<OtlpAnswer> ExportAsync(
        IOtlpSignal signal, Payload payload, OtlpEncoding encoding, CancellationToken cancellationToken)
    {
        try
        {
            return await signal.ExportAsync(payload.Memory, encoding, cancellationToken);
        }
        catch (IOException e)
        {
            OtlpLog.SinkFailed(logger, e);
            return new OtlpAnswer(RpcCode.Unavailable, Message: $"the data cannot be stored now ({e.Message}); send it again later");
        }
    }
}
