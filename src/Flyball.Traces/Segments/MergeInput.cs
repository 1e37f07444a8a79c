using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Segments;

/// <summary>Pages that go into a new segment and share one set of string ids: one page of the head, or a whole segment.</summary>
/// <param name="Strings">What the ids of its pages mean.</param>
/// <param name="PageCount">Number of pages.</param>
/// <param name="Load">Gives a page; may decode it each time it is asked.</param>
internal sealed record MergeInput(IStringSource Strings, int PageCount, Func<int, SpanPage> Load)
{
    /// <summary>A page in memory.</summary>
    public static MergeInput Of(SpanPage page) => new(page.Strings, 1, _ => page);

    /// <summary>A segment.</summary>
    public static MergeInput Of(Segment segment) => new(segment, segment.Footer.Pages.Length, segment.ReadPage);
}
