using System.Buffers;
using System.Text;
using Flyball.Ingest.Discovery;
using Flyball.Ingest.Relabelling;
using Flyball.Model.Labels;
using Flyball.Model.Time;

namespace Flyball.Ingest.Scraping;

/// <summary>Makes scrape targets of what discovery found. Prometheus documentation, "Configuration".</summary>
/// <remarks>Steps: 1. own labels over those of the group, 2. defaults of the configuration, 3. relabelling, 4. checks,
/// 5. reserved labels go, <c>instance</c> comes.</remarks>
internal sealed class TargetFactory(ScrapeConfig config)
{
    private const string ParamPrefix = "__param_";
    private const string IntervalLabel = "__scrape_interval__", TimeoutLabel = "__scrape_timeout__";
    private const string SchemeLabel = "__scheme__", PathLabel = "__metrics_path__", SocketLabel = "__unix_socket__";

    private static readonly SearchValues<char> NotInAddress = SearchValues.Create("/\\?#@ ");

    private readonly LabelSetBuilder _labels = new();

    /// <summary>Makes one target.</summary>
    /// <param name="discovered">Its labels before relabelling.</param>
    /// <param name="problem">Why there is none although relabelling kept it; null if it was dropped or made.</param>
    /// <returns>Null when relabelling dropped it or it is not valid.</returns>
    public ScrapeTarget? Make(LabelSet target, LabelSet group, out LabelSet discovered, out string? problem)
    {
        problem = null;
        discovered = Gather(target, group);
        _labels.Start(discovered);
        var legacy = config.MetricNameValidation == NameValidation.Legacy;
        if (!Relabeller.Apply(config.RelabelConfigs, _labels, legacy))
        {
            return null;
        }

        var address = _labels.Get(TargetGroup.AddressLabel);
        var interval = DurationMs.Zero;
        var timeout = DurationMs.Zero;
        problem = AddressProblem(address) ?? ReadTimes(out interval, out timeout);
        if (problem is not null)
        {
            return null;
        }

        if (!Uri.TryCreate(UrlText(address), UriKind.Absolute, out var url))
        {
            problem = $"\"{address}\" is not a valid hostname";
            return null;
        }

        var socket = _labels.Get(SocketLabel);
        return new ScrapeTarget(discovered, PublicLabels(address), url, interval, timeout) { UnixSocket = socket };
    }

    private LabelSet Gather(LabelSet target, LabelSet group)
    {
        _labels.Start(group);
        foreach (var label in target)
        {
            _labels.Set(label.Name, label.Value);
        }

        Default("job", config.JobName);
        Default(IntervalLabel, TextOf(config.ScrapeInterval));
        Default(TimeoutLabel, TextOf(config.ScrapeTimeout));
        Default(PathLabel, config.MetricsPath);
        Default(SchemeLabel, config.Scheme);
        foreach (var (name, values) in config.Params)
        {
            if (values.Count > 0)
            {
                Default(ParamPrefix + name, values[0]);
            }
        }

        return _labels.Build();
    }

    private void Default(string name, string value)
    {
        if (!_labels.Contains(name))
        {
            _labels.Set(name, value);
        }
    }

    private static string? AddressProblem(string address) => address switch
    {
        "" => "no address",
        _ when address.AsSpan().ContainsAny(NotInAddress) => $"\"{address}\" is not a valid hostname",
        _ => null,
    };

    private string? ReadTimes(out DurationMs interval, out DurationMs timeout)
    {
        timeout = default;
        if (!DurationText.TryParse(_labels.Get(IntervalLabel), out interval))
        {
            return $"error parsing scrape interval: not a valid duration string: \"{_labels.Get(IntervalLabel)}\"";
        }

        if (!DurationText.TryParse(_labels.Get(TimeoutLabel), out timeout))
        {
            return $"error parsing scrape timeout: not a valid duration string: \"{_labels.Get(TimeoutLabel)}\"";
        }

        if (interval.Value == 0)
        {
            return "scrape interval cannot be 0";
        }

        if (timeout.Value == 0)
        {
            return "scrape timeout cannot be 0";
        }

        return timeout > interval
            ? $"scrape timeout cannot be greater than scrape interval (\"{_labels.Get(TimeoutLabel)}\" > \"{_labels.Get(IntervalLabel)}\")"
            : null;
    }

    private string UrlText(string address)
    {
        var path = _labels.Get(PathLabel);
        var text = new StringBuilder(_labels.Get(SchemeLabel)).Append("://").Append(address);
        text.Append(path.StartsWith('/') || path.Length == 0 ? "" : "/").Append(path);
        var separator = path.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in Parameters())
        {
            text.Append(separator).Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }

        return text.ToString();
    }

    // A label names the first value of a parameter; further values can only come from the configuration.
    private IEnumerable<(string Name, string Value)> Parameters()
    {
        var names = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (name, values) in config.Params)
        {
            names[name] = [.. values];
        }

        foreach (var (name, value) in _labels.ToPairs())
        {
            if (!name.StartsWith(ParamPrefix, StringComparison.Ordinal))
            {
                continue;
            }

            var key = name[ParamPrefix.Length..];
            if (names.TryGetValue(key, out var values) && values.Count > 0)
            {
                values[0] = value;
            }
            else
            {
                names[key] = [value];
            }
        }

        return names.SelectMany(n => n.Value.Select(v => (n.Key, v)));
    }

    private LabelSet PublicLabels(string address)
    {
        Default("instance", address);
        foreach (var (name, _) in _labels.ToPairs())
        {
            if (name.StartsWith("__", StringComparison.Ordinal))
            {
                _labels.Remove(name);
            }
        }

        return _labels.Build();
    }

    private static string TextOf(DurationMs duration) => DurationText.Format(duration);
}
