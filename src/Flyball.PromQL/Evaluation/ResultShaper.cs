using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Turns rows into the series of an answer.</summary>
internal static class ResultShaper
{
    /// <summary>The samples of a row; null if it has none.</summary>
    public static ResultSeries? ToSeries(SeriesRow row, StepGrid grid)
    {
        var count = 0;
        for (var i = 0; i < row.Count; i++)
        {
            count += row.IsPresent(i) ? 1 : 0;
        }

        if (count == 0)
        {
            return null;
        }

        var times = new long[count];
        var values = new double[count];
        var histograms = row.Histograms is null ? null : new NativeHistogram?[count];
        var at = 0;
        for (var i = 0; i < row.Count; i++)
        {
            if (!row.IsPresent(i))
            {
                continue;
            }

            times[at] = grid.At(i);
            var histogram = row.HistogramAt(i);
            values[at] = histogram is null ? row.Values[i] : double.NaN;
            if (histogram is not null)
            {
                histograms![at] = histogram;
            }

            at++;
        }

        return new ResultSeries(row.Labels, times, values, histograms);
    }

    /// <summary>Drops the names that were to go at the end, and brings together what has the same labels then.</summary>
    public static List<SeriesRow> DropDelayedNames(List<SeriesRow> rows)
    {
        var any = false;
        foreach (var row in rows)
        {
            if (row.DropName)
            {
                row.Labels = MetadataLabels.Drop(row.Labels);
                any = true;
            }
        }

        return any ? Merge(rows) : rows;
    }

    /// <summary>Brings rows of equal labels together, in order of their first.</summary>
    public static List<SeriesRow> Merge(List<SeriesRow> rows)
    {
        var byLabels = new Dictionary<LabelSet, SeriesRow>(rows.Count);
        var merged = new List<SeriesRow>(rows.Count);
        foreach (var row in rows)
        {
            if (!byLabels.TryAdd(row.Labels, row))
            {
                if (!byLabels[row.Labels].TryMerge(row))
                {
                    throw MergeSink.Duplicate();
                }
            }
            else
            {
                merged.Add(row);
            }
        }

        return merged;
    }
}
