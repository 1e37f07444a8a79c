using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Head;

/// <summary>Says which new series a head does not take: too many in all, of one metric, of one job or of one instance.</summary>
/// <remarks>
/// The label index knows the counts already, so a limit costs nothing until a series is new. Counted per head: the series of the
/// present two hours. Used under the store's gate.
/// </remarks>
internal sealed class SeriesLimits(MetricStoreOptions options, StoreMeter meter)
{
    private readonly (string Name, byte[] Label, int Limit, string Key)[] _perValue =
    [
        ("metric", Encoding.UTF8.GetBytes(LabelSet.MetricNameLabel), options.SeriesLimitPerMetric, "max_series_per_metric"),
        ("job", "job"u8.ToArray(), options.SeriesLimitPerJob, "max_series_per_job"),
        ("instance", "instance"u8.ToArray(), options.SeriesLimitPerInstance, "max_series_per_instance"),
    ];

    /// <summary>The limit a further series would exceed, or null.</summary>
    public string? Refusal(HeadPart head, ReadOnlySpan<byte> encodedLabels)
    {
        if (options.SeriesLimit > 0 && head.Series.Count >= options.SeriesLimit)
        {
            return "max_series";
        }

        foreach (ref readonly var one in _perValue.AsSpan())
        {
            if (one.Limit > 0 && SeriesWith(head, one.Label, encodedLabels) >= one.Limit)
            {
                return one.Key;
            }
        }

        return null;
    }

    /// <summary>Counts a sample that was refused.</summary>
    /// <returns>Which limit it was, for a person.</returns>
    public string Count(HeadPart head, ReadOnlySpan<byte> encodedLabels)
    {
        var key = Refusal(head, encodedLabels) ?? "max_series";
        meter.RefusedOver(key);
        foreach (var (name, label, limit, itsKey) in _perValue)
        {
            if (itsKey == key)
            {
                _ = TryGet(encodedLabels, label, out var value);
                return $"{name} \"{Encoding.UTF8.GetString(value)}\" has {limit} series, which is storage.limits.{key}; raise it or send fewer";
            }
        }

        return $"the store holds {options.SeriesLimit} series, which is storage.limits.{key}; raise it or send fewer";
    }

    private static int SeriesWith(HeadPart head, byte[] label, ReadOnlySpan<byte> encodedLabels)
    {
        if (!TryGet(encodedLabels, label, out var value) || head.Index.Find(label) is not { } values)
        {
            return 0;
        }

        var found = values.Find(value);
        return found < 0 ? 0 : values.SeriesWith(found);
    }

    private static bool TryGet(ReadOnlySpan<byte> encodedLabels, byte[] name, out ReadOnlySpan<byte> value)
    {
        for (var labels = new LabelSet.Enumerator(encodedLabels); labels.MoveNext();)
        {
            if (labels.Current.Name.SequenceEqual(name))
            {
                value = labels.Current.Value;
                return true;
            }
        }

        value = default;
        return false;
    }
}
