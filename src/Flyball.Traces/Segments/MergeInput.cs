using Flyball.Traces.Pages;
using Flyball.Traces.Strings;

namespace Flyball.Traces.Segments;

/// <summary>Pages that go into a new segment and share one set of string ids: one page of the head, or a whole segment.</summary>
/// <param name="Strings">What the ids of its pages mean.</param>
/// <param name="Spans">Rows of all pages.</param>
/// <param name="PageCount">Number of pages.</param>
/// <param name="Load">Gives a page; may decode it each time it is asked.</param>
/// <param name="LoadIdentity">Gives a page of which only ids, kinds and times need be there.</param>
internal sealed record MergeInput(IStringSource Strings, int Spans, int PageCount, Func<int, SpanPage> Load, Func<int, SpanPage> LoadIdentity)
{
    private static readonly ColumnChoice Identity = new(PageParts.SpanIds | PageParts.Kind, null);

    /// <summary>A page in memory.</summary>
    public static MergeInput Of(SpanPage page) => new(page.Strings, page.Count, 1, _ => page, _ => page);

    /// <summary>A segment.</summary>
    public static MergeInput Of(Segment segment) => new(
        segment, segment.Footer.Spans, segment.Footer.Pages.Length, segment.ReadPage, page => segment.ReadPage(page, Identity));
}
