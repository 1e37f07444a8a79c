using Flyball.Model.Spans;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Goes through single spans that meet a condition, decoding only the columns that are asked; each span once.</summary>
/// <remarks>
/// Within a segment a span is there once. A trace that may also lie elsewhere (in memory, or in a segment whose starts overlap the
/// page's and whose table names it) is read whole instead, where copies have been brought together. Copies that lie in segments of
/// quite different times are not seen as such; decision 0310 says why.
/// </remarks>
internal sealed class SpanScan(StoreView view, Prefilter prefilter, NeededColumns columns, Compiler compiler, ulong from, ulong until)
{
    private readonly Node? _condition = prefilter.Compile(compiler);
    private readonly HashSet<TraceId> _scattered = [];
    private readonly HashSet<TraceId> _inMemory = [.. view.Pages.SelectMany(p => Enumerable.Range(0, p.Count).Select(p.TraceOf))];

    /// <summary>Calls back for every span, in no order.</summary>
    public void Run(SpanVisitor visit, CancellationToken cancellationToken)
    {
        foreach (var page in view.Pages)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var row = 0; row < page.Count; row++)
            {
                if (IsWanted(new SpanContext(page, row, null, -1)))
                {
                    _scattered.Add(page.TraceOf(row));
                }
            }
        }

        foreach (var segment in view.Segments.Where(s => s.Footer.MaxStart >= from && s.Footer.MinStart <= until))
        {
            Run(segment, visit, cancellationToken);
        }

        foreach (var id in _scattered)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var trace = new EvaluatedTrace(id, TraceRows.Read(view, id).Items);
            for (var i = 0; i < trace.Count; i++)
            {
                if (IsWanted(trace[i]))
                {
                    visit(trace[i]);
                }
            }
        }
    }

    private void Run(Segment segment, SpanVisitor visit, CancellationToken cancellationToken)
    {
        var choice = columns.In(segment);
        foreach (var number in prefilter.Choose(segment) ?? [])
        {
            var entry = segment.Footer.Pages[number];
            if (entry.MaxStart < from || entry.MinStart > until)
            {
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            var others = view.Segments.Where(o => o != segment && o.Footer.MinStart <= entry.MaxStart && o.Footer.MaxStart >= entry.MinStart).ToArray();
            Run(view.LoadPage(segment, number, choice), others, visit);
        }
    }

    private void Run(SpanPage page, Segment[] others, SpanVisitor visit)
    {
        TraceId last = default;
        var isScattered = false;
        for (var row = 0; row < page.Count; row++)
        {
            var span = new SpanContext(page, row, null, -1);
            if (!IsWanted(span))
            {
                continue;
            }

            if (page.TraceOf(row) is var id && (row == 0 || id != last))
            {
                // Rows of a trace are neighbours: the look into the other tables is once per trace.
                last = id;
                isScattered = _inMemory.Contains(id) || Array.Exists(others, o => o.TryFindTrace(id, out _, out _));
            }

            if (isScattered)
            {
                _scattered.Add(id);
            }
            else
            {
                visit(span);
            }
        }
    }

    private bool IsWanted(in SpanContext span)
    {
        var start = span.Page.Start[span.Row];
        return start >= from && start <= until && _condition?.IsTrue(span) != false;
    }
}

/// <summary>Takes a span.</summary>
internal delegate void SpanVisitor(in SpanContext span);
