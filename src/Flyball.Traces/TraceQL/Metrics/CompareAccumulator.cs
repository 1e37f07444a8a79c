using Flyball.Traces.TraceQL.Evaluation;
using Flyball.Traces.TraceQL.Values;

namespace Flyball.Traces.TraceQL.Metrics;

/// <summary>Counts, for every attribute, how often each value occurs on selected spans and on the others.</summary>
internal sealed class CompareAccumulator(Comparison comparison, Compiler compiler, TimeSlots slots)
{
    private const string Meta = "__meta_type";

    // An id per span has as many values as there are spans; past this many they only count in the total.
    private const int MostValues = 10_000;

    private static readonly Intrinsic[] Compared =
        [Intrinsic.Name, Intrinsic.Kind, Intrinsic.Status, Intrinsic.StatusMessage, Intrinsic.RootName, Intrinsic.RootService];

    private static readonly string[] ComparedNames = ["name", "kind", "status", "statusMessage", "rootName", "rootServiceName"];

    private readonly Node? _selection = comparison.Selection.Condition is { } condition ? compiler.Compile(condition) : null;
    private readonly Node[] _intrinsics = [.. Compared.Select((i, n) => compiler.Compile(new IntrinsicField(i, ComparedNames[n], 1)))];
    private readonly Side _baseline = new(slots);
    private readonly Side _selected = new(slots);

    public void Add(in SpanContext span, int slot)
    {
        var side = IsSelected(span) ? _selected : _baseline;
        for (var i = 0; i < _intrinsics.Length; i++)
        {
            if (_intrinsics[i].Evaluate(span) is { IsNil: false } value)
            {
                side.Add(ComparedNames[i], value, slot);
            }
        }

        SpanFields.Visit(span, compiler.Texts, (key, value) => side.Add(key, value, slot));
    }

    public IEnumerable<MetricSeries> Build() =>
        _baseline.Build("baseline", comparison.TopN).Concat(_selected.Build("selection", comparison.TopN));

    private bool IsSelected(in SpanContext span)
    {
        var start = span.Page.Start[span.Row];
        var isInTime = comparison.Until == 0 || (start >= comparison.From && start < comparison.Until);
        return isInTime && _selection?.IsTrue(span) != false;
    }

    /// <summary>The counts of one kind of spans.</summary>
    private sealed class Side(TimeSlots slots)
    {
        private readonly SortedDictionary<string, (Dictionary<Value, double[]> Values, double[] Total)> _attributes = new(StringComparer.Ordinal);

        public void Add(string key, in Value value, int slot)
        {
            if (!_attributes.TryGetValue(key, out var attribute))
            {
                _attributes[key] = attribute = ([], new double[slots.Count]);
            }

            attribute.Total[slot]++;
            if (!attribute.Values.TryGetValue(value, out var counts))
            {
                if (attribute.Values.Count > MostValues)
                {
                    return;
                }

                attribute.Values[value] = counts = new double[slots.Count];
            }

            counts[slot]++;
        }

        public IEnumerable<MetricSeries> Build(string type, int topN)
        {
            foreach (var (key, (values, total)) in _attributes)
            {
                var top = values.OrderByDescending(v => v.Value.Sum()).ThenBy(v => v.Key.ToString(), StringComparer.Ordinal).Take(topN);
                foreach (var (value, counts) in top)
                {
                    yield return new MetricSeries([new(Meta, Value.Of(type)), new(key, value)], counts);
                }

                if (values.Count > topN)
                {
                    yield return new MetricSeries(
                        [new(Meta, Value.Of(type)), new("__meta_error", Value.Of("__too_many_values__")), new(key, Value.Nil)], total);
                }

                yield return new MetricSeries([new(Meta, Value.Of(type + "_total")), new(key, Value.Nil)], total);
            }
        }
    }
}
