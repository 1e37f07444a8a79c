using System.Text;
using Flyball.Metrics.Index;
using Flyball.Model.Labels;

namespace Flyball.Metrics.Status;

/// <summary>Counts series by what makes them many.</summary>
internal static class Cardinality
{
    public static readonly CardinalityReport None = new(0, 0, [], [], [], []);

    /// <summary>Reads an index; needs no lock.</summary>
    /// <param name="top">Length of each list.</param>
    public static CardinalityReport Of(ILabelIndex index, int top)
    {
        var byMetric = new TopList(top);
        var valuesByLabel = new TopList(top);
        var bytesByLabel = new TopList(top);
        var byPair = new TopList(top);
        long pairs = 0;
        foreach (var values in index.Names)
        {
            var name = Encoding.UTF8.GetString(values.Name);
            long bytes = 0;
            var count = values.Count;
            for (var value = 0; value < count; value++)
            {
                var series = values.SeriesWith(value);
                bytes += (long)series * values.Text(value).Length;
                byPair.Offer(series, values, value, static (v, i) => Encoding.UTF8.GetString(v.Name) + "=" + Encoding.UTF8.GetString(v.Text(i)));
                if (name == LabelSet.MetricNameLabel)
                {
                    byMetric.Offer(series, values, value, static (v, i) => Encoding.UTF8.GetString(v.Text(i)));
                }
            }

            pairs += count;
            valuesByLabel.Offer(count, values, 0, static (v, _) => Encoding.UTF8.GetString(v.Name));
            bytesByLabel.Offer(bytes, values, 0, static (v, _) => Encoding.UTF8.GetString(v.Name));
        }

        return new CardinalityReport(
            index.SeriesCount, pairs, byMetric.Take(), valuesByLabel.Take(), bytesByLabel.Take(), byPair.Take());
    }

    // Keeps the largest few; names are made only for what gets in.
    private sealed class TopList(int length)
    {
        private readonly PriorityQueue<NamedCount, long> _smallestFirst = new();

        public void Offer(long count, ILabelValues values, int value, Func<ILabelValues, int, string> name)
        {
            if (_smallestFirst.Count < length)
            {
                _smallestFirst.Enqueue(new NamedCount(name(values, value), count), count);
            }
            else if (_smallestFirst.TryPeek(out _, out var smallest) && count > smallest)
            {
                _smallestFirst.DequeueEnqueue(new NamedCount(name(values, value), count), count);
            }
        }

        public IReadOnlyList<NamedCount> Take() =>
            [.. _smallestFirst.UnorderedItems.Select(i => i.Element)
                .OrderByDescending(i => i.Count).ThenBy(i => i.Name, StringComparer.Ordinal)];
    }
}
