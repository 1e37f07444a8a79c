using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>Chooses the spans that stand for the series of a query: at most one per series and slot, and a bounded number in all.</summary>
internal sealed class ExemplarPicker(int most, StoreView view)
{
    // More are looked at than shown, so that those shown can lie evenly in time.
    private const int Spare = 4;

    private int _taken;

    /// <summary>Whether one more may be taken.</summary>
    public bool HasRoom => _taken < most * (long)Spare;

    /// <summary>Takes a span.</summary>
    public MetricExemplar Take(in SpanContext span, double value, int slot)
    {
        _taken++;
        return new MetricExemplar(span.Page.TraceOf(span.Row), span.Page.SpanId[span.Row], value, span.Page.Start[span.Row], slot);
    }

    /// <summary>Leaves of all exemplars as many as are wanted, evenly chosen in order of time, and describes those.</summary>
    public List<MetricSeries> Trim(List<MetricSeries> series)
    {
        var all = series.SelectMany((s, i) => s.Exemplars.Select(e => (Series: i, Exemplar: e))).OrderBy(e => e.Exemplar.StartNs).ToList();
        var count = Math.Min(most, all.Count);
        var kept = Enumerable.Range(0, count).Select(i => all[(int)((long)i * all.Count / count)]).ToLookup(e => e.Series, e => Describe(e.Exemplar));
        return [.. series.Select((s, i) => s with { Exemplars = [.. kept[i]] })];
    }

    private MetricExemplar Describe(MetricExemplar exemplar)
    {
        List<KeyValuePair<string, Value>> labels =
        [
            new("trace:id", Value.Of(exemplar.Trace.ToString())),
            new("span:id", Value.Of(exemplar.Span.ToString("x16"))),
        ];
        var texts = new TextCache();
        foreach (var row in TraceRows.Read(view, exemplar.Trace).Items.Where(r => r.SpanId == exemplar.Span && r.Start == exemplar.StartNs).Take(1))
        {
            labels.Add(new("name", Value.Of(texts[row.Page.Strings, row.Page.Name[row.Index]])));
            SpanFields.Visit(new SpanContext(row.Page, row.Index, null, -1), texts, (key, field) => labels.Add(new(key, field)));
        }

        return exemplar with { Labels = labels };
    }
}
