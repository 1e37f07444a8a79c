using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Flyball.Ingest.Otlp.Metrics;
using Flyball.Ingest.Otlp.Traces;
using Flyball.Model.Samples;
using Flyball.Testing;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Flyball.Ingest.Tests.Otlp;

public class OtlpMetricsTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public void Metric_names_are_translated_as_the_shared_cases_say()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/otlp/metric-names.json")));
        var checkedCases = 0;
        foreach (var c in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (c.GetProperty("strategy").GetString() != "UnderscoreEscapingWithSuffixes" || c.TryGetProperty("namespace", out _))
            {
                continue;
            }

            var type = c.GetProperty("type").GetString();
            var unit = c.GetProperty("unit").GetString()!;
            var name = c.GetProperty("name").GetString()!;
            var translated = MetricNames.Metric(name, unit, type == "MonotonicCounter", type == "Gauge");
            Assert.Equal((name, unit, c.GetProperty("metric_name").GetString()!), (name, unit, translated));
            Assert.Equal((name, unit, c.GetProperty("unit_name").GetString()!), (name, unit, MetricNames.Unit(unit)));
            checkedCases++;
        }

        Assert.InRange(checkedCases, 40, 100);
    }

    [Fact]
    public void Label_names_are_translated_as_the_shared_cases_say()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(SharedData.Require("conformance/otlp/label-names.json")));
        foreach (var c in json.RootElement.GetProperty("cases").EnumerateArray())
        {
            var expected = c.GetProperty("preserve_keyprefix").GetString();
            var label = c.GetProperty("label").GetString()!;
            Assert.Equal((label, expected ?? ""), (label, MetricNames.Label(label) ?? ""));
        }
    }

    [Fact]
    public void Every_kind_of_data_point_becomes_its_series()
    {
        var lines = Decode("""
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"http.requests","unit":"1","sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[
              {"asInt":"5","timeUnixNano":"2000000000","attributes":[{"key":"code","value":{"intValue":"200"}}]}]}},
            {"name":"temp","unit":"Cel","gauge":{"dataPoints":[{"asDouble":1.5,"timeUnixNano":2000000000},{"flags":1,"timeUnixNano":3000000000}]}},
            {"name":"lat","unit":"s","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":"3","sum":4.5,"bucketCounts":["1","2"],
              "explicitBounds":[1],"timeUnixNano":"2000000000","exemplars":[{"asDouble":0.5,"timeUnixNano":"1000000","traceId":"0102","spanId":"03"}]}]}},
            {"name":"s","summary":{"dataPoints":[{"count":"2","sum":3,"timeUnixNano":"2000000000","quantileValues":[{"quantile":0.5,"value":1}]}]}},
            {"name":"d","sum":{"aggregationTemporality":1,"dataPoints":[{"asInt":"5","timeUnixNano":"2000000000"}]}},
            {"name":"e","exponentialHistogram":{"aggregationTemporality":2,"dataPoints":[{"count":"6","sum":9,"scale":9,"zeroCount":"1",
              "timeUnixNano":"2000000000","positive":{"offset":1,"bucketCounts":["1","1","0","0","3"]}}]}}
            ]}],"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},{"key":"service.namespace","value":{"stringValue":"ns"}},
            {"key":"service.instance.id","value":{"stringValue":"i1"}},{"key":"os.type","value":{"stringValue":"linux"}}]}}]}
            """, out var rejected);
        Assert.Equal(
            [
                """http_requests_total{code="200", instance="i1", job="ns/shop"} 5 @2000""",
                """temp_celsius{instance="i1", job="ns/shop"} 1.5 @2000""",
                """temp_celsius{instance="i1", job="ns/shop"} stale @3000""",
                """lat_seconds_sum{instance="i1", job="ns/shop"} 4.5 @2000""",
                """lat_seconds_count{instance="i1", job="ns/shop"} 3 @2000""",
                """lat_seconds_bucket{instance="i1", job="ns/shop", le="1"} 1 @2000 # {span_id="03", trace_id="0102"} 0.5""",
                """lat_seconds_bucket{instance="i1", job="ns/shop", le="+Inf"} 3 @2000""",
                """s_sum{instance="i1", job="ns/shop"} 3 @2000""",
                """s_count{instance="i1", job="ns/shop"} 2 @2000""",
                """s{instance="i1", job="ns/shop", quantile="0.5"} 1 @2000""",
                """e{instance="i1", job="ns/shop"} schema 8 count 6 zero 1 spans (1,3) counts 1,1,3 @2000""",
                """target_info{instance="i1", job="ns/shop", os_type="linux"} 1 @3000""",
            ],
            lines);
        Assert.Equal((1, "invalid temporality and type combination for metric \"d\""), (rejected.Count, rejected.FirstReason));
    }

    [Theory]
    [InlineData("conformance/otlp/example-metrics.json")]
    [InlineData("data/ci/otlp/metrics-githubreceiver.json")]
    [InlineData("data/ci/otlp/cicd-metrics-semconv-1.44.json")]
    public async Task Published_examples_are_taken(string file)
    {
        var sink = new CountingSink();
        await using var server = await OtlpServer.StartAsync(samples: sink);
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(SharedData.Require(file), Stop));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var response = await server.Client.PostAsync(new Uri("/v1/metrics", UriKind.Relative), content, Stop);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(0, sink.Samples);
    }

    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Metrics_of_the_opentelemetry_sdk_arrive(OtlpExportProtocol protocol)
    {
        var sink = new CountingSink();
        await using var server = await OtlpServer.StartAsync(samples: sink);
        using var meter = new Meter("flyball.test.metrics." + protocol);
        using (var provider = Sdk.CreateMeterProviderBuilder()
            .AddMeter(meter.Name)
            .ConfigureResource(r => r.AddService("shop"))
            .AddOtlpExporter(o =>
            {
                o.Protocol = protocol;
                o.Endpoint = protocol == OtlpExportProtocol.Grpc ? server.Grpc : new Uri(server.Http, "/v1/metrics");
            })
            .Build())
        {
            meter.CreateCounter<long>("orders").Add(3);
            meter.CreateHistogram<double>("lat", "s").Record(0.2);
            Assert.True(provider.ForceFlush(10_000));
        }

        Assert.InRange(sink.Samples, 5, 100);
    }

    [Fact]
    public void Random_bytes_are_refused_or_read_but_never_break_anything()
    {
        var random = new Random(5);
        var good = MetricsJson.ToProtobuf("""{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"a","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":"3","bucketCounts":["1","2"],"explicitBounds":[1]}]}}]}]}]}"""u8).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[..random.Next(good.Length + 1)];
            for (var j = random.Next(4); j > 0 && bytes.Length > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                new OtlpMetricsDecoder(new SampleBatch(), new RejectedSpans()).Read(bytes);
            }
            catch (Flyball.Ingest.Otlp.OtlpDecodeException)
            {
            }
        }
    }

    private static List<string> Decode(string json, out RejectedSpans rejected)
    {
        var batch = new SampleBatch();
        rejected = new RejectedSpans();
        new OtlpMetricsDecoder(batch, rejected).Read(MetricsJson.ToProtobuf(System.Text.Encoding.UTF8.GetBytes(json)));
        var lines = new List<string>();
        for (var i = 0; i < batch.SampleCount; i++)
        {
            var series = batch.SampleSeries[i];
            var value = StaleMarker.Is(batch.Values[i]) ? "stale" : batch.Values[i].ToString("R");
            if (!batch.Histograms.IsEmpty && batch.Histograms[i] is { } h)
            {
                value = $"schema {h.Schema} count {h.Count} zero {h.ZeroCount} spans "
                    + string.Concat(h.PositiveSpans.Select(s => $"({s.Offset},{s.Length})")) + " counts " + string.Join(',', h.PositiveBuckets);
            }

            var exemplars = batch.Exemplars.Where(e => e.Series == series).Select(e => $" # {e.Exemplar.Labels} {e.Exemplar.Value}");
            lines.Add($"{batch.Labels(series)} {value} @{batch.TimestampsMs[i]}{string.Concat(exemplars)}");
        }

        return lines;
    }

    private sealed class CountingSink : ISampleSink
    {
        public int Samples { get; private set; }

        public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
        {
            Samples += batch.SampleCount;
            return ValueTask.FromResult(new AppendReport(batch.SampleCount, batch.SeriesCount));
        }
    }
}
