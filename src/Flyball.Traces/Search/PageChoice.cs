using Flyball.Traces.Segments;

namespace Flyball.Traces.Search;

/// <summary>Which pages of a segment can hold a match: those in which every needed string occurs.</summary>
internal static class PageChoice
{
    public static int[] Choose(Segment segment, IEnumerable<int> neededStrings)
    {
        int[]? chosen = null;
        foreach (var id in neededStrings)
        {
            var pages = segment.PagesOf(id);
            if (!pages.IsEmpty)
            {
                chosen = chosen is null ? pages.ToArray() : Intersect(chosen, pages);
            }
        }

        return chosen ?? [.. Enumerable.Range(0, segment.Footer.Pages.Length)];
    }

    private static int[] Intersect(int[] a, ReadOnlySpan<int> b)
    {
        var common = new List<int>();
        for (int i = 0, j = 0; i < a.Length && j < b.Length;)
        {
            if (a[i] == b[j])
            {
                common.Add(a[i]);
                i++;
                j++;
            }
            else if (a[i] < b[j])
            {
                i++;
            }
            else
            {
                j++;
            }
        }

        return [.. common];
    }
}
