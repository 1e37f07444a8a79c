using System.Text;
using System.Text.Json;
using Flyball.Server.Tests.Support;

namespace Flyball.Server.Tests.TempoApi;

/// <summary>From spans that arrive by OTLP to the metrics made of them, by PromQL, and from their exemplars back to the trace.</summary>
public class SpanMetricsEndToEndTests
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_become_metrics_and_their_exemplars_lead_back_to_the_trace()
    {
        await using var running = await RunningServer.StartAsync(
            "host: {enabled: false}\ntraces: {span_metrics: {interval: 100ms, dimensions: [zone], exemplar_label: trace_id}}\n");
        await SendAsync(running);
        var calls = await WaitAsync(running, "/api/v1/query?query=sum by (service, span_name, zone) (traces_spanmetrics_calls_total{service=\"pay\"})", "result");
        Assert.Equal("""{"service":"pay","span_name":"charge","zone":"b"}""", calls[0].GetProperty("metric").GetRawText());
        var graph = await WaitAsync(running, "/api/v1/query?query=traces_service_graph_request_failed_total{client=\"shop\"}", "result");
        Assert.Equal(("pay", "1"), (graph[0].GetProperty("metric").GetProperty("server").GetString(), graph[0].GetProperty("value")[1].GetString()));
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        var (_, body) = await running.GetAsync($"/api/v1/query_exemplars?query=traces_spanmetrics_latency_bucket&start={now - 600}&end={now + 600}");
        var id = body.GetProperty("data")[0].GetProperty("exemplars")[0].GetProperty("labels").GetProperty("trace_id").GetString();
        var (status, trace) = await running.GetAsync("/api/v2/traces/" + id);
        Assert.Equal((200, "COMPLETE"), (status, trace.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Jaeger_and_tempo_see_the_same_trace_on_one_address()
    {
        await using var running = await RunningServer.StartAsync();
        await SendAsync(running);
        const string Id = "0af7651916cd43dd8448eb211c80319c";
        Assert.Equal(200, (await running.GetAsync("/api/traces/" + Id)).Status);
        var (status, jaeger) = await running.GetAsync("/jaeger/api/traces/" + Id);
        Assert.Equal((200, 2), (status, jaeger.GetProperty("data")[0].GetProperty("spans").GetArrayLength()));
        Assert.Equal(2, (await running.GetAsync("/api/services")).Body.GetProperty("total").GetInt32());
        Assert.Equal("ready", await running.Client.GetStringAsync("/ready", Stop));
    }

    private static async Task SendAsync(RunningServer running)
    {
        var start = (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 500) * 1_000_000;
        var spans = Resource("shop", "a", Span("00f067aa0ba902b7", "", "call", kind: 3, start, status: 0)) + ","
            + Resource("pay", "b", Span("00f067aa0ba902b8", "00f067aa0ba902b7", "charge", kind: 2, start, status: 2));
        using var body = new StringContent($$"""{"resourceSpans":[{{spans}}]}""", Encoding.UTF8, "application/json");
        using var answer = await running.Client.PostAsync("/v1/traces", body, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static string Resource(string service, string zone, string span) => $$$"""
        {"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"{{{service}}}"}},{"key":"zone","value":{"stringValue":"{{{zone}}}"}}]},
         "scopeSpans":[{"spans":[{{{span}}}]}]}
        """;

    private static string Span(string id, string parent, string name, int kind, long start, int status) => $$$"""
        {"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"{{{id}}}","parentSpanId":"{{{parent}}}","name":"{{{name}}}","kind":{{{kind}}},
         "startTimeUnixNano":"{{{start}}}","endTimeUnixNano":"{{{start + 20_000_000}}}","status":{"code":{{{status}}}}}
        """;

    private static async Task<JsonElement> WaitAsync(RunningServer running, string path, string member)
    {
        while (true)
        {
            Stop.ThrowIfCancellationRequested();
            var (_, body) = await running.GetAsync(path);
            if (body.GetProperty("data").GetProperty(member) is { } result && result.GetArrayLength() > 0)
            {
                return result;
            }
        }
    }
}
