using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>count_values</c>: how often each value occurs, the value written into a label.</summary>
internal sealed class CountValuesNode(VectorNode inner, string label, LabelProjection grouping) : VectorNode
{
    public override void Run(QueryScope scope, RowSink sink)
    {
        var table = new GroupTable();
        var counts = new List<SeriesRow>();
        var builder = new LabelSetBuilder();
        foreach (var row in inner.Collect(scope))
        {
            scope.Budget.ThrowIfDone();
            for (var step = 0; step < scope.Grid.Count; step++)
            {
                if (!row.IsPresent(step))
                {
                    continue;
                }

                var text = row.HistogramAt(step) is { } histogram ? HistogramText.Format(histogram) : NumberText.Format(row.Values[step]);
                var group = table.Assign(builder.Start(row.Labels).Set(label, text).Build(), grouping);
                if (group == counts.Count)
                {
                    scope.Budget.Hold(scope.Grid.Count);
                    counts.Add(new SeriesRow(table.KeyOf(group), scope.NewColumn()));
                }

                var column = counts[group].Values;
                column[step] = Absent.Is(column[step]) ? 1 : column[step] + 1;
            }
        }

        Push(counts, sink);
    }
}
