using System.Text;
using Flyball.Model.Spans;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Evaluation;

/// <summary>Runs a search query over a view of the store: exact, newest first.</summary>
internal sealed class SearchExecutor
{
    private readonly StoreView _view;
    private readonly SearchQuery _query;
    private readonly TraceQLSearch _search;
    private readonly Compiler _compiler = new();
    private readonly Pipeline _pipeline;
    private readonly List<(string Key, Node Node)> _shown = [];

    public SearchExecutor(StoreView view, SearchQuery query, TraceQLSearch search)
    {
        _view = view;
        _query = query;
        _search = search;
        _pipeline = new Pipeline(query.Stages, _compiler);
        foreach (var field in Fields.Of(query.Stages))
        {
            var (key, isShown) = KeyOf(field);
            if (isShown && _shown.TrueForAll(s => s.Key != key))
            {
                _shown.Add((key, _compiler.Compile(field)));
            }
        }
    }

    public TraceQLAnswer Run(CancellationToken cancellationToken)
    {
        var found = new SortedList<(ulong, TraceId), FoundTrace>(NewestFirst.Instance);
        var inspected = 0;
        var scan = new TraceScan(_view, Prefilter.Of(_query.Stages), _compiler, _search.From.Value, _search.Until.Value);
        foreach (var trace in scan.Traces(IsEnough, cancellationToken))
        {
            inspected++;
            if (_pipeline.Run(trace) is { Count: > 0 } sets)
            {
                found[(trace.Start, trace.Id)] = Describe(trace, sets);
                if (found.Count > _search.Limit)
                {
                    found.RemoveAt(found.Count - 1);
                }
            }
        }

        return new TraceQLAnswer([.. found.Values], _view.InspectedBytes, inspected);

        // A trace on an older page starts at or before that page's newest start.
        bool IsEnough(ulong newestStart) => found.Count >= _search.Limit && found.Keys[found.Count - 1].Item1 > newestStart;
    }

    private static (string Key, bool IsShown) KeyOf(Expression field) => field switch
    {
        AttributeField attribute => (attribute.Name, true),
        IntrinsicField { Intrinsic: Intrinsic.Name or Intrinsic.Duration or Intrinsic.SpanId or Intrinsic.TraceId } => ("", false),
        IntrinsicField intrinsic => (intrinsic.Text, true),
        _ => ("", false),
    };

    private FoundTrace Describe(EvaluatedTrace trace, List<Spanset> sets)
    {
        var services = new Dictionary<string, (int, int)>();
        for (var i = 0; i < trace.Count; i++)
        {
            var span = trace[i];
            var service = ServiceName.Of(span.Page, span.Row);
            var (spans, errors) = services.GetValueOrDefault(service);
            services[service] = (spans + 1, errors + (span.Page.Status[span.Row] == (int)SpanStatus.Error ? 1 : 0));
        }

        var root = trace.Root < 0 ? default : trace[trace.Root];
        return new FoundTrace(
            trace.Id,
            trace.Root < 0 ? "" : ServiceName.Of(root.Page, root.Row),
            trace.Root < 0 ? null : NameOf(root),
            trace.Start,
            trace.Duration,
            [.. sets.Select(s => Describe(trace, s))],
            services);
    }

    private FoundSpanset Describe(EvaluatedTrace trace, Spanset set)
    {
        var spans = new List<FoundSpan>();
        foreach (var number in set.Spans.Take(_search.SpansPerSpanset))
        {
            var span = trace[number];
            var attributes = new List<KeyValuePair<string, Value>>();
            foreach (var (key, node) in _shown)
            {
                if (node.Evaluate(span) is { IsNil: false } value)
                {
                    attributes.Add(new(key, value));
                }
            }

            spans.Add(new FoundSpan(
                new SpanId(span.Page.SpanId[span.Row]), NameOf(span), span.Page.Start[span.Row], span.Page.DurationOf(span.Row), attributes));
        }

        return new FoundSpanset(spans, set.Spans.Count, set.Attributes);
    }

    private static string NameOf(SpanContext span) => Encoding.UTF8.GetString(span.Page.Strings[span.Page.Name[span.Row]]);

    private sealed class NewestFirst : IComparer<(ulong Start, TraceId Id)>
    {
        public static readonly NewestFirst Instance = new();

        public int Compare((ulong Start, TraceId Id) x, (ulong Start, TraceId Id) y) =>
            x.Start != y.Start ? y.Start.CompareTo(x.Start) : x.Id.CompareTo(y.Id);
    }
}
