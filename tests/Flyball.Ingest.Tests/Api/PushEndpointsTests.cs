using System.Buffers;
using System.IO.Compression;
using System.Net;
using System.Text;
using Flyball.Ingest.Api;
using Flyball.Ingest.Push;
using Flyball.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Flyball.Ingest.Tests.Api;

public sealed class PushEndpointsTests : IAsyncLifetime
{
    private const string Times = "# HELP push_failure_time_seconds Last Unix time when changing this group in the Pushgateway failed.\n";

    private readonly TestClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(1000));
    private readonly PushStore _store;
    private WebApplication? _app;
    private HttpClient? _client;

    public PushEndpointsTests() => _store = new PushStore(_clock);

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPushgateway(_store);
        await _app.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client!.Dispose();
        await _app!.DisposeAsync();
    }

    [Fact]
    public async Task Put_replaces_a_group_and_post_only_families_of_the_same_name()
    {
        await SendAsync("POST", "/metrics/job/j1/inst/a", "m1 1\nm2 2\n");
        await SendAsync("POST", "/metrics/job/j1/inst/a", "m2 5\n");
        Assert.Equal(["m1{inst=\"a\",job=\"j1\"} 1", "m2{inst=\"a\",job=\"j1\"} 5"], Samples("m"));
        await SendAsync("PUT", "/metrics/job/j1/inst/a", "m1 3\n");
        Assert.Equal(["m1{inst=\"a\",job=\"j1\"} 3"], Samples("m"));
        await SendAsync("PUT", "/metrics/job/j1/inst/a", "");
        Assert.Empty(Samples("m"));
        Assert.Equal(["push_time_seconds{inst=\"a\",job=\"j1\"} 1000"], Samples("push_time"));
        Assert.Equal((202, ""), await SendAsync("DELETE", "/metrics/job/j1/inst/a", ""));
        Assert.Equal(0, _store.GroupCount);
    }

    [Fact]
    public async Task Labels_of_the_group_win()
    {
        await SendAsync("PUT", "/metrics/job/j3", "x{job=\"other\",instance=\"i\"} 1\n");
        Assert.Equal(["x{instance=\"i\",job=\"j3\"} 1"], Samples("x"));
    }

    [Theory]
    [InlineData("PUT", "/metrics/job/j2", "bad{ 1\n", 400, "text format parsing error in line 1: invalid label name for metric \"bad\"\n")]
    [InlineData("PUT", "/metrics/job/j2", "no_newline 1", 400, "text format parsing error in line 1: unexpected end of input stream\n")]
    [InlineData("PUT", "/metrics/job/j2/odd", "x 1\n", 400, "odd number of components in label string \"/odd\"\n")]
    [InlineData("PUT", "/metrics/job/j2/0bad/x", "x 1\n", 400, "improper label name \"0bad\"\n")]
    [InlineData("PUT", "/metrics/job/j2/__x/x", "x 1\n", 400, "improper label name \"__x\"\n")]
    [InlineData("PUT", "/metrics/job@base64/!!!", "x 1\n", 400, "invalid base64 encoding in job name \"\": illegal base64 data at input byte 0\n")]
    [InlineData("PUT", "/metrics/job@base64/=", "x 1\n", 400, "job name is required\n")]
    [InlineData("PUT", "/metrics/job/", "x 1\n", 400, "job name is required\n")]
    [InlineData("PUT", "/metrics/inst/x", "x 1\n", 404, "404 page not found\n")]
    [InlineData("PUT", "/metrics/job/t", "x 1 1234\n", 400, "pushed metrics must not have timestamps\n")]
    [InlineData("PUT", "/metrics/job/t", "x 1\nx 2\n", 400, "pushed metrics are invalid or inconsistent with existing metrics: collected metric x{job=\"t\"} was collected before with the same name and label values\n")]
    [InlineData("DELETE", "/metrics/job/nonexistent", "", 202, "")]
    public async Task Answers_are_those_of_the_Pushgateway(string method, string path, string body, int status, string text) =>
        Assert.Equal((status, text), await SendAsync(method, path, body));

    [Theory]
    [InlineData("/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C", "name=\"Προμηθεύς\"")]
    [InlineData("/metrics/job/titan/dir@base64/L3Zhci90bXA=", "dir=\"/var/tmp\"")]
    [InlineData("/metrics/job/titan/dir@base64/L3Zhci90bXA", "dir=\"/var/tmp\"")]
    [InlineData("/metrics/job/a%20b/x/1", "job=\"a b\"")]
    public async Task Values_of_the_path_are_decoded(string path, string label)
    {
        await SendAsync("PUT", path, "x 1\n");
        Assert.Contains(label, Assert.Single(Samples("x{")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_conflict_keeps_the_old_pushes_and_notes_the_time()
    {
        await SendAsync("PUT", "/metrics/job/a", "# TYPE x counter\nx 1\n");
        _clock.Advance(TimeSpan.FromSeconds(5));
        var (status, text) = await SendAsync("PUT", "/metrics/job/b", "# TYPE x gauge\nx 1\n");
        Assert.Equal(400, status);
        Assert.StartsWith("pushed metrics are invalid or inconsistent with existing metrics: x has type Gauge", text, StringComparison.Ordinal);
        Assert.Equal(["x{job=\"a\"} 1"], Samples("x"));
        Assert.Equal(["push_failure_time_seconds{job=\"a\"} 0", "push_failure_time_seconds{job=\"b\"} 1005"], Samples("push_failure"));
    }

    [Fact]
    public async Task A_compressed_push_is_read_and_a_bomb_is_not()
    {
        Assert.Equal(200, await SendGzipAsync("x 1\n"u8.ToArray()));
        Assert.Equal(["x{job=\"z\"} 1"], Samples("x"));
        Assert.Equal(400, await SendGzipAsync(new byte[32 << 20]));
    }

    [Fact]
    public async Task The_page_can_be_scraped()
    {
        await SendAsync("PUT", "/metrics/job/a", "# HELP x an x\n# TYPE x counter\nx 1\n");
        var page = Page();
        Assert.Contains("# HELP x an x\n# TYPE x counter\nx{job=\"a\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains(Times, page, StringComparison.Ordinal);
    }

    private string Page()
    {
        var page = new ArrayBufferWriter<byte>();
        _store.WritePage(page);
        return Encoding.UTF8.GetString(page.WrittenSpan);
    }

    private IEnumerable<string> Samples(string prefix) =>
        Page().Split('\n').Where(line => line.StartsWith(prefix, StringComparison.Ordinal));

    private async Task<(int Status, string Text)> SendAsync(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative)) { Content = new StringContent(body) };
        using var response = await _client!.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private async Task<int> SendGzipAsync(byte[] body)
    {
        using var zipped = new MemoryStream();
        await using (var zip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await zip.WriteAsync(body, TestContext.Current.CancellationToken);
        }

        using var content = new ByteArrayContent(zipped.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        using var response = await _client!.PutAsync(new Uri("/metrics/job/z", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
