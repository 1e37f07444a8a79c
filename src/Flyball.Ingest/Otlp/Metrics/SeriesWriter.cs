using System.Globalization;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Otlp.Metrics;

/// <summary>Writes data points as series: resource and attributes become labels (OpenTelemetry protocol specification).</summary>
internal sealed class SeriesWriter(SampleBatch batch)
{
    private readonly LabelSetBuilder _builder = new();
    private readonly SortedDictionary<string, string> _labels = new(StringComparer.Ordinal);
    private IReadOnlyList<KeyValuePair<string, string>> _resource = [];
    private string _job = "";
    private string _instance = "";
    private TimestampMs _newest;
    private bool _hasData;

    /// <summary>The batch that is filled.</summary>
    public SampleBatch Batch => batch;

    /// <summary>Begins a resource.</summary>
    public void BeginResource(IReadOnlyList<KeyValuePair<string, string>> attributes)
    {
        _resource = attributes;
        var service = Find("service.name");
        var space = Find("service.namespace");
        _job = space.Length > 0 && service.Length > 0 ? space + "/" + service : service;
        _instance = Find("service.instance.id");
        _hasData = false;
        _newest = TimestampMs.Min;
    }

    /// <summary>Ends a resource: its other attributes become <c>target_info</c>, if it can be joined to anything.</summary>
    public void EndResource()
    {
        var others = _resource.Where(a => a.Key is not ("service.name" or "service.namespace" or "service.instance.id")).ToList();
        if (_hasData && others.Count > 0 && (_job.Length > 0 || _instance.Length > 0))
        {
            var series = Series("target_info", others);
            if (series >= 0)
            {
                batch.AddSample(series, _newest, 1);
            }
        }
    }

    /// <summary>Sets the attributes of the data point that follows; false when one of them cannot be a label.</summary>
    public bool TrySetPoint(IEnumerable<KeyValuePair<string, string>> attributes, TimestampMs at)
    {
        _labels.Clear();
        foreach (var (key, value) in attributes)
        {
            if (key == LabelSet.MetricNameLabel || value.Length == 0)
            {
                continue;
            }

            if (MetricNames.Label(key) is not { } label)
            {
                return false;
            }

            _labels[label] = _labels.TryGetValue(label, out var before) ? before + ";" + value : value;
        }

        SetIdentity("job", _job);
        SetIdentity("instance", _instance);
        _hasData = true;
        _newest = at > _newest ? at : _newest;
        return true;
    }

    /// <summary>Enters the series of the present point under a name.</summary>
    /// <param name="extra">One more label, e.g. <c>le</c>.</param>
    public int Series(string name, string? extra = null, double extraValue = 0)
    {
        _builder.Clear().Set(LabelSet.MetricNameLabel, name);
        foreach (var (label, value) in _labels)
        {
            _builder.Set(label, value);
        }

        if (extra is not null)
        {
            _builder.Set(extra, double.IsPositiveInfinity(extraValue) ? "+Inf" : extraValue.ToString("R", CultureInfo.InvariantCulture));
        }

        return batch.AddSeries(_builder.BuildEncoded(out _));
    }

    private int Series(string name, IEnumerable<KeyValuePair<string, string>> attributes) =>
        TrySetPoint(attributes, _newest) ? Series(name) : -1;

    private void SetIdentity(string label, string value)
    {
        if (value.Length > 0)
        {
            _labels[label] = value;
        }
    }

    private string Find(string key) => _resource.LastOrDefault(a => a.Key == key).Value ?? "";
}
