using System.Net;
using System.Net.Http.Headers;
using Flyball.Ingest.Api;
using Flyball.Ingest.RemoteWrite;
using Flyball.Ingest.Tests.RemoteWrite;
using Flyball.Ingest.Tests.Scraping;
using Flyball.Model.Samples;
using Flyball.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Ingest.Tests.Api;

public sealed class RemoteWriteEndpointsTests : IAsyncLifetime
{
    private const string Version1 = "application/x-protobuf", Version2 = "application/x-protobuf;proto=io.prometheus.write.v2.Request";

    private readonly PickySink _sink = new();
    private readonly TestClock _clock = new();
    private WebApplication? _app;
    private HttpClient? _client;

    private long NowMs => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapRemoteWrite(_sink, _clock, new RemoteWriteOptions { MaxRequestBytes = 1 << 20 });
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client!.Dispose();
        await _app!.DisposeAsync();
    }

    [Fact]
    public async Task Samples_of_version_1_are_stored()
    {
        var answer = await PostAsync(WriteRequests.Version1((["__name__", "a", "x", "1"], [(NowMs, 1.5), (NowMs + 1, 2)]), (["__name__", "b"], [(NowMs, 3)])));
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal(["a{x=\"1\"} 1.5", "a{x=\"1\"} 2", "b 3"], _sink.Stored.Select(s => s.ToString()));
        Assert.Equal(AppendMode.AllOrNothing, _sink.Mode);
    }

    [Fact]
    public async Task Refusal_by_a_store_that_never_asked_for_the_labels_names_the_series()
    {
        var sink = new HandleSink();
        var receiver = new RemoteWriteReceiver(sink, _clock, new RemoteWriteOptions { MaxRequestBytes = 1 << 20 }, NullLogger.Instance);
        var request = WriteRequests.Version1((["__name__", "up", "job", "api"], [(NowMs, 1)]));
        Assert.Equal(204, (await receiver.ReceiveAsync(IronSnappy.Snappy.Encode(request), version2: false, TestContext.Current.CancellationToken)).Status);
        var answer = await receiver.ReceiveAsync(IronSnappy.Snappy.Encode(request), version2: false, TestContext.Current.CancellationToken);
        Assert.Equal((400, "out of order sample for series up{job=\"api\"}"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Labels_in_any_order_are_one_series()
    {
        await PostAsync(WriteRequests.Version1((["x", "1", "__name__", "a", "empty", ""], [(NowMs, 1)])));
        Assert.Equal("a{x=\"1\"} 1", Assert.Single(_sink.Stored).ToString());
    }

    [Fact]
    public async Task Version_1_skips_series_without_name_or_with_a_label_twice()
    {
        var answer = await PostAsync(WriteRequests.Version1(
            (["x", "1"], [(NowMs, 1)]), (["__name__", "a", "x", "1", "x", "2"], [(NowMs, 1)]), (["__name__", "good"], [(NowMs, 1)])));
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        Assert.Equal("good 1", Assert.Single(_sink.Stored).ToString());
    }

    [Theory]
    [InlineData(AppendOutcome.DuplicateTimestamp, HttpStatusCode.BadRequest, "duplicate sample for timestamp for series bad\n")]
    [InlineData(AppendOutcome.OutOfOrder, HttpStatusCode.BadRequest, "out of order sample for series bad\n")]
    [InlineData(AppendOutcome.SeriesLimitReached, HttpStatusCode.BadRequest, "series limit reached for series bad\n")]
    public async Task Version_1_fails_as_a_whole(AppendOutcome outcome, HttpStatusCode status, string text)
    {
        _sink.RefuseBad = outcome;
        var answer = await PostAsync(WriteRequests.Version1((["__name__", "good"], [(NowMs, 1)]), (["__name__", "bad"], [(NowMs, 1)])));
        Assert.Equal((status, text), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData(Version1)]
    [InlineData(Version2)]
    public async Task Samples_from_the_future_are_out_of_bounds(string version)
    {
        var later = NowMs + 601_000;
        var request = version == Version1
            ? WriteRequests.Version1((["__name__", "a"], [(later, 1)]))
            : new WriteRequests().Series(["__name__", "a"], (later, 1)).Version2();
        var answer = await PostAsync(request, version);
        Assert.Equal((HttpStatusCode.BadRequest, "out of bounds for series a\n"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Version_2_stores_what_fits_and_says_how_much()
    {
        _sink.RefuseBad = AppendOutcome.OutOfOrder;
        var request = new WriteRequests()
            .Series(["__name__", "good", "x", "1"], (NowMs, 1), (NowMs + 1, 2))
            .Series(["__name__", "bad"], (NowMs, 1))
            .Series(["__name__", "empty"])
            .Series(["x", "nameless"], (NowMs, 1))
            .Histogram(["__name__", "h"], NowMs)
            .Histogram(["__name__", "broken"], NowMs, announcedBuckets: 3)
            .Version2();
        var answer = await PostAsync(request, Version2);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(
            "TimeSeries must contain at least one sample or histogram for series empty\n"
            + "missing metric name, got {x=\"nameless\"}\n"
            + "positive side: spans need 3 buckets, have 2 buckets: histogram spans specify different number of buckets than provided for series broken\n"
            + "out of order sample for series bad\n",
            answer.Text);
        Assert.Equal("2 1 0", answer.Written);
        var histogram = Assert.Single(_sink.Histograms);
        Assert.Equal([3, 4], histogram.PositiveBuckets);
        Assert.Equal((7, 12.5, true), (histogram.Count, histogram.Sum, histogram.HasIntegerCounts));
    }

    [Fact]
    public async Task A_finer_schema_than_8_is_lowered()
    {
        var answer = await PostAsync(new WriteRequests().Histogram(["__name__", "h"], NowMs, schema: 9).Version2(), Version2);
        Assert.Equal(HttpStatusCode.NoContent, answer.Status);
        var histogram = Assert.Single(_sink.Histograms);
        Assert.Equal(8, histogram.Schema);
        // Buckets 1 and 2 at schema 9 are bucket 1 at schema 8.
        Assert.Equal(new Flyball.Model.Histograms.BucketSpan(1, 1), Assert.Single(histogram.PositiveSpans));
        Assert.Equal([7], histogram.PositiveBuckets);
    }

    [Theory]
    [InlineData("text/plain", "snappy", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf;proto=other.Message", "snappy", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(Version1, "gzip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/x-protobuf;proto=prometheus.WriteRequest", "snappy", HttpStatusCode.NoContent)]
    public async Task Types_and_encodings_are_negotiated(string contentType, string encoding, HttpStatusCode status) =>
        Assert.Equal(status, (await PostAsync(WriteRequests.Version1(), contentType, encoding)).Status);

    [Fact]
    public async Task Nonsense_is_a_bad_request_and_never_an_error_of_ours()
    {
        var random = new Random(11);
        var good = new WriteRequests().Series(["__name__", "a", "b", "c"], (NowMs, 1)).Histogram(["__name__", "h"], NowMs).Version2();
        for (var round = 0; round < 500; round++)
        {
            var bad = good.AsSpan(0, random.Next(1, good.Length)).ToArray();
            bad[random.Next(bad.Length)] = (byte)random.Next(256);
            var answer = await PostAsync(bad, random.Next(2) == 0 ? Version1 : Version2);
            Assert.True(answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.NoContent, answer.Text);
        }

        Assert.Equal(HttpStatusCode.BadRequest, (await PostRawAsync([1, 2, 3], Version1, "snappy")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostRawAsync(new byte[2 << 20], Version1, "snappy")).Status);
    }

    [Fact]
    public async Task A_store_that_fails_asks_the_sender_to_come_back()
    {
        _sink.Failure = new IOException("disk full");
        var answer = await PostAsync(WriteRequests.Version1((["__name__", "a"], [(NowMs, 1)])));
        Assert.Equal((HttpStatusCode.InternalServerError, "disk full\n"), (answer.Status, answer.Text));
    }

    private Task<Answer> PostAsync(byte[] message, string contentType = Version1, string encoding = "snappy") =>
        PostRawAsync(IronSnappy.Snappy.Encode(message), contentType, encoding);

    private async Task<Answer> PostRawAsync(byte[] body, string contentType, string encoding)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        content.Headers.ContentEncoding.Add(encoding);
        using var response = await _client!.PostAsync(new Uri("/api/v1/write", UriKind.Relative), content, TestContext.Current.CancellationToken);
        string Header(string name) => response.Headers.TryGetValues($"X-Prometheus-Remote-Write-{name}-Written", out var values) ? values.Single() : "";
        return new Answer(
            response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            $"{Header("Samples")} {Header("Histograms")} {Header("Exemplars")}");
    }

    private sealed record Answer(HttpStatusCode Status, string Text, string Written);

    /// <summary>A sink that refuses the series "bad" when told to.</summary>
    private sealed class PickySink : ISampleSink
    {
        private readonly RecordingSink _recorder = new();

        public AppendOutcome? RefuseBad { get; set; }

        public IOException? Failure { get; set; }

        public List<Stored> Stored { get; } = [];

        public List<Flyball.Model.Histograms.NativeHistogram> Histograms { get; } = [];

        public AppendMode Mode { get; private set; }

        public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Mode = mode;
            var stored = _recorder.Read(batch);
            var rejected = RefuseBad is { } outcome
                ? stored.Select((s, i) => (s, i)).Where(p => p.s.Series == "bad").Select(p => new RejectedSample(p.i, outcome)).ToList()
                : [];
            Stored.AddRange(stored.Where((_, i) => !rejected.Exists(r => r.SampleIndex == i)));
            foreach (var histogram in batch.Histograms)
            {
                if (histogram is not null)
                {
                    Histograms.Add(histogram);
                }
            }

            return ValueTask.FromResult(new AppendReport(stored.Count - rejected.Count, 0, rejected));
        }
    }

    /// <summary>Knows series by their handles alone, and refuses what comes a second time.</summary>
    private sealed class HandleSink : ISampleSink
    {
        public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
        {
            var isKnown = batch.Ref(0) != SeriesRef.None;
            batch.SetRef(0, new SeriesRef(7));
            return ValueTask.FromResult(
                isKnown ? new AppendReport(0, 0, [new RejectedSample(0, AppendOutcome.OutOfOrder)]) : new AppendReport(1, 0, []));
        }
    }
}
