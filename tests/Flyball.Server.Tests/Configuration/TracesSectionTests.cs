using Flyball.Server.Configuration;
using Flyball.Traces.SpanMetrics;

namespace Flyball.Server.Tests.Configuration;

public class TracesSectionTests
{
    [Fact]
    public void Every_key_is_read()
    {
        var outcome = Load("""
            traces:
              retention:
                time: 10d
                size: 1GB
                rules:
                  - {match: '{ status = error }', keep_for: 90d}
                  - {match: '{ name = "healthz" }', keep_for: 1d}
              max_trace_size: 1MB
              max_metrics_series: 500
              max_metrics_range: 1d
              span_metrics: {enabled: true, naming: both, dimensions: [a, b.c], filter: '{ kind = server }', buckets: [0.1, 1], exemplar_label: trace_id,
                probability_attribute: p, target_info: true, max_series: 10, interval: 5s, slack: 1m, idle: 5m}
              service_graph: {enabled: false, dimensions: [d], buckets: [2, 4], wait: 3s, max_open: 7}
            """);
        var storage = outcome.Config!.Storage;
        Assert.Equal(["{ status = error }", "{ name = \"healthz\" }"], storage.TracesKeepRules.Select(r => r.Query));
        Assert.Equal(90, storage.TracesKeepRules[0].KeepFor.TotalDays);
        Assert.Equal((1 << 20, 500, 1.0), (storage.TraceBounds.MostTraceBytes, storage.TraceBounds.MostSeries, storage.TraceBounds.LongestRange.TotalDays));
        var metrics = storage.SpanMetrics;
        Assert.Equal((SpanMetricsNaming.Both, "{ kind = server }", "trace_id", "p", true, 10), (metrics.Naming, metrics.Filter, metrics.ExemplarLabel, metrics.ProbabilityAttribute, metrics.TargetInfo, metrics.MostSeries));
        Assert.Equal([0.1, 1], metrics.Buckets);
        Assert.Equal([2.0, 4], metrics.GraphBuckets);
        Assert.Equal((false, 3.0, 7), (metrics.CountRequests, metrics.PairWithin.TotalSeconds, metrics.MostOpen));
    }

    [Theory]
    [InlineData("retention: {rules: [{match: '{ x }', keep_for: 1d}]}", "unknown word \"x\"")]
    [InlineData("retention: {rules: [{match: '{}'}]}", "keep_for is missing")]
    [InlineData("retention: {rules: [{match: '{}', keep_for: 1d, also: 2}]}", "also")]
    [InlineData("span_metrics: {filter: '{} | rate()'}", "one span filter")]
    [InlineData("span_metrics: {buckets: [1, 1]}", "rising numbers")]
    [InlineData("span_metrics: {naming: mine}", "tempo")]
    [InlineData("service_graph: {waits: 3s}", "wait")]
    public void Mistakes_are_named_with_their_place(string traces, string message)
    {
        var problem = Assert.Single(Load("traces:\n  " + traces).Problems);
        Assert.Equal(2, problem.Line);
        Assert.Contains(message, problem.Message);
    }

    private static ConfigOutcome Load(string text) => ConfigLoader.Load("flyball.yml", text, "/");
}
