using System.Text;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces.Search;

/// <summary>Runs a search over a view of the store, newest pages first.</summary>
/// <remarks>
/// 1. Memory, then segments by their newest start: collect the traces with a matching span; pages that the dictionary, the
/// postings or the zone map rule out are not read, and reading stops when older pages cannot change the answer.
/// 2. Read the traces of the answer whole, for root, duration and the number of matches.
/// </remarks>
internal sealed class TraceSearcher(StoreView view, TraceSearch search)
{
    private readonly Candidates _candidates = new(search.Limit);

    public List<TraceSummary> Run(CancellationToken cancellationToken)
    {
        // 1. Candidates.
        foreach (var page in view.Pages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (PageFilter.Prepare(search, page.Strings) is { } filter)
            {
                Scan(page, filter);
            }
        }

        foreach (var segment in view.Segments.OrderByDescending(s => s.Footer.MaxStart))
        {
            Scan(segment, cancellationToken);
        }

        // 2. Whole traces.
        var found = new List<TraceSummary>();
        foreach (var id in _candidates.Newest())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Summarize(id) is { } summary)
            {
                found.Add(summary);
            }
        }

        return [.. found.OrderByDescending(t => t.Start.Value)];
    }

    private void Scan(Segment segment, CancellationToken cancellationToken)
    {
        if (IsOutside(segment.Footer.MinStart, segment.Footer.MaxStart) || PageFilter.Prepare(search, segment) is not { } filter)
        {
            return;
        }

        var pages = PageChoice.Choose(segment, filter.NeededStrings());
        for (var i = pages.Length - 1; i >= 0; i--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = segment.Footer.Pages[pages[i]];
            if (!IsOutside(entry.MinStart, entry.MaxStart) && entry.MaxDuration >= (search.MinDurationNs ?? 0)
                && (search.Status != SpanStatus.Error || entry.HasError))
            {
                Scan(view.LoadPage(segment, pages[i]), filter);
            }
        }
    }

    private bool IsOutside(ulong minStart, ulong maxStart) =>
        maxStart < Math.Max(search.From.Value, _candidates.Threshold) || minStart > search.Until.Value;

    private void Scan(SpanPage page, PageFilter filter)
    {
        for (var row = 0; row < page.Count; row++)
        {
            if (filter.Matches(page, row))
            {
                _candidates.Add(page.TraceOf(row), page.Start[row]);
            }
        }
    }

    private TraceSummary? Summarize(TraceId id)
    {
        var rows = TraceRows.Read(view, id).Items;
        var filters = new Dictionary<object, PageFilter?>();
        var matched = 0;
        var spans = new List<MatchedSpan>();
        foreach (var row in rows)
        {
            if (!filters.TryGetValue(row.Page.Strings, out var filter))
            {
                filters[row.Page.Strings] = filter = PageFilter.Prepare(search, row.Page.Strings);
            }

            if (filter?.Matches(row.Page, row.Index) == true && ++matched <= search.SpansPerTrace)
            {
                spans.Add(new MatchedSpan(
                    new SpanId(row.SpanId), Text(row.Page, row.Page.Name[row.Index]), new TimestampNs(row.Start), row.Page.DurationOf(row.Index)));
            }
        }

        // A copy with an earlier end may have matched where the one that stays does not.
        return matched == 0 ? null : Describe(id, rows, matched, spans);
    }

    private static TraceSummary Describe(TraceId id, IReadOnlyList<TraceRows.Row> rows, int matched, List<MatchedSpan> spans)
    {
        var start = rows[0].Start;
        var end = rows.Max(r => Math.Max(r.End, r.Start));
        var errors = rows.Count(r => r.Page.Status[r.Index] == (int)SpanStatus.Error);
        var root = rows.FirstOrDefault(r => r.Page.ParentId[r.Index] == 0);
        var service = root.Page is null ? "" : ServiceOf(root.Page, root.Index);
        var name = root.Page is null ? null : Text(root.Page, root.Page.Name[root.Index]);
        return new TraceSummary(id, service, name, new TimestampNs(start), end - start, rows.Count, errors, matched, spans);
    }

    private static string ServiceOf(SpanPage page, int row)
    {
        var resource = page.Resources[page.Resource[row]];
        var slots = page.Shapes[(int)resource[2]];
        for (var i = slots.Length - 1; i >= 0; i--)
        {
            if (AttributeSets.KindOf(slots[i]) == AttributeKind.Text
                && page.Strings[AttributeSets.KeyOf(slots[i])].SequenceEqual("service.name"u8))
            {
                return Text(page, (int)resource[SpanPage.ResourceHead + i]);
            }
        }

        return "";
    }

    private static string Text(SpanPage page, int id) => Encoding.UTF8.GetString(page.Strings[id]);
}
