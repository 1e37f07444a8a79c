using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>Chooses the spans that stand for the series of a query: at most one per series and slot, and a bounded number in all.</summary>
internal sealed class ExemplarPicker(int most, TextCache texts)
{
    // More are looked at than shown, so that those shown can lie evenly in time.
    private const int Spare = 4;

    private int _taken;

    /// <summary>Whether one more may be taken.</summary>
    public bool HasRoom => _taken < most * (long)Spare;

    /// <summary>Describes a span: its id, its trace, its attributes and those of its resource.</summary>
    public MetricExemplar Take(in SpanContext span, double value, int slot)
    {
        _taken++;
        var (page, row) = (span.Page, span.Row);
        List<KeyValuePair<string, Value>> labels =
        [
            new("trace:id", Value.Of(page.TraceOf(row).ToString())),
            new("span:id", Value.Of(page.SpanId[row].ToString("x16"))),
            new("name", Value.Of(texts[page.Strings, page.Name[row]])),
        ];
        SpanFields.Visit(span, texts, (key, field) => labels.Add(new(key, field)));
        return new MetricExemplar(labels, value, page.Start[row], slot);
    }

    /// <summary>Leaves of all exemplars as many as are wanted, evenly chosen in order of time.</summary>
    public List<MetricSeries> Trim(List<MetricSeries> series)
    {
        var all = series.SelectMany((s, i) => s.Exemplars.Select(e => (Series: i, Exemplar: e))).OrderBy(e => e.Exemplar.StartNs).ToList();
        if (all.Count <= most)
        {
            return series;
        }

        var kept = Enumerable.Range(0, most).Select(i => all[(int)((long)i * all.Count / most)]).ToLookup(e => e.Series, e => e.Exemplar);
        return [.. series.Select((s, i) => s with { Exemplars = [.. kept[i]] })];
    }
}
