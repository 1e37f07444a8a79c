using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>count_values</c>: how often each value occurs, the value written into a label.</summary>
/// <param name="byRest">What rows are grouped by, the value apart.</param>
/// <param name="keepsValue">Whether the label with the value is among what is grouped by.</param>
internal sealed class CountValuesNode(VectorNode inner, string label, LabelProjection byRest, bool keepsValue) : VectorNode
{
    public override void Run(QueryScope scope, RowSink sink)
    {
        EnsureStack();
        var counts = new ValueCounts(scope, inner, label, byRest, keepsValue);
        Push(counts.Count(), sink);
    }

    /// <summary>Groups are found once per series, and their values by bits: text is made once for each that occurs.</summary>
    private sealed class ValueCounts(QueryScope scope, VectorNode inner, string label, LabelProjection byRest, bool keepsValue)
    {
        private readonly GroupTable _rests = new();
        private readonly Dictionary<(int Group, ulong Bits), double[]> _floats = [];
        private readonly Dictionary<LabelSet, double[]> _columns = [];
        private readonly List<SeriesRow> _rows = [];
        private readonly LabelSetBuilder _builder = new();

        public List<SeriesRow> Count()
        {
            foreach (var row in inner.Collect(scope))
            {
                scope.Budget.ThrowIfDone();
                Add(row, _rests.Assign(row.Labels, byRest));
            }

            return _rows;
        }

        private void Add(SeriesRow row, int rest)
        {
            double[] column = [];
            ulong? last = null;
            for (var step = 0; step < scope.Grid.Count; step++)
            {
                if (row.HistogramAt(step) is { } histogram)
                {
                    Increment(ColumnOf(rest, HistogramText.Format(histogram)), step);
                    continue;
                }

                var value = row.Values[step];
                if (Absent.Is(value))
                {
                    continue;
                }

                // All NaN have one text.
                var bits = BitConverter.DoubleToUInt64Bits(double.IsNaN(value) ? StaleMarker.NormalNaN : value);
                if (bits != last)
                {
                    column = ColumnOf(rest, bits, value);
                    last = bits;
                }

                Increment(column, step);
            }
        }

        private static void Increment(double[] column, int step) => column[step] = Absent.Is(column[step]) ? 1 : column[step] + 1;

        private double[] ColumnOf(int rest, ulong bits, double value)
        {
            if (!_floats.TryGetValue((rest, bits), out var column))
            {
                column = ColumnOf(rest, NumberText.Format(value));
                _floats.Add((rest, bits), column);
            }

            return column;
        }

        private double[] ColumnOf(int rest, string text)
        {
            var labels = _rests.KeyOf(rest);
            labels = keepsValue ? _builder.Start(labels).Set(label, text).Build() : labels;
            if (!_columns.TryGetValue(labels, out var column))
            {
                scope.Budget.Hold(scope.Grid.Count);
                column = scope.NewColumn();
                _columns.Add(labels, column);
                _rows.Add(new SeriesRow(labels, column));
            }

            return column;
        }
    }
}
