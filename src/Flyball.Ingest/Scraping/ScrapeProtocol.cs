namespace Flyball.Ingest.Scraping;

/// <summary>A format a target can answer in.</summary>
public enum ScrapeProtocol
{
    /// <summary><c>PrometheusProto</c>: delimited protobuf.</summary>
    PrometheusProto,

    /// <summary><c>OpenMetricsText1.0.0</c></summary>
    OpenMetricsText100,

    /// <summary><c>OpenMetricsText0.0.1</c></summary>
    OpenMetricsText001,

    /// <summary><c>PrometheusText1.0.0</c></summary>
    PrometheusText100,

    /// <summary><c>PrometheusText0.0.4</c></summary>
    PrometheusText004,
}

/// <summary>The words configuration files use for formats.</summary>
public static class ScrapeProtocolNames
{
    /// <summary>What is asked for unless a configuration says otherwise. Prometheus documentation, "Configuration".</summary>
    public static IReadOnlyList<ScrapeProtocol> Default { get; } =
    [
        ScrapeProtocol.OpenMetricsText100, ScrapeProtocol.OpenMetricsText001, ScrapeProtocol.PrometheusText100, ScrapeProtocol.PrometheusText004,
    ];

    /// <summary>All words, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> All { get; } =
        ["PrometheusProto", "OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"];

    /// <summary>The word for a format.</summary>
    public static string NameOf(ScrapeProtocol protocol) => All[(int)protocol];

    /// <summary>Finds the format for a word.</summary>
    public static bool TryParse(string word, out ScrapeProtocol protocol)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i] == word)
            {
                protocol = (ScrapeProtocol)i;
                return true;
            }
        }

        protocol = default;
        return false;
    }
}
