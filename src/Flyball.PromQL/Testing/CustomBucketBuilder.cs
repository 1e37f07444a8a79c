using System.Globalization;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;

namespace Flyball.PromQL.Testing;

/// <summary>Builds native histograms with custom buckets from classic ones: what <c>load_with_nhcb</c> adds. Prometheus documentation, "Querying".</summary>
internal static class CustomBucketBuilder
{
    private static readonly string[] Suffixes = ["_bucket", "_count", "_sum"];

    public static IEnumerable<(LabelSet Labels, long AtMs, NativeHistogram Histogram)> Build(LoadCommand load)
    {
        var families = new Dictionary<LabelSet, SortedDictionary<long, Parts>>();
        foreach (var (description, _) in load.Series)
        {
            var name = description.Labels.MetricName;
            var suffix = Array.Find(Suffixes, s => name.EndsWith(s, StringComparison.Ordinal));
            if (suffix is null || (suffix == "_bucket" && description.Labels["le"].Length == 0))
            {
                continue;
            }

            var builder = new LabelSetBuilder().Start(description.Labels).Set(LabelSet.MetricNameLabel, name[..^suffix.Length]);
            var labels = builder.Remove("le").Build();
            if (!families.TryGetValue(labels, out var times))
            {
                families[labels] = times = [];
            }

            Collect(description, suffix, times, load.StepMs);
        }

        foreach (var (labels, times) in families)
        {
            foreach (var (at, parts) in times)
            {
                if (parts.Buckets.Count > 0)
                {
                    yield return (labels, at, parts.ToHistogram());
                }
            }
        }
    }

    private static void Collect(SeriesDescription description, string suffix, SortedDictionary<long, Parts> times, long stepMs)
    {
        for (var i = 0; i < description.Items.Count; i++)
        {
            var item = description.Items[i];
            if (item.IsGap || item.Histogram is not null || StaleMarker.Is(item.Value))
            {
                continue;
            }

            if (!times.TryGetValue(i * stepMs, out var parts))
            {
                times[i * stepMs] = parts = new Parts();
            }

            switch (suffix)
            {
                case "_sum":
                    parts.Sum = item.Value;
                    break;
                case "_count":
                    parts.Count = item.Value;
                    break;
                default:
                    var text = description.Labels["le"];
                    var bound = text.EndsWith("Inf", StringComparison.OrdinalIgnoreCase)
                        ? text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity
                        : double.Parse(text, CultureInfo.InvariantCulture);
                    parts.Buckets[bound] = item.Value;
                    break;
            }
        }
    }

    private sealed class Parts
    {
        public double Sum { get; set; }

        public double? Count { get; set; }

        public SortedDictionary<double, double> Buckets { get; } = [];

        public NativeHistogram ToHistogram()
        {
            var bounds = Buckets.Keys.Where(b => !double.IsPositiveInfinity(b)).ToArray();
            var total = Buckets.TryGetValue(double.PositiveInfinity, out var last) ? last : Count ?? Buckets.Values.Last();
            var counts = new double[bounds.Length + 1];
            double before = 0;
            for (var i = 0; i < bounds.Length; i++)
            {
                counts[i] = Buckets[bounds[i]] - before;
                before = Buckets[bounds[i]];
            }

            counts[^1] = total - before;
            return HistogramArithmetic.Compact(new NativeHistogram
            {
                Schema = NativeHistogram.CustomBucketsSchema,
                Count = Count ?? total,
                Sum = Sum,
                CustomBounds = bounds,
                PositiveSpans = [new BucketSpan(0, (uint)counts.Length)],
                PositiveBuckets = counts,
            });
        }
    }
}
