namespace Flyball.Traces.Segments;

/// <summary>Chooses which segments to merge: as many neighbours in time of about one size as the factor says.</summary>
internal static class MergeChoice
{
    /// <summary>The next merge, or none.</summary>
    public static Segment[] Next(Segment[] segments, SpanStoreOptions options)
    {
        // A tier is a power of the factor: merging within tiers writes each span once per tier, about twice in all.
        foreach (var tier in segments.Where(s => s.Footer.Spans < options.SegmentSpans / 2).GroupBy(s => TierOf(s, options)).OrderBy(g => g.Key))
        {
            var neighbours = tier.OrderBy(s => s.Footer.MinStart).Take(options.MergeFactor).ToArray();
            if (neighbours.Length >= options.MergeFactor && neighbours.Sum(s => (long)s.Footer.Spans) <= options.SegmentSpans)
            {
                return neighbours;
            }
        }

        return [];
    }

    private static int TierOf(Segment segment, SpanStoreOptions options) =>
        Math.Max(0, (int)Math.Floor(Math.Log(Math.Max(1.0, segment.Footer.Spans * 2.0 / options.HeadSpans), options.MergeFactor)));
}
