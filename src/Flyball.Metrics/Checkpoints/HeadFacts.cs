using Flyball.Metrics.Head;
using Flyball.Metrics.Pages;

namespace Flyball.Metrics.Checkpoints;

/// <summary>What a checkpoint says of a head as a whole, as it was when the checkpoint was begun.</summary>
internal readonly record struct HeadFacts(
    long Number, long StartMs, long UntilMs, long FirstSegment, int SeriesCount, int LoggedSeries, long SampleCount, long PageCount, long OldestMs, long NewestMs)
{
    public static HeadFacts Of(HeadPart head) => new(
        head.Number,
        head.StartMs,
        head.UntilMs,
        head.FirstSegment,
        head.Series.Count,
        Math.Min(head.LoggedSeries, head.Series.Count),
        head.SampleCount,
        head.PageCount,
        head.OldestMs,
        head.NewestMs);

    public static HeadFacts Read(ref ByteReader from) => new(
        from.ReadI64(),
        from.ReadI64(),
        from.ReadI64(),
        from.ReadI64(),
        (int)from.ReadU32(),
        (int)from.ReadU32(),
        from.ReadI64(),
        from.ReadI64(),
        from.ReadI64(),
        from.ReadI64());

    public void Write(ByteWriter to)
    {
        to.WriteI64(Number);
        to.WriteI64(StartMs);
        to.WriteI64(UntilMs);
        to.WriteI64(FirstSegment);
        to.WriteU32((uint)SeriesCount);
        to.WriteU32((uint)LoggedSeries);
        to.WriteI64(SampleCount);
        to.WriteI64(PageCount);
        to.WriteI64(OldestMs);
        to.WriteI64(NewestMs);
    }
}
