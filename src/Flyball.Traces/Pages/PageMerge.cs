using Flyball.Traces.Strings;

namespace Flyball.Traces.Pages;

/// <summary>Joins small pages: many clients with one span per request must not cost a page each.</summary>
internal static class PageMerge
{
    public static SpanPage Join(SpanPage first, SpanPage second)
    {
        var strings = new StringTable();
        var joined = new SpanPage(strings, first.Count + second.Count);
        foreach (var page in (ReadOnlySpan<SpanPage>)[first, second])
        {
            var map = new int[page.Strings.Count];
            for (var id = 1; id < map.Length; id++)
            {
                map[id] = strings.Intern(page.Strings[id]);
            }

            var copier = new PageCopier<ArrayMap>(page, new ArrayMap(map));
            for (var row = 0; row < page.Count; row++)
            {
                copier.Copy(row, joined);
            }
        }

        return joined;
    }
}
