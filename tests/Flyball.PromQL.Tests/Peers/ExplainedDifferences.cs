using System.Globalization;
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
        // timestamp() of a selector with @ forgets its offset.
        if (TellsMore().IsMatch(difference) || IsOfTheLastDigits(query, difference) || PinnedTimestamp().IsMatch(query))
        {
            return true;
        }

        // 2.x: atan2 kept names, deviations ignored NaN, ties fell otherwise, scalars beside a pinned range were not taken per step, and
        // the rate of what had been near zero was extrapolated to zero by another rule.
        if (!peer.IsAtLeast(3, 0) && (OfTwo().IsMatch(query) || (Rates().IsMatch(query) && TwoNumbers().IsMatch(difference))))
        {
            return true;
        }

        return !peer.IsAtLeast(3, 8) && (IsOfInfo(query, difference) || IsOfHistograms(query, difference) || IsOfNames(question, delayNames, difference));
    }

    /// <summary>Whether a note is of a kind the peer does not know yet.</summary>
    public static bool IsNewer(PeerVersion peer, string note) =>
        !peer.IsAtLeast(3, 7)
        && (note.Contains("sort is ineffective", StringComparison.Ordinal) || note.Contains("conflicting counter resets", StringComparison.Ordinal));

    // Mathematics of another library, or an order of adding that is a hash table's over there, and then a difference of nearly equal numbers.
    private static bool IsOfTheLastDigits(string query, string difference)
    {
        if (!Ill().IsMatch(query) || TwoNumbers().Match(difference) is not { Success: true } numbers
            || !double.TryParse(numbers.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out var theirs)
            || !double.TryParse(numbers.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out var ours))
        {
            return false;
        }

        // Of a remainder nothing need be left that is the same.
        var apart = Math.Abs(theirs - ours);
        return (query.Contains('%', StringComparison.Ordinal) && Platform().IsMatch(query)) || apart <= 1e-12 || apart <= 1e-7 * Math.Abs(theirs);
    }

    // info() forgot series without job and instance, and those that had the labels already; steps of a range were mixed up.
    private static bool IsOfInfo(string query, string difference) =>
        query.Contains("info(", StringComparison.Ordinal)
        && (NestedInfo().IsMatch(query) || InfoInSubquery().IsMatch(query)
            || (difference.Contains("nothing", StringComparison.Ordinal) && !(difference.Contains("instance=", StringComparison.Ordinal) && difference.Contains("job=", StringComparison.Ordinal))));

    // The first bucket of a classic histogram begins at zero only since then; before, a fraction of it was NaN.
    // Leaving buckets out where only count and sum are asked for was decided by other rules.
    // A negated histogram was not a gauge.
    private static bool IsOfHistograms(string query, string difference) =>
        (query.Contains("histogram_fraction", StringComparison.Ordinal) && query.Contains("dur", StringComparison.Ordinal))
        || Statistics().IsMatch(query)
        || (query.Contains('-', StringComparison.Ordinal) && OfGauges().IsMatch(difference));

    // Filters decided after comparing whether a match was unique. Names that were to go at the end came back through comparisons, and
    // series that became one by losing them were refused even where their steps differ. NaN was the least number of mad_over_time.
    private static bool IsOfNames(PeerQuestion question, bool delayNames, string difference)
    {
        var query = question.Query.ToString();
        return difference.StartsWith("ours fails: multiple matches for labels: many-to-one", StringComparison.Ordinal)
            || (query.Contains("mad_over_time", StringComparison.Ordinal) && (query.Contains("wild", StringComparison.Ordinal) || query.Contains(':', StringComparison.Ordinal)))
            || (delayNames && Comparison().IsMatch(query) && Named().IsMatch(difference))
            || (delayNames && question.IsRange && difference == "peer fails: vector cannot contain metrics with the same labelset");
    }

    [GeneratedRegex(@"^(infos|warnings): peer \[\], ours \[PromQL \w+: incompatible (sample types|bucket layout) encountered for binary operator[^|]*\]$")]
    private static partial Regex TellsMore();

    [GeneratedRegex(@"stddev|stdvar|\^|atan2|exp\(|ln\(|log2|log10|sinh?\(|cosh?\(|tanh?\(")]
    private static partial Regex Ill();

    [GeneratedRegex(@"\^|atan2|exp\(|ln\(|log2|log10|sinh?\(|cosh?\(|tanh?\(")]
    private static partial Regex Platform();

    [GeneratedRegex(@"peer (-?[0-9.eE+-]+), ours (-?[0-9.eE+-]+)$")]
    private static partial Regex TwoNumbers();

    [GeneratedRegex(@"timestamp\(.*(@.*offset|offset.*@)")]
    private static partial Regex PinnedTimestamp();

    [GeneratedRegex(@"atan2|stddev|stdvar|topk|bottomk|predict_linear|quantile_over_time|(rate|increase)\(.*(temp|small)")]
    private static partial Regex OfTwo();

    [GeneratedRegex(@"(rate|increase)\(")]
    private static partial Regex Rates();

    [GeneratedRegex(@"info\(.*info\(")]
    private static partial Regex NestedInfo();

    [GeneratedRegex(@"info\(.*\[[^\]:]+:[^\]]*\]")]
    private static partial Regex InfoInSubquery();

    [GeneratedRegex(@"histogram_(count|sum|avg)\(.*(latgauge|both|mixed)")]
    private static partial Regex Statistics();

    [GeneratedRegex(@"^warnings: peer \[(PromQL warning: this native histogram metric is not a gauge[^|]*)?\], ours \[(PromQL warning: this native histogram metric is not a counter[^|]*)?\]$")]
    private static partial Regex OfGauges();

    [GeneratedRegex("[<>=!](?! bool)")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"^(\w+\{|\{"")[^}]*\}: (peer|ours) has|^ours fails: vector cannot contain metrics with the same labelset")]
    private static partial Regex Named();
}
