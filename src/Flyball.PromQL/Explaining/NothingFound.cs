using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Text;

namespace Flyball.PromQL.Explaining;

/// <summary>Says why a selector found nothing: the first of its names and values that no series has, and the nearest that one has.</summary>
internal static class NothingFound
{
    /// <summary>The reason in words; null if every name it asks for exists, only not together.</summary>
    public static string? Explain(ISeriesSource source, SeriesQuery query, CancellationToken cancellationToken)
    {
        try
        {
            var metric = query.Matchers.FirstOrDefault(m => m is { Name: LabelSet.MetricNameLabel, Op: MatchOp.Equal });
            var names = metric is null ? [] : source.LabelValues(LabelSet.MetricNameLabel, Everything(query), cancellationToken);
            return metric is not null && !names.Contains(metric.Value)
                ? $"no metric \"{metric.Value}\" in this range of time{NearestWord.Suggest(metric.Value, names)}"
                : ExplainLabels(source, query, metric, cancellationToken);
        }
        catch (SeriesLimitException)
        {
            // Too many series to look through: nothing is known.
            return null;
        }
    }

    private static string? ExplainLabels(ISeriesSource source, SeriesQuery query, Matcher? metric, CancellationToken cancellationToken)
    {
        var among = metric is null ? Everything(query) : Everything(query) with { Matchers = [metric] };
        var whose = metric is null ? "series" : $"series of \"{metric.Value}\"";
        var names = source.LabelNames(among, cancellationToken);
        foreach (var matcher in query.Matchers)
        {
            if (matcher.Name == LabelSet.MetricNameLabel || matcher.MatchesEmpty)
            {
                continue;
            }

            if (!names.Contains(matcher.Name))
            {
                return $"no {whose} has a label \"{matcher.Name}\" in this range of time{NearestWord.Suggest(matcher.Name, names)}";
            }

            if (matcher.Op == MatchOp.Equal
                && source.LabelValues(matcher.Name, among, cancellationToken) is var values && !values.Contains(matcher.Value))
            {
                return $"no {whose} has {matcher.Name}=\"{matcher.Value}\" in this range of time{NearestWord.Suggest(matcher.Value, values)}";
            }
        }

        return null;
    }

    private static SeriesQuery Everything(SeriesQuery query) => new(query.Range, []) { SeriesLimit = query.SeriesLimit };
}
