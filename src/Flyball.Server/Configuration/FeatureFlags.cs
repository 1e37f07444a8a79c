using Flyball.Model.Text;
using Flyball.PromQL;

namespace Flyball.Server.Configuration;

/// <summary>What <c>--enable-feature</c> asked for, in Prometheus' names. Prometheus documentation, "HTTP API".</summary>
/// <remarks>As with Prometheus, an unknown name is a warning: a unit file written for another version must still start.</remarks>
internal sealed class FeatureFlags
{
    // On or off, the behaviour is the same here; each with the reason.
    private static readonly Dictionary<string, string> WithoutEffect = new(StringComparer.Ordinal)
    {
        ["exemplar-storage"] = "exemplars are always stored",
        ["memory-snapshot-on-shutdown"] = "the log is short enough to be read at every start",
        ["extra-scrape-metrics"] = "set extra_scrape_metrics in the configuration",
        ["metadata-wal-records"] = "metadata is always stored",
        ["auto-reload-config"] = "send SIGHUP or POST /-/reload",
        ["concurrent-rule-eval"] = "a query uses all processors already",
        ["created-timestamp-zero-ingestion"] = "start timestamps are stored beside samples",
        ["xor2-encoding"] = "the store chooses an encoding per page",
        ["histograms-st-encoding"] = "the store chooses an encoding per page",
        ["st-synthesis"] = "start timestamps are stored as sources give them",
        ["st-storage"] = "start timestamps are always stored",
        ["delayed-compaction"] = "compaction has a delay already",
        ["old-ui"] = "the console is Flyball's own",
        ["otlp-deltatocumulative"] = "only cumulative sums are taken",
        ["otlp-native-delta-ingestion"] = "only cumulative sums are taken",
        ["use-uncached-io"] = "files are mapped",
        ["fast-startup"] = "a start reads nothing but the log",
        ["search-api"] = "the search API is always on",
        ["promql-per-step-stats"] = "statistics are per query",
        ["promql-duration-expr"] = "duration expressions are always on",
        ["native-histograms"] = "native histograms are always on",
        ["ooo-native-histograms"] = "late native histograms are always taken",
        ["remote-write-receiver"] = "the receiver is always on",
        ["otlp-write-receiver"] = "the receiver is always on",
        ["promql-at-modifier"] = "part of the language",
        ["promql-negative-offset"] = "part of the language",
        ["expand-external-labels"] = "external labels are always expanded",
        ["auto-gomaxprocs"] = "there is no Go runtime",
        ["auto-gomemlimit"] = "there is no Go runtime",
        ["no-default-scrape-port"] = "no port is ever added",
        ["new-service-discovery-manager"] = "there is only one",
        ["utf8-names"] = "names are UTF-8",
    };

    private static readonly Dictionary<string, Func<PromQLFeatures, PromQLFeatures>> OfPromQL = new(StringComparer.Ordinal)
    {
        ["promql-experimental-functions"] = f => f with { ExperimentalFunctions = true },
        ["promql-extended-range-selectors"] = f => f with { ExtendedRangeSelectors = true },
        ["promql-binop-fill-modifiers"] = f => f with { FillModifiers = true },
        ["promql-delayed-name-removal"] = f => f with { DelayedNameRemoval = true },
        ["use-start-timestamps"] = f => f with { UseStartTimestamps = true },
        ["type-and-unit-labels"] = f => f with { TypeAndUnitLabels = true },
    };

    private FeatureFlags(PromQLFeatures promQL, IReadOnlyList<string> enabled, IReadOnlyList<string> warnings)
    {
        PromQL = promQL;
        Enabled = enabled;
        Warnings = warnings;
    }

    /// <summary>Parts of the language that are on.</summary>
    public PromQLFeatures PromQL { get; }

    /// <summary>Names that are known, as given.</summary>
    public IReadOnlyList<string> Enabled { get; }

    /// <summary>What to tell whoever started the server.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads names; each text may hold several, separated by commas.</summary>
    public static FeatureFlags Parse(IEnumerable<string> texts)
    {
        var features = PromQLFeatures.Default;
        var enabled = new List<string>();
        var warnings = new List<string>();
        foreach (var name in texts.SelectMany(t => t.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
        {
            if (OfPromQL.TryGetValue(name, out var enable))
            {
                features = enable(features);
                enabled.Add(name);
            }
            else if (WithoutEffect.TryGetValue(name, out var why))
            {
                enabled.Add(name);
                warnings.Add($"--enable-feature={name} changes nothing: {why}");
            }
            else
            {
                var near = NearestWord.Find(name, OfPromQL.Keys.Concat(WithoutEffect.Keys));
                warnings.Add($"unknown option \"{name}\" for --enable-feature" + (near is null ? "" : $", did you mean \"{near}\"?"));
            }
        }

        return new FeatureFlags(features, enabled, warnings);
    }
}
