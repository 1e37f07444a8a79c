using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Model.Wire;
using Flyball.Server.TempoApi;
using Flyball.Testing;
using Flyball.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.TempoApi;

public sealed class TempoEndpointsTests : IAsyncLifetime
{
    private const string Id = "000000000000000000000000000000ab";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly string _directory = Directory.CreateTempSubdirectory("flyball-tempo-").FullName;
    private readonly TestClock _clock = new();
    private SpanStore _store = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new SpanStoreOptions { Directory = Path.Combine(_directory, "traces") };
        _store = await SpanStore.OpenAsync(options, PhysicalFileSystem.Instance, _clock, NullLoggerFactory.Instance, Stop);
        await FillAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapTempoApi(_store, _clock);
        await _app.StartAsync(Stop);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_trace_is_written_in_tempos_json_with_short_and_long_ids()
    {
        using var v1 = await JsonAsync("/api/traces/ab");
        var span = v1.RootElement.GetProperty("batches")[0].GetProperty("scopeSpans")[0].GetProperty("spans")[0];
        Assert.Equal("AAAAAAAAAAAAAAAAAAAAqw==", span.GetProperty("traceId").GetString());
        Assert.Equal("SPAN_KIND_SERVER", span.GetProperty("kind").GetString());
        Assert.Equal("STATUS_CODE_ERROR", span.GetProperty("status").GetProperty("code").GetString());
        using var v2 = await JsonAsync("/api/v2/traces/" + Id);
        Assert.Equal(1, v2.RootElement.GetProperty("trace").GetProperty("resourceSpans").GetArrayLength());
        Assert.Equal("COMPLETE", v2.RootElement.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_trace_is_written_in_protobuf_when_asked()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/traces/" + Id);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/protobuf"));
        var response = await _client.SendAsync(request, Stop);
        Assert.Equal("application/protobuf", response.Content.Headers.ContentType!.MediaType);
        var reader = new WireReader(await response.Content.ReadAsByteArrayAsync(Stop));
        Assert.True(reader.TryReadField(out var field, out var type));
        Assert.Equal((1, WireType.Bytes), (field, type));
    }

    [Theory]
    [InlineData("/api/echo", HttpStatusCode.OK)]
    [InlineData("/ready", HttpStatusCode.OK)]
    [InlineData("/api/traces/ab?start=1&end=2", HttpStatusCode.NotFound)]
    [InlineData("/api/traces/ab?start=2&end=1", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/traces/ab?q=%7B%7D%20%7C%20rate()", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/traces/ab?q=%7B%7D%20%3E%20%7B%7D", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/traces/ab?q=%7B%20rootName%20%3D%20%22x%22%20%7D", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/traces/ab?q=%7B%7D&match_depth=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/traces/ac?q=%7B%7D", HttpStatusCode.NotFound)]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()&exemplars=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces/ac", HttpStatusCode.NotFound)]
    [InlineData("/api/traces/xyz", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?q=%7B%20x%20%7D", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?q=%7B%7D&tags=a%3Db", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?q=%7B%7D%20%7C%20rate()", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?start=5", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?start=5&end=5", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?tags=a%3D1%20a%3D2", HttpStatusCode.BadRequest)]
    [InlineData("/api/search?start=5&end=6", HttpStatusCode.OK)]
    [InlineData("/api/metrics/query_range?q=%7B%7D", HttpStatusCode.BadRequest)]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()&step=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()&step=1ms&since=1h", HttpStatusCode.BadRequest)]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()&start=9&end=2", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/search/tags?scope=nothing", HttpStatusCode.BadRequest)]
    [InlineData("/api/v2/search/tag/x%7D/values", HttpStatusCode.BadRequest)]
    public async Task Requests_get_the_status_they_deserve(string path, HttpStatusCode expected) =>
        Assert.Equal(expected, (await _client.GetAsync(new Uri(path, UriKind.Relative), Stop)).StatusCode);

    [Theory]
    [InlineData("/api/search?q=%7B%20.n%20%3E%206%20%7D", 1)]
    [InlineData("/api/search?q=%7B%20.n%20%3E%207%20%7D", 0)]
    [InlineData("/api/search?tags=service.name%3DSHO%20k%3D%22a%20b%22", 1)]
    [InlineData("/api/search?tags=k%3Dc", 0)]
    [InlineData("/api/search?minDuration=5ms&maxDuration=1s", 1)]
    [InlineData("/api/search?minDuration=2s", 0)]
    [InlineData("/api/search", 1)]
    public async Task Searches_find_by_query_and_by_tags(string path, int count)
    {
        using var json = await JsonAsync(path);
        var traces = json.RootElement.GetProperty("traces");
        Assert.Equal(count, traces.GetArrayLength());
        if (count > 0)
        {
            Assert.Equal((Id, "shop", "GET /"), (Text(traces[0], "traceID"), Text(traces[0], "rootServiceName"), Text(traces[0], "rootTraceName")));
            Assert.Equal(1, traces[0].GetProperty("spanSets")[0].GetProperty("matched").GetInt32());
        }
    }

    [Theory]
    [InlineData("/api/metrics/query_range?q=%7B%7D%20%7C%20count_over_time()&step=3600", "\"value\":1")]
    [InlineData("/api/metrics/query_range?query=%7B%7D%20%7C%20rate()%20by%20(name)", "\"key\":\"name\",\"value\":{\"stringValue\":\"GET /\"}")]
    [InlineData("/api/metrics/query?q=%7B%7D%20%7C%20max_over_time(duration)&since=5m", "\"value\":0.01")]
    public async Task Metrics_queries_are_answered(string path, string expected)
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains(expected, await TextAsync(path));
    }

    [Fact]
    public async Task Tags_and_their_values_are_listed()
    {
        Assert.Equal("""{"tagNames":["k","n","service.name"]}""", await TextAsync("/api/search/tags"));
        Assert.Equal("""{"scopes":[{"name":"span","tags":["k","n"]}]}""", await TextAsync("/api/v2/search/tags?scope=span"));
        Assert.Equal("""{"tagValues":["shop"]}""", await TextAsync("/api/search/tag/service.name/values"));
        Assert.Equal("""{"tagValues":[{"type":"int","value":"7"}]}""", await TextAsync("/api/v2/search/tag/.n/values?q=%7B%20.k%20%3D%20%7D"));
        Assert.Equal("""{"tagValues":[]}""", await TextAsync("/api/v2/search/tag/.n/values?q=%7B%20.k%20%3D%20%22x%22%20%7D"));
        Assert.Contains("\"error\"", await TextAsync("/api/v2/search/tag/status/values"));
    }

    [Theory]
    [InlineData("{ .n = 7 }", "", "COMPLETE", 1)]
    [InlineData("{ .n = 8 }", "", "PARTIAL", 0)]
    public async Task A_trace_can_be_narrowed_to_matching_spans(string q, string more, string status, int spans)
    {
        using var json = await JsonAsync($"/api/v2/traces/{Id}?q={Uri.EscapeDataString(q)}{more}");
        Assert.Equal(status, Text(json.RootElement, "status"));
        Assert.Equal(spans, json.RootElement.GetProperty("trace").GetProperty("resourceSpans").GetArrayLength());
    }

    [Fact]
    public async Task Exemplars_lead_from_a_metric_to_its_trace()
    {
        _clock.Advance(TimeSpan.FromMinutes(1));
        using var json = await JsonAsync("/api/metrics/query_range?q=%7B%7D%20%7C%20rate()&step=60");
        var exemplar = json.RootElement.GetProperty("series")[0].GetProperty("exemplars")[0];
        var id = exemplar.GetProperty("labels").EnumerateArray().First(l => Text(l, "key") == "trace:id").GetProperty("value");
        Assert.Equal((Id, "NaN"), (Text(id, "stringValue"), Text(exemplar, "value")));
    }

    // What Grafana's data source asks: the connection test, the builder's lists, a search, the trace that was clicked.
    [Fact]
    public async Task Grafanas_sequence_of_requests_is_answered()
    {
        Assert.Equal("echo", await TextAsync("/api/echo"));
        using var build = await JsonAsync("/api/status/buildinfo");
        Assert.Matches("^2\\.", Text(build.RootElement, "version"));
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        var window = $"start={now - 3600}&end={now + 3600}";
        Assert.Contains("\"name\":\"resource\",\"tags\":[\"service.name\"]", await TextAsync($"/api/v2/search/tags?limit=5000&{window}"));
        Assert.Contains("\"shop\"", await TextAsync($"/api/v2/search/tag/resource.service.name/values?limit=5000&{window}&q=%7B%7D"));
        Assert.Contains("\"GET /\"", await TextAsync($"/api/v2/search/tag/name/values?q=%7Bresource.service.name%3D%22shop%22%7D&{window}"));
        using var found = await JsonAsync($"/api/search?q={Uri.EscapeDataString("{resource.service.name=\"shop\"} | select(status, span.k)")}&limit=20&spss=3&{window}");
        var trace = found.RootElement.GetProperty("traces")[0];
        var keys = trace.GetProperty("spanSets")[0].GetProperty("spans")[0].GetProperty("attributes").EnumerateArray().Select(a => Text(a, "key"));
        Assert.Equal(["k", "service.name", "status"], keys.Order());
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v2/traces/{Text(trace, "traceID")}?{window}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/protobuf"));
        var response = await _client.SendAsync(request, Stop);
        var reader = new WireReader(await response.Content.ReadAsByteArrayAsync(Stop));
        Assert.True(reader.TryReadField(out var field, out _));
        Assert.Equal(1, field);
    }

    [Fact]
    public async Task Names_of_attributes_can_be_narrowed_by_a_query_and_a_window()
    {
        Assert.Equal("""{"tagNames":[]}""", await TextAsync("/api/search/tags?start=1&end=2"));
        Assert.Equal("""{"scopes":[{"name":"span","tags":[]}]}""", await TextAsync("/api/v2/search/tags?scope=span&q=%7B%20.n%20%3D%208%20%7D"));
        Assert.Equal("""{"scopes":[{"name":"span","tags":["k"]}]}""", await TextAsync("/api/v2/search/tags?scope=span&limit=1"));
    }

    private static string? Text(JsonElement element, string member) => element.GetProperty(member).GetString();

    private async Task<string> TextAsync(string path) => await _client.GetStringAsync(new Uri(path, UriKind.Relative), Stop);

    private async Task<JsonDocument> JsonAsync(string path) => JsonDocument.Parse(await TextAsync(path));

    private async Task FillAsync()
    {
        var batch = new SpanBatch();
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", "shop");
        batch.AddScope(default, default);
        var start = TimestampNs.Now(_clock);
        batch.AddSpan(new SpanRow
        {
            TraceId = new TraceId(0, 0xAB),
            SpanId = new SpanId(1),
            Name = batch.Store("GET /"),
            Start = start,
            End = new TimestampNs(start.Value + 10_000_000),
            Kind = SpanKind.Server,
            Status = SpanStatus.Error,
        });
        batch.AddAttribute(AttributeOwner.Span, "k", "a b");
        batch.AddAttribute(AttributeOwner.Span, "n", 7);
        await _store.AppendAsync(batch, Stop);
    }
}
