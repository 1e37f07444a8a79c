using Flyball.Metrics.Head;
using Flyball.Model.Histograms;
using Flyball.Model.Samples;

namespace Flyball.Metrics.Tests.Head;

public sealed class HistogramCheckTests
{
    private static readonly BucketSpan[] TwoBuckets = [new(0, 2)];

    public static TheoryData<NativeHistogram, string?> Cases => new()
    {
        { Of(3), null },
        { Of(4), "observation count is 4, its buckets hold 3" },
        { Of(2), "observation count is 2, its buckets hold 3" },
        { Of(4, sum: double.NaN), null },
        { Of(2, sum: double.NaN), "observation count is 2, its buckets hold 3" },
        { Of(4, integer: false), null },
        { Of(0, sum: StaleMarker.Value, spans: [], buckets: []), null },
        { Of(3, schema: 9), "schema 9" },
        { Of(3, schema: -5), "schema -5" },
        { Of(3, buckets: [1, 1, 1]), "positive side: histogram spans specify 2 buckets, 3 are there" },
        { Of(3, spans: [new(0, 1), new(-1, 1)]), "positive side: histogram has a span whose offset is negative" },
        { Of(3, buckets: [4, -1]), "positive side: histogram has a bucket whose observation count is negative" },
        { Of(3, bounds: [1]), "exponential schema must not have custom bounds" },
        { Of(3, schema: NativeHistogram.CustomBucketsSchema, bounds: [1]), null },
        { Of(3, schema: NativeHistogram.CustomBucketsSchema, bounds: []), "custom bounds are too few" },
        { Of(3, schema: NativeHistogram.CustomBucketsSchema, bounds: [2, 1]), "strictly increasing" },
        { Of(3, schema: NativeHistogram.CustomBucketsSchema, bounds: [1, double.PositiveInfinity]), "finite" },
        { Of(3, zero: -1), "zero bucket" },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void A_histogram_that_contradicts_itself_is_named(NativeHistogram histogram, string? problem)
    {
        var found = HistogramCheck.Problem(histogram);
        if (problem is null)
        {
            Assert.Null(found);
        }
        else
        {
            Assert.Contains(problem, found, StringComparison.Ordinal);
        }
    }

    private static NativeHistogram Of(
        double count, double sum = 1, int schema = 0, BucketSpan[]? spans = null, double[]? buckets = null, double[]? bounds = null, bool integer = true, double zero = 0) => new()
    {
        Schema = schema,
        Count = count,
        Sum = sum,
        ZeroCount = zero,
        PositiveSpans = spans ?? TwoBuckets,
        PositiveBuckets = buckets ?? [1, 2],
        CustomBounds = bounds ?? [],
        HasIntegerCounts = integer,
    };
}
