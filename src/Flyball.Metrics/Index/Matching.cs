using System.Text;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Index;

/// <summary>Finds the series that all matchers accept.</summary>
/// <remarks>
/// An absent label is the empty value. So a matcher that accepts "" only takes away: the series of the values it refuses.
/// Any other one requires: the series of the values it accepts. Both are unions of postings; the rest is set algebra.
/// </remarks>
internal static class Matching
{
    /// <summary>The matching series of an index; dispose the set.</summary>
    public static SeriesBits Find(ILabelIndex index, int seriesCount, IReadOnlyList<Matcher> matchers, CancellationToken cancellationToken)
    {
        var result = new SeriesBits(seriesCount);
        result.AddAll();
        foreach (var matcher in matchers.OrderBy(CostOf))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var values = index.Find(Encoding.UTF8.GetBytes(matcher.Name));
            if (values is null)
            {
                if (!matcher.MatchesEmpty)
                {
                    return Nothing(result, seriesCount);
                }

                continue;
            }

            using var series = new SeriesBits(seriesCount);
            AddSeriesOf(values, matcher, accepted: !matcher.MatchesEmpty, series, cancellationToken);
            if (matcher.MatchesEmpty)
            {
                result.ExceptWith(series);
            }
            else
            {
                result.IntersectWith(series);
            }
        }

        return result;
    }

    /// <summary>Whether labels are accepted by all matchers.</summary>
    public static bool Accepts(IReadOnlyList<Matcher> matchers, LabelSet labels)
    {
        foreach (var matcher in matchers)
        {
            if (!matcher.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    private static SeriesBits Nothing(SeriesBits result, int seriesCount)
    {
        result.Dispose();
        return new SeriesBits(seriesCount);
    }

    private static int CostOf(Matcher matcher) => matcher.Op switch
    {
        MatchOp.Equal or MatchOp.NotEqual => 0,
        _ when matcher.Literals is not null => 1,
        _ => 2,
    };

    // Adds the series whose value the matcher accepts, or those whose value it refuses.
    private static void AddSeriesOf(ILabelValues values, Matcher matcher, bool accepted, SeriesBits to, CancellationToken cancellationToken)
    {
        var literals = matcher.Op is MatchOp.Equal or MatchOp.NotEqual ? [matcher.Value] : matcher.Literals;
        var literalsAreWanted = accepted == matcher.Op is MatchOp.Equal or MatchOp.Regex;
        if (literals is not null && literalsAreWanted)
        {
            foreach (var literal in literals)
            {
                var value = values.Find(Encoding.UTF8.GetBytes(literal));
                if (value >= 0)
                {
                    values.AddSeries(value, to);
                }
            }

            return;
        }

        // The prefix helps only where values that lack it are not wanted.
        var prefix = literalsAreWanted ? Encoding.UTF8.GetBytes(matcher.Prefix) : [];
        var count = values.Count;
        for (var value = values.IsSorted ? LowerBound(values, prefix) : 0; value < count; value++)
        {
            if ((value & 1023) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            var text = values.Text(value);
            if (!text.StartsWith(prefix))
            {
                if (values.IsSorted)
                {
                    return;
                }

                continue;
            }

            if (matcher.Matches(Encoding.UTF8.GetString(text)) == accepted)
            {
                values.AddSeries(value, to);
            }
        }
    }

    private static int LowerBound(ILabelValues values, ReadOnlySpan<byte> prefix)
    {
        int from = 0, until = values.Count;
        while (from < until)
        {
            var middle = (from + until) / 2;
            if (values.Text(middle).SequenceCompareTo(prefix) < 0)
            {
                from = middle + 1;
            }
            else
            {
                until = middle;
            }
        }

        return from;
    }
}
