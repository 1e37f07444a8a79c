using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces;

/// <summary>All spans as they are at one moment. Dispose it: it pins segments.</summary>
internal sealed class StoreView(SpanPage[] pages, Segment[] segments) : IDisposable
{
    /// <summary>Pages in memory, in order of arrival.</summary>
    public SpanPage[] Pages => pages;

    /// <summary>Segments, held.</summary>
    public Segment[] Segments => segments;

    public void Dispose()
    {
        foreach (var segment in segments)
        {
            segment.Release();
        }
    }
}
