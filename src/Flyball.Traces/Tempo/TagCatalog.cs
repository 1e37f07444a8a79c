using Flyball.Model.Spans;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.Tempo;

/// <summary>Which attributes there are, and which values they take.</summary>
internal static class TagCatalog
{
    // A value list is for a drop-down: the newest pages tell what people look for, reading on for rare values would cost seconds.
    private const int MostPages = 256;

    private static readonly (string Scope, AttributeOwner Owner)[] Owners =
    [
        ("resource", AttributeOwner.Resource), ("span", AttributeOwner.Span), ("event", AttributeOwner.Event),
        ("link", AttributeOwner.Link), ("instrumentation", AttributeOwner.Scope),
    ];

    /// <summary>The words the <c>scope</c> parameter may have.</summary>
    public static bool IsScope(string scope) => scope is "" or "none" or "intrinsic" || Array.Exists(Owners, o => o.Scope == scope);

    /// <summary>Attribute names per scope, sorted; all scopes for "" and "none". With a filter: of matching spans on the newest pages.</summary>
    public static IEnumerable<(string Scope, IReadOnlyList<string> Names)> Names(
        StoreView view, string scope, Expression? filter, ulong from, ulong until, CancellationToken cancellationToken)
    {
        var keys = filter is null ? TagKeys.OfAll(view, from, until) : TagKeys.OfMatching(NewestPages(view, from, until), filter, cancellationToken);
        foreach (var (name, owner) in Owners)
        {
            if (scope is "" or "none" || scope == name)
            {
                yield return (name, [.. keys[(int)owner]]);
            }
        }

        if (scope is "" or "none" or "intrinsic")
        {
            yield return ("intrinsic", Intrinsics.Listed);
        }
    }

    /// <summary>Distinct values of a field on spans that meet a filter, from the newest pages, sorted.</summary>
    public static IReadOnlyList<Value> Values(
        StoreView view, Expression field, Expression? filter, ulong from, ulong until, int limit, CancellationToken cancellationToken)
    {
        if (field is IntrinsicField { Intrinsic: Intrinsic.Status })
        {
            return [.. Keywords.Statuses.Select((_, i) => Value.OfStatus(i))];
        }

        if (field is IntrinsicField { Intrinsic: Intrinsic.Kind })
        {
            return [.. Keywords.Kinds.Select((_, i) => Value.OfKind(i))];
        }

        var values = new HashSet<Value>();
        var compiler = new Compiler();
        var node = compiler.Compile(field);
        var condition = filter is null ? null : compiler.Compile(filter);
        if (Intrinsics.NeedsTraceOf(field))
        {
            CollectFromTraces(view, node, compiler, from, until, limit, values, cancellationToken);
        }
        else
        {
            CollectFromSpans(view, node, condition, from, until, limit, values, cancellationToken);
        }

        return [.. values.OrderBy(v => v.IsNumber ? v.Number : 0).ThenBy(v => v.ToString(), StringComparer.Ordinal)];
    }

    private static void CollectFromSpans(
        StoreView view, Node node, Node? condition, ulong from, ulong until, int limit, HashSet<Value> values, CancellationToken cancellationToken)
    {
        foreach (var page in NewestPages(view, from, until))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < page.Count && values.Count < limit; row++)
            {
                var span = new SpanContext(page, row, null, -1);
                if (page.Start[row] >= from && page.Start[row] <= until && condition?.IsTrue(span) != false)
                {
                    Add(values, node.Evaluate(span));
                }
            }
        }
    }

    private static void CollectFromTraces(
        StoreView view, Node node, Compiler compiler, ulong from, ulong until, int limit, HashSet<Value> values, CancellationToken cancellationToken)
    {
        const int MostTraces = 10_000;
        var scan = new TraceScan(view, Prefilter.None, compiler, from, until);
        foreach (var trace in scan.Traces(_ => values.Count >= limit, cancellationToken).Take(MostTraces))
        {
            Add(values, node.Evaluate(trace[0]));
        }
    }

    private static void Add(HashSet<Value> values, in Value value)
    {
        if (value.Kind == ValueKind.List)
        {
            values.UnionWith(value.Items.Where(v => !v.IsNil));
        }
        else if (!value.IsNil)
        {
            values.Add(value);
        }
    }

    private static IEnumerable<Pages.SpanPage> NewestPages(StoreView view, ulong from, ulong until)
    {
        foreach (var page in view.Pages.Reverse())
        {
            yield return page;
        }

        var read = 0;
        foreach (var segment in view.Segments.OrderByDescending(s => s.Footer.MaxStart))
        {
            for (var i = segment.Footer.Pages.Length - 1; i >= 0 && read < MostPages; i--)
            {
                var entry = segment.Footer.Pages[i];
                if (entry.MaxStart >= from && entry.MinStart <= until)
                {
                    read++;
                    yield return view.LoadPage(segment, i);
                }
            }
        }
    }
}
