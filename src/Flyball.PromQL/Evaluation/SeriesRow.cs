using Flyball.Model.Histograms;
using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>One series of an intermediate result: a value, a histogram or nothing for every step.</summary>
/// <remarks>Whoever receives a row owns it and may change it.</remarks>
internal sealed class SeriesRow(LabelSet labels, double[] values)
{
    public LabelSet Labels { get; set; } = labels;

    /// <summary>With delayed name removal: the name goes away at the end.</summary>
    public bool DropName { get; set; }

    /// <summary>A float per step or <see cref="Absent"/>.</summary>
    public double[] Values { get; } = values;

    /// <summary>Where a step has a histogram its float is absent. Null if there is none at all.</summary>
    public NativeHistogram?[]? Histograms { get; set; }

    public int Count => Values.Length;

    public bool IsPresent(int step) => !Absent.Is(Values[step]) || Histograms?[step] is not null;

    public NativeHistogram? HistogramAt(int step) => Histograms?[step];

    /// <summary>Whether any step has a sample.</summary>
    public bool HasAny() =>
        Values.AsSpan().ContainsAnyPresent() || (Histograms is { } histograms && Array.Exists(histograms, h => h is not null));

    public void SetHistogram(int step, NativeHistogram histogram)
    {
        (Histograms ??= new NativeHistogram?[Values.Length])[step] = histogram;
        Values[step] = Absent.Value;
    }

    /// <summary>Takes the sample of a step away.</summary>
    public void Clear(int step)
    {
        Values[step] = Absent.Value;
        if (Histograms is not null)
        {
            Histograms[step] = null;
        }
    }

    /// <summary>Takes over the samples of a row with the same labels.</summary>
    /// <returns>False if both have a sample at one step.</returns>
    public bool TryMerge(SeriesRow other)
    {
        for (var i = 0; i < Count; i++)
        {
            if (!other.IsPresent(i))
            {
                continue;
            }

            if (IsPresent(i))
            {
                return false;
            }

            if (other.HistogramAt(i) is { } histogram)
            {
                SetHistogram(i, histogram);
            }
            else
            {
                Values[i] = other.Values[i];
            }
        }

        return true;
    }
}
