using Flyball.Model.Labels;
using Flyball.Model.Spans;

namespace Flyball.Traces.SpanMetrics;

/// <summary>One side of a request between services, waiting for the other or together with it.</summary>
/// <param name="Service">Of the side.</param>
/// <param name="Seconds">How long its span lasted.</param>
/// <param name="Failed">Whether its span has status error.</param>
/// <param name="IsMessage">Whether it is a producer or a consumer.</param>
/// <param name="BoundaryNs">For a message: when the producer was done, or the consumer began.</param>
/// <param name="Peer">What the span says the other side is; empty when it says nothing.</param>
/// <param name="Dimensions">Labels of the side, with its prefix.</param>
internal sealed record RequestSide(
    TraceId Trace, string Service, double Seconds, bool Failed, bool IsMessage, ulong BoundaryNs, string Peer, LabelSet Dimensions);
