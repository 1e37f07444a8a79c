using System.Text;
using Flyball.Ingest.Otlp.Metrics;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Tests.Otlp;

public sealed class DeltaTotalsTests
{
    private readonly DeltaTotals _totals = new();

    [Fact]
    public void What_steps_count_is_added_up_and_shows_by_how_much()
    {
        Assert.Equal(["""c_total{step="a"} 0 @999""", """c_total{step="a"} 2 @1000"""], Decode(Count("flyball-step", 2, at: 1000)));
        Assert.Equal(["""c_total{step="a"} 2 @4999""", """c_total{step="a"} 5 @5000"""], Decode(Count("flyball-step", 3, at: 5000)));
    }

    [Fact]
    public void A_count_that_comes_twice_is_counted_once()
    {
        Decode(Count("flyball-step", 2, at: 1000));

        Assert.EndsWith(" 2 @1002", Decode(Count("flyball-step", 2, at: 1000))[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_of_parallel_steps_that_overtake_each_other_stay_in_order()
    {
        Decode(Count("flyball-step", 2, at: 1000));

        Assert.Equal(["""c_total{step="a"} 2 @1001""", """c_total{step="a"} 3 @1002"""], Decode(Count("flyball-step", 1, at: 990)));
    }

    [Fact]
    public void Histograms_are_added_up_bucket_by_bucket()
    {
        const string One = """
            {"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"flyball-step"},"metrics":[{"name":"h","histogram":{"aggregationTemporality":1,
            "dataPoints":[{"count":"1","sum":0.5,"bucketCounts":["1","0"],"explicitBounds":[1],"startTimeUnixNano":"AT","timeUnixNano":"AT"}]}}]}]}]}
            """;
        Decode(One.Replace("AT", "1000000000", StringComparison.Ordinal));

        var lines = Decode(One.Replace("AT", "2000000000", StringComparison.Ordinal));

        Assert.Equal(["h_sum 1", "h_count 2", "h_bucket{le=\"1\"} 2", "h_bucket{le=\"+Inf\"} 2"],
            lines.Where(l => l.EndsWith("@2000", StringComparison.Ordinal)).Select(l => l[..l.IndexOf(" @", StringComparison.Ordinal)].Replace("{}", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("another", true)]
    [InlineData("flyball-step", false)]
    public void Deltas_of_anybody_else_are_refused(string scope, bool hasTotals)
    {
        var rejected = new RejectedSpans();

        new OtlpMetricsDecoder(new SampleBatch(), rejected, hasTotals ? _totals : null).Read(MetricsJson.ToProtobuf(Encoding.UTF8.GetBytes(Count(scope, 1, 1000))));

        Assert.Equal((1, "invalid temporality and type combination for metric \"c\""), (rejected.Count, rejected.FirstReason));
    }

    private static string Count(string scope, int by, long at) => $$$"""
        {"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"{{{scope}}}"},"metrics":[{"name":"c","sum":{"isMonotonic":true,"aggregationTemporality":1,
        "dataPoints":[{"asInt":"{{{by}}}","startTimeUnixNano":"{{{at}}}000000","timeUnixNano":"{{{at}}}000000",
        "attributes":[{"key":"step","value":{"stringValue":"a"}}]}]}}]}]}]}
        """;

    private List<string> Decode(string json)
    {
        var batch = new SampleBatch();
        new OtlpMetricsDecoder(batch, new RejectedSpans(), _totals).Read(MetricsJson.ToProtobuf(Encoding.UTF8.GetBytes(json)));
        return [.. Enumerable.Range(0, batch.SampleCount).Select(i => $"{batch.Labels(batch.SampleSeries[i])} {batch.Values[i]:R} @{batch.TimestampsMs[i]}")];
    }
}
