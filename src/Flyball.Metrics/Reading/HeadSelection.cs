using System.Buffers;
using Flyball.Metrics.Head;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Reading;

/// <summary>Matching series of a head, as they were at one moment.</summary>
/// <param name="views">Of the pool; the first are the series, in label order. Given back when the selection is disposed.</param>
internal sealed class HeadSelection(HeadPart head, HeadSeriesView[] views, int count, TimeRange range, Action leave) : ISeriesPart
{
    // Series in label order lie anywhere in memory: what the next but one begins with is fetched while this one is decoded.
    private const int Ahead = 2;

    private Action? _leave = leave;

    public int Count => count;

    public ReadOnlySpan<byte> Labels(int index) => head.Series.Labels(views[index].Series);

    public bool Read(int index, SampleColumns to, CancellationToken cancellationToken)
    {
        if (index + Ahead < count)
        {
            head.Reader.Prefetch(views[index + Ahead]);
        }

        head.Reader.Read(views[index], range, to);
        return (views[index].Flags & (SeriesFlags.Overlaps | SeriesFlags.OpenUnordered)) != SeriesFlags.None;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _leave, null) is { } left)
        {
            left();
            ArrayPool<HeadSeriesView>.Shared.Return(views);
        }
    }
}
