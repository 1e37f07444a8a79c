using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Testing;
using Flyball.Traces.SpanMetrics;
using Flyball.Traces.TraceQL;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Traces.Tests.SpanMetrics;

public class SpanMetricsTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly TestClock _clock = new();
    private readonly Sink _sink = new();

    [Fact]
    public async Task Calls_latencies_and_sizes_are_counted_from_zero()
    {
        await using var generator = Make(new SpanMetricsOptions { Dimensions = ["k", "span.name"] });
        generator.Observe(Spans.Batch(
            "shop",
            new SpanSpec(1, 1, 0, "GET /", 0, 3, SpanKind.Server, SpanStatus.Error, [("k", "v")]),
            new SpanSpec(1, 2, 0, "GET /", 0, 3, SpanKind.Server, SpanStatus.Error, [("k", "v")])));
        _clock.Advance(TimeSpan.FromSeconds(5));
        await generator.WriteAsync(Stop);
        const string Labels = "{k=\"v\", service=\"shop\", span_kind=\"SPAN_KIND_SERVER\", span_name=\"GET /\", status_code=\"STATUS_CODE_ERROR\"";
        Assert.Equal([0, 2], _sink["traces_spanmetrics_calls_total" + Labels + "}"]);
        Assert.Equal([0, 0], _sink["traces_spanmetrics_latency_bucket" + Labels.Replace("{k=\"v\", ", "{k=\"v\", le=\"0.002\", ", StringComparison.Ordinal) + "}"]);
        Assert.Equal([0, 2], _sink["traces_spanmetrics_latency_bucket" + Labels.Replace("{k=\"v\", ", "{k=\"v\", le=\"0.004\", ", StringComparison.Ordinal) + "}"]);
        Assert.Equal([0, 2], _sink["traces_spanmetrics_latency_count" + Labels + "}"]);
        Assert.Equal(0.006, _sink["traces_spanmetrics_latency_sum" + Labels + "}"][1], 9);
        Assert.InRange(_sink["traces_spanmetrics_size_total" + Labels + "}"][1], 100, 200);
        var exemplar = Assert.Single(_sink.Exemplars, e => e.Series.StartsWith("traces_spanmetrics_latency_bucket", StringComparison.Ordinal));
        Assert.Equal(Spans.Trace(1).ToString(), exemplar.Exemplar.Labels["traceID"]);
    }

    [Fact]
    public void Sizes_are_those_of_the_protobuf_message()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var batch = new RandomSpans(seed).Batch(5);
            foreach (ref readonly var span in batch.Spans)
            {
                var wire = new Flyball.Model.Wire.WireWriter();
                Flyball.Traces.Tempo.TraceProtobuf.WriteSpan(wire, batch, span);
                Assert.Equal(wire.Written.Length, SpanSize.Of(batch, span));
            }
        }
    }

    [Theory]
    [InlineData("ot=th:8", 2)]
    [InlineData("a=b, ot=rv:1;th:c", 4)]
    [InlineData("ot=th:xyz", 1)]
    [InlineData("x=th:8", 1)]
    public async Task Sampled_spans_count_for_those_left_out(string state, double weight)
    {
        await using var generator = Make(new SpanMetricsOptions());
        var batch = Spans.Batch("s", new SpanSpec(1, 1));
        var span = batch.Spans[0] with { TraceState = batch.Store(state), SpanId = new SpanId(2), Name = batch.Store("sampled") };
        batch.AddSpan(span);
        generator.Observe(batch);
        await generator.WriteAsync(Stop);
        Assert.Equal(weight, _sink.Of("traces_spanmetrics_calls_total", "span_name=\"sampled\"")[1]);
    }

    [Fact]
    public async Task Old_spans_do_not_count_and_idle_series_end()
    {
        await using var generator = Make(new SpanMetricsOptions());
        _clock.Advance(TimeSpan.FromMinutes(2));
        generator.Observe(Spans.Batch("s", new SpanSpec(1, 1, 0, "old")));
        generator.Observe(Spans.Batch("s", new SpanSpec(1, 2, 0, "new", 120_000)));
        await generator.WriteAsync(Stop);
        Assert.Empty(_sink.Of("traces_spanmetrics_calls_total", "span_name=\"old\""));
        _clock.Advance(TimeSpan.FromMinutes(16));
        await generator.WriteAsync(Stop);
        Assert.True(StaleMarker.Is(_sink.Of("traces_spanmetrics_calls_total", "span_name=\"new\"")[^1]));
        var written = _sink.Of("traces_spanmetrics_calls_total", "span_name=\"new\"").Length;
        await generator.WriteAsync(Stop);
        Assert.Equal(written, _sink.Of("traces_spanmetrics_calls_total", "span_name=\"new\"").Length);
    }

    [Fact]
    public async Task Cardinality_has_a_bound()
    {
        await using var generator = Make(new SpanMetricsOptions { MostSeries = 100 });
        for (var i = 0; i < 1000; i++)
        {
            generator.Observe(Spans.Batch("s", new SpanSpec(1, 1, 0, "name-" + i)));
        }

        await generator.WriteAsync(Stop);
        Assert.InRange(_sink.Series, 1, 130);
    }

    [Fact]
    public async Task A_filter_chooses_and_both_namings_can_stand_side_by_side()
    {
        var options = new SpanMetricsOptions { Filter = "{ kind = server }", Naming = SpanMetricsNaming.Both, TargetInfo = true };
        await using var generator = Make(options);
        generator.Observe(Spans.Batch("s", new SpanSpec(1, 1, 0, "in", 0, 30, SpanKind.Server), new SpanSpec(1, 2, 1, "out", 0, 30, SpanKind.Client)));
        await generator.WriteAsync(Stop);
        Assert.Equal(1, _sink.Of("traces_spanmetrics_calls_total", "span_name=\"in\"")[1]);
        Assert.Contains("job=\"s\"", _sink.Names("traces_spanmetrics_calls_total").Single());
        Assert.Equal(1, _sink.Of("traces_span_metrics_duration_milliseconds_bucket", "le=\"50\"")[1]);
        Assert.Equal(0, _sink.Of("traces_span_metrics_duration_milliseconds_bucket", "le=\"10\"")[1]);
        Assert.Throws<TraceQLException>(() => SpanMetricsGenerator.Check(new SpanMetricsOptions { Filter = "{} | count() > 1" }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_is_counted_once_its_two_sides_are_there_in_either_order(bool serverFirst)
    {
        await using var generator = Make(new SpanMetricsOptions { GraphDimensions = ["zone"] });
        var client = Spans.Batch("shop", new SpanSpec(1, 2, 1, "call", 0, 400, SpanKind.Client, Attributes: [("zone", "a")]));
        var server = Spans.Batch("pay", new SpanSpec(1, 3, 2, "charge", 10, 150, SpanKind.Server, SpanStatus.Error, [("zone", "b")]));
        generator.Observe(serverFirst ? server : client);
        generator.Observe(serverFirst ? client : server);
        await generator.WriteAsync(Stop);
        const string Pair = "{client=\"shop\", client_zone=\"a\", server=\"pay\", server_zone=\"b\"}";
        Assert.Equal([0, 1], _sink["traces_service_graph_request_total" + Pair]);
        Assert.Equal([0, 1], _sink["traces_service_graph_request_failed_total" + Pair]);
        Assert.Equal(0.4, _sink["traces_service_graph_request_client_seconds_sum" + Pair][1], 9);
        Assert.Equal(0.15, _sink["traces_service_graph_request_server_seconds_sum" + Pair][1], 9);
    }

    [Fact]
    public async Task Databases_messages_and_missing_sides_have_types_of_their_own()
    {
        await using var generator = Make(new SpanMetricsOptions());
        generator.Observe(Spans.Batch(
            "shop",
            new SpanSpec(1, 1, 0, "GET /", 0, 5, SpanKind.Server),
            new SpanSpec(1, 2, 1, "select", 0, 5, SpanKind.Client, Attributes: [("db.system", "postgresql"), ("server.address", "db1")]),
            new SpanSpec(1, 3, 1, "send", 0, 5, SpanKind.Producer),
            new SpanSpec(1, 4, 1, "ask", 0, 5, SpanKind.Client, Attributes: [("peer.service", "mail")]),
            new SpanSpec(1, 5, 1, "lost", 0, 5, SpanKind.Client)));
        generator.Observe(Spans.Batch("worker", new SpanSpec(1, 6, 3, "receive", 1005, 5, SpanKind.Consumer)));
        _clock.Advance(TimeSpan.FromSeconds(11));
        await generator.WriteAsync(Stop);
        Assert.Equal(
            [
                "{client=\"shop\", connection_type=\"database\", server=\"db1\"}",
                "{client=\"shop\", connection_type=\"messaging_system\", server=\"worker\"}",
                "{client=\"shop\", connection_type=\"virtual_node\", server=\"mail\"}",
                "{client=\"user\", connection_type=\"virtual_node\", server=\"shop\"}",
            ],
            _sink.Names("traces_service_graph_request_total").Select(n => n["traces_service_graph_request_total".Length..]).Order(StringComparer.Ordinal));
        Assert.Equal(1, _sink.Of("traces_service_graph_request_messaging_system_seconds_sum", "worker")[1], 9);
    }

    // The tests write themselves; the clock does not reach the interval.
    private SpanMetricsGenerator Make(SpanMetricsOptions options) =>
        new(options with { Interval = TimeSpan.FromDays(40) }, _sink, _clock, NullLogger.Instance);

    private sealed class Sink : ISampleSink
    {
        private readonly Dictionary<string, List<double>> _samples = [];

        public List<(string Series, Exemplar Exemplar)> Exemplars { get; } = [];

        public int Series => _samples.Count;

        public double[] this[string series] => _samples.TryGetValue(series, out var values)
            ? [.. values] : throw new KeyNotFoundException($"{series} is not among {string.Join('\n', _samples.Keys)}");

        public IEnumerable<string> Names(string metric) => _samples.Keys.Where(k => k.StartsWith(metric + "{", StringComparison.Ordinal));

        public double[] Of(string metric, string part) =>
            [.. Names(metric).Where(k => k.Contains(part, StringComparison.Ordinal)).SelectMany(k => _samples[k])];

        public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
        {
            for (var i = 0; i < batch.SampleCount; i++)
            {
                var series = batch.Labels(batch.SampleSeries[i]).ToString();
                if (!_samples.TryGetValue(series, out var values))
                {
                    _samples[series] = values = [];
                }

                values.Add(batch.Values[i]);
            }

            Exemplars.AddRange(batch.Exemplars.Select(e => (batch.Labels(e.Series).ToString(), e.Exemplar)));
            return ValueTask.FromResult(new AppendReport(batch.SampleCount, 0));
        }
    }
}
