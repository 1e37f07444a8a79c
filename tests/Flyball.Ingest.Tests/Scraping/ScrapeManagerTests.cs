using System.IO.Compression;
using System.Text;
using Flyball.Ingest.Discovery;
using Flyball.Ingest.Relabelling;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Ingest.Tests.Scraping;

public sealed class ScrapeManagerTests : IAsyncDisposable
{
    private static readonly CancellationToken None = TestContext.Current.CancellationToken;

    private readonly TestClock _clock = new();
    private readonly RecordingSink _sink = new();
    private readonly ScrapeManager _manager;

    public ScrapeManagerTests() => _manager = new ScrapeManager(_sink, _clock, NullLogger<ScrapeManager>.Instance);

    public async ValueTask DisposeAsync() => await _manager.DisposeAsync();

    [Fact]
    public async Task A_target_is_scraped_at_its_interval_and_shows_as_up()
    {
        await using var server = await ScrapeServer.StartAsync(() => "a 1\n");
        await _manager.ApplyAsync([Job(server.Address)], None);
        var first = await NextScrapeAsync();
        Assert.Equal($"a{{instance=\"{server.Address}\", job=\"shop\"}} 1", first[0].ToString());
        Assert.Equal($"up{{instance=\"{server.Address}\", job=\"shop\"}} 1", first[1].ToString());
        var second = await NextScrapeAsync();
        Assert.Equal(10_000, second[0].AtMs - first[0].AtMs);

        var target = Assert.Single(_manager.Targets().Active);
        Assert.Equal((TargetHealth.Up, "", "shop"), (target.Health, target.LastError, target.ScrapePool));
        Assert.Equal($"http://{server.Address}/metrics", target.ScrapeUrl.ToString());
        Assert.Contains("__address__", target.DiscoveredLabels.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_asks_for_formats_and_says_how_long_it_waits()
    {
        IHeaderDictionary? headers = null;
        await using var server = await ScrapeServer.StartAsync(context =>
        {
            headers = new HeaderDictionary(context.Request.Headers.ToDictionary());
            context.Response.ContentType = "text/plain";
            return Task.CompletedTask;
        });
        var config = Job(server.Address) with
        {
            Http = new HttpClientConfig { BasicAuth = new BasicAuthConfig(new Secret("ada"), new Secret("pw")), Headers = [new("X-Team", new HttpHeaderConfig([new Secret("a")]))] },
        };
        await _manager.ApplyAsync([config], None);
        await NextScrapeAsync();
        Assert.Equal(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
            + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", headers!.Accept);
        Assert.Equal("gzip", headers.AcceptEncoding);
        Assert.Equal("5", headers["X-Prometheus-Scrape-Timeout-Seconds"]);
        Assert.Equal("Basic " + Convert.ToBase64String("ada:pw"u8), headers.Authorization);
        Assert.Equal("a", headers["X-Team"]);
    }

    [Fact]
    public async Task A_compressed_page_is_read()
    {
        await using var server = await ScrapeServer.StartAsync(Gzipped(() => Encoding.UTF8.GetBytes("a 1\n")));
        await _manager.ApplyAsync([Job(server.Address)], None);
        Assert.StartsWith("a{", (await NextScrapeAsync())[0].Series, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bomb_is_cut_off_at_the_body_limit()
    {
        await using var server = await ScrapeServer.StartAsync(Gzipped(() => new byte[64 << 20]));
        await _manager.ApplyAsync([Job(server.Address) with { BodySizeLimit = 1 << 20 }], None);
        Assert.Equal("up 0", UpOf(await NextScrapeAsync()));
        Assert.Equal("body size limit exceeded", Assert.Single(_manager.Targets().Active).LastError);
    }

    [Fact]
    public async Task Another_status_than_200_fails_the_scrape_and_ends_its_series()
    {
        var healthy = true;
        await using var server = await ScrapeServer.StartAsync(context =>
        {
            context.Response.StatusCode = healthy ? 200 : 503;
            context.Response.ContentType = "text/plain";
            return context.Response.WriteAsync("a 1\n");
        });
        await _manager.ApplyAsync([Job(server.Address)], None);
        await NextScrapeAsync();
        healthy = false;
        var failed = await NextScrapeAsync();
        Assert.True(failed[0].IsMarker);
        Assert.Equal("up 0", UpOf(failed));
        Assert.Equal("server returned HTTP status 503 Service Unavailable", Assert.Single(_manager.Targets().Active).LastError);
    }

    [Fact]
    public async Task A_target_that_hangs_is_given_up_at_its_timeout()
    {
        var asked = new SemaphoreSlim(0);
        await using var server = await ScrapeServer.StartAsync(async context =>
        {
            asked.Release();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await _manager.ApplyAsync([Job(server.Address)], None);
        while (!await asked.WaitAsync(1, None))
        {
            await AdvanceAsync(_manager);
        }

        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("up 0", UpOf(await _sink.NextAsync()));
        Assert.EndsWith("context deadline exceeded", Assert.Single(_manager.Targets().Active).LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_stops_in_the_middle_fails()
    {
        await using var server = await ScrapeServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("a 1\n");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        await _manager.ApplyAsync([Job(server.Address)], None);
        Assert.Equal("up 0", UpOf(await NextScrapeAsync()));
    }

    [Fact]
    public async Task Nobody_listening_is_a_target_that_is_down()
    {
        await _manager.ApplyAsync([Job("127.0.0.1:1")], None);
        Assert.Equal("up 0", UpOf(await NextScrapeAsync()));
        Assert.Contains("refused", Assert.Single(_manager.Targets().Active).LastError, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_reload_leaves_unchanged_pools_alone_and_ends_what_is_gone()
    {
        await using var server = await ScrapeServer.StartAsync(() => "a 1\n");
        var other = Job(server.Address) with { JobName = "other" };
        await _manager.ApplyAsync([Job(server.Address), other], None);
        var seen = new List<Stored>();
        while (seen.Count(s => s.Series.StartsWith("up{", StringComparison.Ordinal)) < 4)
        {
            seen.AddRange(await NextScrapeAsync());
        }

        // An equal configuration made anew, as a reload does.
        await _manager.ApplyAsync([Job(server.Address)], None);
        Assert.Equal("shop", Assert.Single(_manager.Targets().Active).ScrapePool);
        var ended = new List<Stored>();
        while (!ended.Exists(s => s.IsMarker))
        {
            ended.AddRange(await NextScrapeAsync());
        }

        Assert.Equal(6, ended.Count(s => s.IsMarker && s.Series.Contains("job=\"other\"", StringComparison.Ordinal)));
        Assert.DoesNotContain(ended, s => s.IsMarker && s.Series.Contains("job=\"shop\"", StringComparison.Ordinal));
        var times = seen.Concat(ended).Where(s => s.Series.StartsWith("up{", StringComparison.Ordinal) && s.Series.Contains("shop", StringComparison.Ordinal)).Select(s => s.AtMs).ToList();
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(10_000, pair.Second - pair.First));
    }

    [Fact]
    public async Task A_changed_pool_goes_on_with_its_targets_and_ends_none_of_their_series()
    {
        await using var server = await ScrapeServer.StartAsync(() => "a 1\n");
        await _manager.ApplyAsync([Job(server.Address)], None);
        await NextScrapeAsync();
        await _manager.ApplyAsync([Job(server.Address) with { SampleLimit = 100 }], None);
        for (var i = 0; i < 5; i++)
        {
            Assert.DoesNotContain(await NextScrapeAsync(), s => s.IsMarker);
        }

        Assert.Equal(0, _sink.WrongRefs);
    }

    [Fact]
    public async Task A_target_that_was_never_scraped_leaves_nothing_behind()
    {
        await _manager.ApplyAsync([Job("127.0.0.1:1")], None);
        await _manager.ApplyAsync([], None);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await _manager.DisposeAsync();
        Assert.False(_sink.TryNext(out _));
    }

    [Fact]
    public async Task Too_many_targets_fail_all_of_them()
    {
        var config = Job("127.0.0.1:1") with { TargetLimit = 1, Discoveries = [new StaticDiscoveryConfig([TargetGroup.Of("0", ["127.0.0.1:1", "127.0.0.1:2"])])] };
        await _manager.ApplyAsync([config], None);
        Assert.Equal("up 0", UpOf(await NextScrapeAsync()));
        while (_manager.Targets().Active.Any(t => t.Health == TargetHealth.Unknown))
        {
            await NextScrapeAsync();
        }

        Assert.All(_manager.Targets().Active, t => Assert.Equal("target_limit exceeded (number of targets: 2, limit: 1)", t.LastError));
    }

    [Fact]
    public async Task Relabelled_targets_are_dropped_and_counted()
    {
        var config = Job("127.0.0.1:1") with
        {
            KeepDroppedTargets = 1,
            Discoveries = [new StaticDiscoveryConfig([TargetGroup.Of("0", ["a:1", "b:1", "c:1"])])],
            RelabelConfigs = [new RelabelRule { SourceLabels = ["__address__"], Regex = "c.*", Action = RelabelAction.Keep }],
        };
        await _manager.ApplyAsync([config], None);
        await NextScrapeAsync();
        var targets = _manager.Targets();
        Assert.Equal((1, 1, 2), (targets.Active.Count, targets.Dropped.Count, targets.DroppedCounts["shop"]));
    }

    [Fact]
    public async Task A_store_that_fails_does_not_end_the_scraping()
    {
        await using var server = await ScrapeServer.StartAsync(() => "a 1\n");
        _sink.Failure = new IOException("disk full");
        await _manager.ApplyAsync([Job(server.Address)], None);
        while (_manager.Targets().Active is not [{ Health: TargetHealth.Up }])
        {
            await AdvanceAsync(_manager);
        }

        _sink.Failure = null;
        Assert.Equal("up 1", UpOf(await NextScrapeAsync()));
    }

    [Fact]
    public async Task A_target_in_the_process_is_scraped_without_a_wire()
    {
        var target = new InProcessTarget("self", "here", DurationMs.FromSeconds(10), output => Encoding.UTF8.GetBytes("a{job=\"x\"} 1\n", output));
        await using var manager = new ScrapeManager(
            _sink, _clock, NullLogger<ScrapeManager>.Instance, new ScrapeManagerOptions { InProcess = [target] });
        Assert.Equal("a{instance=\"here\", job=\"x\"} 1", (await NextScrapeAsync(manager))[0].ToString());
        Assert.Equal("self", Assert.Single(manager.Targets().Active).ScrapePool);
    }

    private static ScrapeConfig Job(string address) => new()
    {
        JobName = "shop",
        ScrapeInterval = DurationMs.FromSeconds(10),
        ScrapeTimeout = DurationMs.FromSeconds(5),
        Discoveries = [new StaticDiscoveryConfig([TargetGroup.Of("0", [address], LabelSet.Empty)])],
    };

    private static RequestDelegate Gzipped(Func<byte[]> page) => async context =>
    {
        context.Response.ContentType = "text/plain";
        context.Response.Headers.ContentEncoding = "gzip";
        await using var zip = new GZipStream(context.Response.Body, CompressionLevel.Fastest);
        await zip.WriteAsync(page());
    };

    private static string UpOf(IReadOnlyList<Stored> batch) =>
        "up " + batch.Single(s => s.Series.StartsWith("up{", StringComparison.Ordinal)).Value;

    private Task<IReadOnlyList<Stored>> NextScrapeAsync() => NextScrapeAsync(_manager);

    // Moves the clock to where the next scrape is due, then waits for what it stores: real input and output happens meanwhile.
    private async Task<IReadOnlyList<Stored>> NextScrapeAsync(ScrapeManager manager)
    {
        for (var round = 0; round < 20_000; round++)
        {
            if (_sink.TryNext(out var batch))
            {
                return batch!;
            }

            await AdvanceAsync(manager);
        }

        throw new TimeoutException("no scrape was stored");
    }

    private async Task AdvanceAsync(ScrapeManager manager)
    {
        if (manager.NextDue is { } due && due > _clock.GetUtcNow())
        {
            _clock.Advance(due - _clock.GetUtcNow());
        }
        else
        {
            await Task.Delay(1, None);
        }
    }
}
