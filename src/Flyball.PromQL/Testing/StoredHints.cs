using Flyball.Model.Histograms;

namespace Flyball.PromQL.Testing;

/// <summary>What a store says about counter resets of the histograms it gives back: unknown for the first of a chunk, none for
/// the others. A new chunk begins at a reset, a change of layout or flavour, and after a float.</summary>
internal sealed class StoredHints
{
    private NativeHistogram? _previous;

    /// <summary>The histogram of the next item as it would be read back; null for a float.</summary>
    public NativeHistogram? Apply(SequenceItem item)
    {
        var next = item.Histogram;
        var before = _previous;
        _previous = next;
        if (next is null || next.ResetHint == CounterResetHint.Gauge)
        {
            return next;
        }

        var goesOn = before is not null
            && before.ResetHint != CounterResetHint.Gauge
            && before.Schema == next.Schema
            && before.ZeroThreshold.Equals(next.ZeroThreshold)
            && before.CustomBounds.AsSpan().SequenceEqual(next.CustomBounds)
            && next.ResetHint != CounterResetHint.Reset
            && !HistogramArithmetic.IsReset(HistogramArithmetic.WithHint(next, CounterResetHint.Unknown), before);
        return HistogramArithmetic.WithHint(next, goesOn ? CounterResetHint.NotReset : CounterResetHint.Unknown);
    }
}
