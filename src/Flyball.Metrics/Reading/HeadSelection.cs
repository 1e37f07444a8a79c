using Flyball.Metrics.Head;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Metrics.Reading;

/// <summary>Matching series of a head, as they were at one moment.</summary>
internal sealed class HeadSelection(HeadPart head, HeadSeriesView[] views, TimeRange range, Action leave) : ISeriesPart
{
    private Action? _leave = leave;

    public int Count => views.Length;

    public ReadOnlySpan<byte> Labels(int index) => head.Series.Labels(views[index].Series);

    public bool Read(int index, SampleColumns to, CancellationToken cancellationToken)
    {
        head.Reader.Read(views[index], range, to);
        return (views[index].Flags & (SeriesFlags.Overlaps | SeriesFlags.OpenUnordered)) != SeriesFlags.None;
    }

    public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
}
