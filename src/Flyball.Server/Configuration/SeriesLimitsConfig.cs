using Flyball.Configuration;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>storage.limits</c>: most series in the head of the present two hours; 0 = no limit.</summary>
public sealed record SeriesLimitsConfig
{
    /// <summary>Of the whole store.</summary>
    public int MaxSeries { get; init; }

    /// <summary>Of one metric name.</summary>
    public int MaxSeriesPerMetric { get; init; }

    /// <summary>Of one value of the label <c>job</c>.</summary>
    public int MaxSeriesPerJob { get; init; }

    /// <summary>Of one value of the label <c>instance</c>.</summary>
    public int MaxSeriesPerInstance { get; init; }

    /// <summary>Reads the section.</summary>
    public static SeriesLimitsConfig Load(YamlSection? limits)
    {
        if (limits is null)
        {
            return new SeriesLimitsConfig();
        }

        var config = new SeriesLimitsConfig
        {
            MaxSeries = Read("max_series"),
            MaxSeriesPerMetric = Read("max_series_per_metric"),
            MaxSeriesPerJob = Read("max_series_per_job"),
            MaxSeriesPerInstance = Read("max_series_per_instance"),
        };
        limits.Finish();
        return config;

        int Read(string key) => (int)(limits.Integer(key, 0, int.MaxValue) ?? 0);
    }
}
