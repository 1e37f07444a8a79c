using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Pipelines.VirtualSeries;

/// <summary>A value that holds for a while, to be sampled: at its beginning, then every 15 seconds so that an instant query finds it.</summary>
/// <param name="From">First sample.</param>
/// <param name="Until">End, outside; equal to <see cref="From"/> for a single sample.</param>
/// <param name="Value">The value.</param>
internal readonly record struct Stretch(long From, long Until, double Value)
{
    private const long EveryMs = 15_000;

    /// <summary>Adds the samples of neighbouring stretches, rising in time, and an end marker behind the last if it held for a while.</summary>
    public static void Append(in Stretch first, Stretch[]? rest, SampleColumns destination, TimeRange range)
    {
        first.AppendTo(destination, range);
        var last = first;
        foreach (var stretch in rest ?? [])
        {
            stretch.AppendTo(destination, range);
            last = stretch;
        }

        if (last.Until > last.From && range.Contains(new TimestampMs(last.Until)))
        {
            destination.Add(last.Until, StaleMarker.Value);
        }
    }

    private void AppendTo(SampleColumns destination, TimeRange range)
    {
        var skipped = range.First.Value > From ? (range.First.Value - From + EveryMs - 1) / EveryMs : 0;
        for (var at = From + (skipped * EveryMs); at <= range.Last.Value && (at < Until || at == From); at += EveryMs)
        {
            destination.Add(at, Value);
        }
    }
}
