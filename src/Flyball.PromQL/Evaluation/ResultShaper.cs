using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Turns rows into the series of an answer.</summary>
internal static class ResultShaper
{
    /// <summary>The times of all steps: shared by every series that has a sample at each.</summary>
    public static long[] TimesOf(StepGrid grid)
    {
        var times = new long[grid.Count];
        for (var i = 0; i < times.Length; i++)
        {
            times[i] = grid.At(i);
        }

        return times;
    }

    /// <summary>The samples of a row; null if it has none. Its values become those of the series.</summary>
    /// <param name="stepTimes">The time of each step.</param>
    public static ResultSeries? ToSeries(SeriesRow row, long[] stepTimes)
    {
        if (row.Histograms is null && !row.Values.AsSpan().ContainsAnyAbsent())
        {
            return row.Count == 0 ? null : new ResultSeries(row.Labels, stepTimes, row.Values);
        }

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

            times[at] = stepTimes[i];
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

    /// <summary>Brings series into label order, in which a source gives them already unless something has changed their labels.</summary>
    public static void Sort(List<ResultSeries> series)
    {
        for (var i = 1; i < series.Count; i++)
        {
            if (series[i - 1].Labels.CompareTo(series[i].Labels) > 0)
            {
                series.Sort((a, b) => a.Labels.CompareTo(b.Labels));
                return;
            }
        }
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
        if (AreInOrder(rows))
        {
            return rows;
        }

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

    /// <summary>Whether labels rise from row to row, so that no two can be equal: then nothing need be looked up.</summary>
    private static bool AreInOrder(List<SeriesRow> rows)
    {
        for (var i = 1; i < rows.Count; i++)
        {
            if (rows[i - 1].Labels.CompareTo(rows[i].Labels) >= 0)
            {
                return false;
            }
        }

        return true;
    }
}
