using System.Net;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Server.JaegerApi;
using Flyball.Testing;
using Flyball.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Server.Tests.JaegerApi;

public sealed class JaegerEndpointsTests : IAsyncLifetime
{
    private const string Id = "000000000000000000000000000000ab";

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly string _directory = Directory.CreateTempSubdirectory("flyball-jaeger-").FullName;
    private readonly TestClock _clock = new();
    private SpanStore _store = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        var options = new SpanStoreOptions { Directory = Path.Combine(_directory, "traces") };
        _store = await SpanStore.OpenAsync(options, PhysicalFileSystem.Instance, _clock, NullLoggerFactory.Instance, Stop);
        await _store.AppendAsync(Call(), Stop);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.UseRouting();
        _app.MapJaegerApi(_store, _clock);
        await _app.StartAsync(Stop);
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        _clock.Advance(TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("/api/services", """{"data":["pay","shop"],"total":2,"limit":0,"offset":0,"errors":null}""")]
    [InlineData("/jaeger/api/services", """{"data":["pay","shop"],"total":2,"limit":0,"offset":0,"errors":null}""")]
    [InlineData("/jaeger/api/services/shop/operations", """{"data":["GET /","call"],"total":2,"limit":0,"offset":0,"errors":null}""")]
    [InlineData("/api/operations?service=shop&spanKind=server", """{"data":[{"name":"GET /","spanKind":"server"}],"total":1,"limit":0,"offset":0,"errors":null}""")]
    [InlineData("/api/operations?service=none", """{"data":[],"total":0,"limit":0,"offset":0,"errors":null}""")]
    [InlineData("/api/dependencies", """{"data":[{"parent":"shop","child":"pay","callCount":1}],"total":0,"limit":0,"offset":0,"errors":null}""")]
    public async Task Lists_stand_in_the_envelope(string path, string expected) => Assert.Equal(expected, await TextAsync(path));

    [Theory]
    [InlineData("service=shop", 1)]
    [InlineData("service=none", 0)]
    [InlineData("service=shop&operation=call", 1)]
    [InlineData("service=shop&operation=charge", 0)]
    [InlineData("service=shop&tag=http.status_code:500", 1)]
    [InlineData("service=shop&tag=http.status_code:501", 0)]
    [InlineData("service=shop&tags=%7B%22error%22%3A%22true%22%2C%22span.kind%22%3A%22server%22%7D", 1)]
    [InlineData("service=pay&tag=error:true", 0)]
    [InlineData("service=shop&tag=why:disk%20%22full%22", 1)]
    [InlineData("service=shop&tag=event:boom", 1)]
    [InlineData("service=shop&tag=zone:b", 1)]
    [InlineData("service=shop&minDuration=5ms&maxDuration=1.5s", 1)]
    [InlineData("service=shop&minDuration=1m", 0)]
    [InlineData("service=shop&start=1&end=2", 0)]
    [InlineData("traceID=ab&traceID=ac", 1)]
    public async Task Traces_are_found(string parameters, int count)
    {
        using var json = JsonDocument.Parse(await TextAsync("/jaeger/api/traces?" + parameters));
        Assert.Equal(count, json.RootElement.GetProperty("data").GetArrayLength());
        Assert.Equal(0, json.RootElement.GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_trace_has_jaegers_shape()
    {
        using var json = JsonDocument.Parse(await TextAsync("/jaeger/api/traces/ab"));
        var trace = json.RootElement.GetProperty("data")[0];
        Assert.Equal(Id, trace.GetProperty("traceID").GetString());
        var start = TimestampNs.From(TestClock.DefaultStart).Value / 1000;
        Assert.Equal(
            $$"""
            {"traceID":"{{Id}}","spanID":"0000000000000001","flags":1,"operationName":"GET /","references":[{"refType":"FOLLOWS_FROM","traceID":"000000000000000000000000000000cd","spanID":"0000000000000009"}],"startTime":{{start}},"duration":10000,"tags":[{"key":"otel.scope.name","type":"string","value":"lib"},{"key":"http.status_code","type":"int64","value":500},{"key":"span.kind","type":"string","value":"server"},{"key":"error","type":"bool","value":true},{"key":"otel.status_code","type":"string","value":"ERROR"},{"key":"otel.status_description","type":"string","value":"broken"}],"logs":[{"timestamp":{{start + 1000}},"fields":[{"key":"event","type":"string","value":"boom"},{"key":"why","type":"string","value":"disk \"full\""}]}],"processID":"p1","warnings":null}
            """,
            trace.GetProperty("spans")[0].GetRawText());
        Assert.Equal("""{"serviceName":"shop","tags":[{"key":"zone","type":"string","value":"b"}]}""", trace.GetProperty("processes").GetProperty("p1").GetRawText());
        Assert.Equal("CHILD_OF", trace.GetProperty("spans")[1].GetProperty("references")[0].GetProperty("refType").GetString());
    }

    [Theory]
    [InlineData("/jaeger/api/traces/ac", HttpStatusCode.NotFound)]
    [InlineData("/jaeger/api/traces/xyz", HttpStatusCode.BadRequest)]
    [InlineData("/jaeger/api/traces", HttpStatusCode.BadRequest)]
    [InlineData("/api/operations", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&limit=0", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&minDuration=5", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&minDuration=5s&maxDuration=1s", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&tag=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&tags=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/traces?service=a&start=x", HttpStatusCode.BadRequest)]
    [InlineData("/api/metrics/calls", HttpStatusCode.NotImplemented)]
    public async Task Failures_stand_in_the_envelope_with_their_status(string path, HttpStatusCode expected)
    {
        var response = await _client.GetAsync(new Uri(path, UriKind.Relative), Stop);
        Assert.Equal(expected, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Stop));
        Assert.Equal((int)expected, json.RootElement.GetProperty("errors")[0].GetProperty("code").GetInt32());
    }

    private async Task<string> TextAsync(string path) => await _client.GetStringAsync(new Uri(path, UriKind.Relative), Stop);

    private SpanBatch Call()
    {
        var batch = new SpanBatch();
        var start = TimestampNs.Now(_clock);
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", "shop");
        batch.AddAttribute(AttributeOwner.Resource, "zone", "b");
        batch.AddScope(batch.Store("lib"), default);
        Add(batch, start, 1, 0, "GET /", SpanKind.Server, SpanStatus.Error);
        batch.AddAttribute(AttributeOwner.Span, "http.status_code", 500);
        batch.AddEvent(new TimestampNs(start.Value + 1_000_000), batch.Store("boom"));
        batch.AddAttribute(AttributeOwner.Event, "why", "disk \"full\"");
        batch.AddLink(new LinkRow { TraceId = new TraceId(0, 0xCD), SpanId = new SpanId(9) });
        Add(batch, start, 2, 1, "call", SpanKind.Client, SpanStatus.Unset);
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", "pay");
        batch.AddScope(default, default);
        Add(batch, start, 3, 2, "charge", SpanKind.Server, SpanStatus.Ok);
        return batch;
    }

    private static void Add(SpanBatch batch, TimestampNs start, ulong id, ulong parent, string name, SpanKind kind, SpanStatus status) =>
        batch.AddSpan(new SpanRow
        {
            TraceId = new TraceId(0, 0xAB),
            SpanId = new SpanId(id),
            ParentId = new SpanId(parent),
            Name = batch.Store(name),
            Start = new TimestampNs(start.Value + ((id - 1) * 1000)),
            End = new TimestampNs(start.Value + ((id - 1) * 1000) + 10_000_000),
            Kind = kind,
            Status = status,
            StatusMessage = status == SpanStatus.Error ? batch.Store("broken") : default,
            Flags = 0x101,
        });
}
