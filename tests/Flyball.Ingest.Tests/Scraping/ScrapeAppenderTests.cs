using System.Text;
using Flyball.Ingest.Bodies;
using Flyball.Ingest.Exposition;
using Flyball.Ingest.Relabelling;
using Flyball.Ingest.Scraping;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Ingest.Tests.Scraping;

public sealed class ScrapeAppenderTests
{
    private static readonly LabelSet Target = LabelSet.Of(("job", "j"), ("instance", "i"));

    private readonly RecordingSink _store = new();
    private readonly SampleBatch _batch = new();
    private long _now = 1000;

    [Fact]
    public void Samples_carry_the_labels_of_their_target()
    {
        var scrape = Scraper(new ScrapeConfig { JobName = "j" });
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 1", "b{instance=\"i\", job=\"j\", x=\"y\"} 2"], scrape("a 1\nb{x=\"y\"} 2\n"));
    }

    [Fact]
    public void A_series_that_is_gone_gets_one_marker_and_starts_again_when_it_comes_back()
    {
        var scrape = Scraper(new ScrapeConfig { JobName = "j" });
        scrape("a 1\nb 1\n");
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 2", "b{instance=\"i\", job=\"j\"} stale"], scrape("a 2\n"));
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 3"], scrape("a 3\n"));
        Assert.Equal(["b{instance=\"i\", job=\"j\"} 4", "a{instance=\"i\", job=\"j\"} stale"], scrape("b 4\n"));
    }

    [Fact]
    public void A_series_written_in_other_bytes_goes_on()
    {
        var scrape = Scraper(new ScrapeConfig { JobName = "j" });
        scrape("a{x=\"1\",y=\"2\"} 1\n");
        Assert.Equal(["a{instance=\"i\", job=\"j\", x=\"1\", y=\"2\"} 2"], scrape("a{y=\"2\", x=\"1\"} 2\n"));
    }

    [Fact]
    public void A_malformed_page_stores_nothing_and_ends_all_series()
    {
        var scrape = Scraper(new ScrapeConfig { JobName = "j" });
        scrape("a 1\nb 1\n");
        Assert.Equal(
            ["a{instance=\"i\", job=\"j\"} stale", "b{instance=\"i\", job=\"j\"} stale"], scrape("a 2\nnew 1\nb x\n").Order(StringComparer.Ordinal));
        Assert.Empty(scrape("a x\n"));
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 3"], scrape("a 3\n"));
    }

    [Fact]
    public void The_second_sample_of_a_series_in_a_page_is_left_out()
    {
        var scrape = Scraper(new ScrapeConfig { JobName = "j" });
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 1"], scrape("a 1\na 2\n"));
    }

    [Theory]
    [InlineData(true, false, 5000, false)]
    [InlineData(false, false, 2000, true)]
    [InlineData(true, true, 5000, true)]
    public void Exposed_times_count_if_honoured_and_then_need_no_marker(bool honoured, bool tracked, long atMs, bool marker)
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j", HonorTimestamps = honoured, TrackTimestampsStaleness = tracked }, Target);
        _now = 2000;
        Assert.Equal(atMs, Assert.Single(Scrape(appender, "a 1 5000\n")).AtMs);
        Assert.Equal(marker, Scrape(appender, "\n").Count == 1);
    }

    [Theory]
    [InlineData(false, "a{exported_job=\"mine\", instance=\"i\", job=\"j\"} 1")]
    [InlineData(true, "a{instance=\"i\", job=\"mine\"} 1")]
    public void Conflicting_labels_are_moved_or_honoured(bool honoured, string expected) =>
        Assert.Equal([expected], Scraper(new ScrapeConfig { JobName = "j", HonorLabels = honoured })("a{job=\"mine\"} 1\n"));

    [Fact]
    public void A_taken_name_gets_another_prefix() =>
        Assert.Equal(
            ["a{exported_exported_job=\"mine\", exported_job=\"x\", instance=\"i\", job=\"j\"} 1"],
            Scraper(new ScrapeConfig { JobName = "j" })("a{job=\"mine\",exported_job=\"x\"} 1\n"));

    [Fact]
    public void Relabelling_drops_and_changes_samples_every_time()
    {
        var scrape = Scraper(new ScrapeConfig
        {
            JobName = "j",
            MetricRelabelConfigs =
            [
                new RelabelRule { SourceLabels = ["__name__"], Regex = "go_.*", Action = RelabelAction.Drop },
                new RelabelRule { Regex = "x", Action = RelabelAction.LabelDrop },
            ],
        });
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 1"], scrape("go_gc 1\na{x=\"1\"} 1\n"));
        Assert.Equal(["a{instance=\"i\", job=\"j\"} 2"], scrape("go_gc 1\na{x=\"1\"} 2\n"));
    }

    [Theory]
    [InlineData("a 1\nb 1\nc 1\n", "sample limit exceeded")]
    [InlineData("a{x=\"1\",y=\"2\"} 1\n", "label_limit exceeded (metric: a, number of labels: 5, limit: 4)")]
    [InlineData("a{long_label_name=\"1\"} 1\n", "label_name_length_limit exceeded (metric: a, label name: long_label_name, length: 15, limit: 10)")]
    [InlineData("a{x=\"123456\"} 1\n", "label_value_length_limit exceeded (metric: a, label name: x, value: \"123456\", length: 6, limit: 5)")]
    [InlineData("a{x=\"1\",x=\"2\"} 1\n", "label name \"x\" is not unique: invalid sample")]
    [InlineData("{\"a.b\"} 1\n", "invalid metric name or label names: {\"a.b\", instance=\"i\", job=\"j\"}")]
    public void Limits_fail_the_whole_scrape(string page, string reason)
    {
        var config = new ScrapeConfig
        {
            JobName = "j", SampleLimit = 2, LabelLimit = 4, LabelNameLengthLimit = 10, LabelValueLengthLimit = 5,
            MetricNameValidation = NameValidation.Legacy,
        };
        var error = Assert.ThrowsAny<Exception>(() => AddPage(new ScrapeAppender(config, Target), page));
        Assert.Equal(reason, error.Message);
    }

    [Fact]
    public void A_target_that_is_gone_ends_its_series_and_those_about_it()
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j" }, Target);
        Scrape(appender, "a 1\n");
        _batch.Clear();
        appender.AddEnd(_batch, new TimestampMs(9000));
        var ended = _store.Read(_batch);
        Assert.Equal(6, ended.Count);
        Assert.All(ended, s => Assert.True(s.IsMarker && s.AtMs == 9000));
    }

    [Fact]
    public void The_report_tells_how_the_scrape_went()
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j", ExtraScrapeMetrics = true, SampleLimit = 9 }, Target);
        _batch.Clear();
        appender.AddReport(_batch, new TimestampMs(1), new ScrapeOutcome(true, TimeSpan.FromSeconds(0.5), new ScrapeCounts { Scraped = 3, Stored = 2, SeriesAdded = 1 }, 77));
        Assert.Equal(
            "up=1 scrape_duration_seconds=0.5 scrape_samples_scraped=3 scrape_samples_post_metric_relabeling=2 scrape_series_added=1 "
            + "scrape_timeout_seconds=10 scrape_sample_limit=9 scrape_body_size_bytes=77",
            string.Join(' ', _store.Read(_batch).Select(s => $"{s.Series.Split('{')[0]}={s.Value}")));
    }

    [Theory]
    [InlineData("", "non-compliant scrape target sending blank Content-Type and no fallback_scrape_protocol specified for target")]
    [InlineData("nonsense", "cannot parse Content-Type \"nonsense\" and no fallback_scrape_protocol specified for target")]
    [InlineData("text/html; x=y", "received unsupported Content-Type \"text/html; x=y\" and no fallback_scrape_protocol specified for target")]
    public void A_page_of_no_known_type_is_refused(string contentType, string reason)
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j" }, Target);
        Assert.Equal(reason, Assert.Throws<ScrapeFailedException>(() => AddPage(appender, "a 1\n", contentType)).Message);
        var lenient = new ScrapeAppender(new ScrapeConfig { JobName = "j", FallbackScrapeProtocol = ScrapeProtocol.PrometheusText004 }, Target);
        Assert.Equal(1, AddPage(lenient, "a 1\n", contentType).Stored);
    }

    [Fact]
    public void Families_are_remembered_and_sent_once()
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j" }, Target);
        AddPage(appender, "# TYPE a counter\n# HELP a counts\\nthings\na 1\n");
        Assert.Equal(new MetricMetadata("a", MetricType.Counter, "counts\nthings", ""), _batch.Metadata[^1]);
        AddPage(appender, "# TYPE a counter\n# HELP a counts\\nthings\na 1\n");
        Assert.Empty(_batch.Metadata);
        Assert.Equal("counts\nthings", Assert.Single(appender.Metadata.Snapshot()).Help);
    }

    [Fact]
    public void A_repeated_scrape_brings_handles_and_allocates_next_to_nothing()
    {
        var appender = new ScrapeAppender(new ScrapeConfig { JobName = "j" }, Target);
        var page = new StringBuilder();
        for (var i = 0; i < 2000; i++)
        {
            page.Append("http_requests_total{path=\"/item/").Append(i).Append("\",code=\"200\"} ").Append(i).Append('\n');
        }

        for (var round = 0; round < 3; round++)
        {
            Scrape(appender, page.ToString());
        }

        Assert.Equal(0, _store.WrongRefs);
        Assert.Equal(2 * 2000, _store.KnownRefs);

        using var body = BodyOf(page.ToString(), "text/plain");
        _batch.Clear();
        var before = GC.GetAllocatedBytesForCurrentThread();
        appender.AddPage(_batch, body, new TimestampMs(_now));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500);
    }

    private Func<string, IEnumerable<string>> Scraper(ScrapeConfig config)
    {
        var appender = new ScrapeAppender(config, Target);
        return page => Scrape(appender, page).Select(s => s.ToString());
    }

    private List<Stored> Scrape(ScrapeAppender appender, string page)
    {
        try
        {
            AddPage(appender, page);
        }
        catch (ExpositionFormatException)
        {
            _batch.Clear();
            appender.AddFailure(_batch, new TimestampMs(_now), pageBegun: true);
        }

        var stored = _store.Read(_batch);
        appender.KeepRefs(_batch);
        _now += 1000;
        return stored;
    }

    private ScrapeCounts AddPage(ScrapeAppender appender, string page, string contentType = "text/plain")
    {
        using var body = BodyOf(page, contentType);
        _batch.Clear();
        return appender.AddPage(_batch, body, new TimestampMs(_now));
    }

    private static BodyBuffer BodyOf(string page, string contentType)
    {
        var body = new BodyBuffer { ContentType = contentType };
        Encoding.UTF8.GetBytes(page, body);
        return body;
    }
}
