using Flyball.Model.Spans;

namespace Flyball.Traces.Head;

/// <summary>Which spans are too old or too far ahead to be stored (Tempo documentation).</summary>
internal readonly struct ArrivalCheck(ulong oldestEnd, ulong newestStart)
{
    /// <summary>The bounds at a point in time.</summary>
    public static ArrivalCheck At(DateTimeOffset now, SpanStoreOptions options)
    {
        var ns = (ulong)(now - DateTimeOffset.UnixEpoch).Ticks * 100;
        var keep = (ulong)Math.Max(0, options.KeepFor.Ticks) * 100;
        return new ArrivalCheck(ns > keep ? ns - keep : 0, ns + ((ulong)Math.Max(0, options.FutureSlack.Ticks) * 100));
    }

    public bool Accepts(in SpanRow span) => Math.Max(span.End.Value, span.Start.Value) >= oldestEnd && span.Start.Value <= newestStart;

    /// <summary>Why a span is not accepted, in a word for a label and in a sentence for the sender.</summary>
    public (string Word, string Sentence) ReasonFor(in SpanRow span) => span.Start.Value > newestStart
        ? ("future", "span starts too far in the future; check the sender's clock")
        : ("expired", "span ended before the time for which spans are kept");
}
