using System.Text;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;
using Flyball.Traces.Strings;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;

namespace Flyball.Traces.Tempo;

/// <summary>The attribute keys that occur, sorted, per kind of owner in the order of <see cref="Flyball.Model.Spans.AttributeOwner"/>.</summary>
internal static class TagKeys
{
    /// <summary>Of everything that may lie in a window; from tables of contents, no page is read.</summary>
    public static SortedSet<string>[] OfAll(StoreView view, ulong from, ulong until)
    {
        var keys = Empty();
        foreach (var segment in view.Segments.Where(s => s.Footer.MaxStart >= from && s.Footer.MinStart <= until))
        {
            for (var owner = 0; owner < keys.Length; owner++)
            {
                Add(keys[owner], segment, segment.Footer.Keys[owner]);
            }
        }

        foreach (var page in view.Pages.Where(p => p.Start.Items.ContainsAnyInRange(from, until)))
        {
            var collector = new KeyCollector();
            collector.Add(page);
            AddAll(keys, collector, page.Strings);
        }

        return keys;
    }

    /// <summary>Of spans that match a filter.</summary>
    public static SortedSet<string>[] OfMatching(
        IEnumerable<SpanPage> pages, Expression filter, CancellationToken cancellationToken)
    {
        var keys = Empty();
        var condition = new Compiler().Compile(filter);
        foreach (var page in pages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var collector = new KeyCollector();
            for (var row = 0; row < page.Count; row++)
            {
                if (condition.IsTrue(new SpanContext(page, row, null, -1)))
                {
                    collector.AddSpan(page, row);
                }
            }

            AddAll(keys, collector, page.Strings);
        }

        return keys;
    }

    private static SortedSet<string>[] Empty() =>
        [.. Enumerable.Range(0, KeyCollector.Owners).Select(_ => new SortedSet<string>(StringComparer.Ordinal))];

    private static void AddAll(SortedSet<string>[] keys, KeyCollector collector, IStringSource strings)
    {
        for (var owner = 0; owner < keys.Length; owner++)
        {
            Add(keys[owner], strings, collector[(Flyball.Model.Spans.AttributeOwner)owner]);
        }
    }

    private static void Add(SortedSet<string> keys, IStringSource strings, IEnumerable<int> ids)
    {
        foreach (var id in ids)
        {
            keys.Add(Encoding.UTF8.GetString(strings[id]));
        }
    }
}
