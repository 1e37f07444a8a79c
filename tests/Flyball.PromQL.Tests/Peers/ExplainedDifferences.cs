using System.Text.RegularExpressions;

namespace Flyball.PromQL.Tests.Peers;

/// <summary>Where an older Prometheus differs from the version whose language is ours; docs/promql-differences.md has the reasons.</summary>
internal static partial class ExplainedDifferences
{
    /// <summary>Whether a difference is one of those.</summary>
    public static bool Cover(PeerVersion peer, bool delayNames, PeerQuestion question, string difference)
    {
        var query = question.Query.ToString();

        // Of several reasons why samples of one step do not fit together, only the last is told over there.
        if (TellsMore().IsMatch(difference))
        {
            return true;
        }

        if (peer.IsAtLeast(3, 8))
        {
            return false;
        }

        // 2.x: atan2 kept names, deviations ignored NaN, ties fell otherwise, and scalars beside a pinned range were not taken per step.
        if (!peer.IsAtLeast(3, 0) && OfTwo().IsMatch(query))
        {
            return true;
        }

        // info() mixed up info series over ranges, and forgot series without job and instance.
        // Filters decided after comparing whether a match was unique.
        // The first bucket of a classic histogram begins at zero only since then; before, a fraction of it was NaN.
        // Leaving buckets out where only count and sum are asked for was decided by other rules.
        // A NaN in the window of mad_over_time was taken for the least of numbers.
        // Names that were to go at the end came back through comparisons.
        return (query.Contains("info(", StringComparison.Ordinal) && (question.IsRange || InfoOfOthers().IsMatch(query)))
            || difference.StartsWith("ours fails: multiple matches for labels: many-to-one", StringComparison.Ordinal)
            || query.Contains("mad_over_time", StringComparison.Ordinal)
            || query.Contains("histogram_fraction", StringComparison.Ordinal)
            || (Statistics().IsMatch(query) && SpecialHistograms().IsMatch(query))
            || (delayNames && Comparison().IsMatch(query) && difference.Contains("metric", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^(infos|warnings): peer \[\], ours \[PromQL \w+: incompatible (sample types|bucket layout) encountered for binary operator[^|]*\]$")]
    private static partial Regex TellsMore();

    [GeneratedRegex("atan2|stddev|stdvar|topk|bottomk|predict_linear|quantile_over_time")]
    private static partial Regex OfTwo();

    [GeneratedRegex("offset|@|vector\\(|:|absent|sum|scalar|by|without")]
    private static partial Regex InfoOfOthers();

    [GeneratedRegex("histogram_(count|sum|avg)")]
    private static partial Regex Statistics();

    [GeneratedRegex("latgauge|both|mixed")]
    private static partial Regex SpecialHistograms();

    [GeneratedRegex("[<>=!](?! bool)")]
    private static partial Regex Comparison();

    /// <summary>Whether a note is of a kind the peer does not know yet.</summary>
    public static bool IsNewer(PeerVersion peer, string note) =>
        !peer.IsAtLeast(3, 7)
        && (note.Contains("sort is ineffective", StringComparison.Ordinal) || note.Contains("conflicting counter resets", StringComparison.Ordinal));
}
