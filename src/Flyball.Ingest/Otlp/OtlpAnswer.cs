namespace Flyball.Ingest.Otlp;

/// <summary>What to tell the client about its export, whatever the transport.</summary>
/// <param name="Code">Ok also for a partial success.</param>
/// <param name="Rejected">Spans or data points refused.</param>
/// <param name="Message">Why, in English; null when all went well.</param>
internal sealed record OtlpAnswer(RpcCode Code, long Rejected = 0, string? Message = null)
{
    // A response has to stay under 4 MiB for gRPC clients; a sentence is enough for people.
    private const int LongestMessage = 1000;

    /// <summary>Everything is stored.</summary>
    public static readonly OtlpAnswer Success = new(RpcCode.Ok);

    /// <summary>The message, short enough for every client.</summary>
    public string ShortMessage => Message is null ? "" : Message.Length <= LongestMessage ? Message : Message[..LongestMessage];
}
