using Flyball.Ingest.Relabelling;
using Flyball.Model.Labels;

namespace Flyball.Ingest.Scraping;

/// <summary>Turns the labels a target exposes into those that are stored. Prometheus documentation, "Configuration".</summary>
internal sealed class SampleLabeller(ScrapeConfig config, LabelSet targetLabels)
{
    private const string ExportedPrefix = "exported_";

    private readonly LabelSetBuilder _scratch = new();
    private readonly bool _legacy = config.MetricNameValidation == NameValidation.Legacy;

    /// <summary>Attaches target labels, relabels and checks.</summary>
    /// <param name="exposed">The labels as exposed; changed.</param>
    /// <returns>The labels to store; null when relabelling drops the series.</returns>
    /// <exception cref="ScrapeFailedException">They are not valid, or a limit is exceeded.</exception>
    public LabelSet? Label(LabelSetBuilder exposed)
    {
        var labels = LabelSet.FromEncoded(exposed.BuildEncoded(out var duplicate));
        if (duplicate is not null)
        {
            throw new ScrapeFailedException($"label name \"{duplicate}\" is not unique: invalid sample");
        }

        _scratch.Start(labels);
        AttachTargetLabels(labels);
        if (!Relabeller.Apply(config.MetricRelabelConfigs, _scratch, _legacy))
        {
            return null;
        }

        labels = _scratch.Build();
        CheckNames(labels);
        CheckLimits(labels);
        return labels;
    }

    private void AttachTargetLabels(LabelSet exposed)
    {
        List<(string Name, string Value)>? moved = null;
        foreach (var label in targetLabels)
        {
            if (!exposed.TryGet(label.Name, out var value))
            {
                _scratch.Set(label.Name, label.Value);
            }
            else if (!config.HonorLabels)
            {
                (moved ??= []).Add((label.NameText, System.Text.Encoding.UTF8.GetString(value)));
                _scratch.Set(label.Name, label.Value);
            }
        }

        foreach (var (name, value) in moved ?? [])
        {
            var free = ExportedPrefix + name;
            while (_scratch.Contains(free))
            {
                free = ExportedPrefix + free;
            }

            _scratch.Set(free, value);
        }
    }

    private void CheckNames(LabelSet labels)
    {
        var name = labels.MetricName;
        if (name.Length == 0)
        {
            throw new ScrapeFailedException("missing metric name (__name__ label)");
        }

        if (!_legacy)
        {
            return;
        }

        var valid = LabelText.IsLegacyMetricName(name);
        foreach (var label in labels)
        {
            valid &= LabelText.IsLegacyLabelName(label.NameText);
        }

        if (!valid)
        {
            throw new ScrapeFailedException($"invalid metric name or label names: {labels}");
        }
    }

    private void CheckLimits(LabelSet labels)
    {
        if (config is { LabelLimit: 0, LabelNameLengthLimit: 0, LabelValueLengthLimit: 0 })
        {
            return;
        }

        var metric = Short(labels.MetricName);
        var count = labels.Count;
        if (config.LabelLimit > 0 && count > config.LabelLimit)
        {
            throw new ScrapeFailedException($"label_limit exceeded (metric: {metric}, number of labels: {count}, limit: {config.LabelLimit})");
        }

        foreach (var label in labels)
        {
            if (config.LabelNameLengthLimit > 0 && label.Name.Length > config.LabelNameLengthLimit)
            {
                throw new ScrapeFailedException(
                    $"label_name_length_limit exceeded (metric: {metric}, label name: {Short(label.NameText)}, "
                    + $"length: {label.Name.Length}, limit: {config.LabelNameLengthLimit})");
            }

            if (config.LabelValueLengthLimit > 0 && label.Value.Length > config.LabelValueLengthLimit)
            {
                throw new ScrapeFailedException(
                    $"label_value_length_limit exceeded (metric: {metric}, label name: {Short(label.NameText)}, "
                    + $"value: \"{Short(label.ValueText)}\", length: {label.Value.Length}, limit: {config.LabelValueLengthLimit})");
            }
        }
    }

    private static string Short(string text) => text.Length <= 50 ? text : text[..50];
}
