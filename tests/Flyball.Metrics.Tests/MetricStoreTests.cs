using Flyball.Durable.Log;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;
using static Flyball.Metrics.Tests.Stores;

namespace Flyball.Metrics.Tests;

public sealed class MetricStoreTests
{
    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task What_was_appended_is_read_back_also_after_a_restart()
    {
        var t = Now;
        string before;
        await using (var store = await OpenAsync(_disk, _clock))
        {
            for (var i = 0; i < 100; i++)
            {
                await store.AppendAsync(("a{x=1}", t + i, i), ("a{x=2}", t + i, i % 7 == 0 ? StaleMarker.Value : i / 3.0), ("b{}", t + i, 5));
            }

            before = store.Dump();
        }

        Assert.StartsWith($"a{{x=\"1\"}} {t}=0 {t + 1}=1 ", before);
        Assert.Contains("stale", before);
        await using var again = await OpenAsync(_disk, _clock);
        Assert.Equal(before, again.Dump());
        Assert.Equal(AppendOutcome.OutOfOrder, await again.AppendOneAsync("b{}", t, 1));
    }

    [Theory]
    [InlineData(0, 5, AppendOutcome.Stored)]
    [InlineData(0, 6, AppendOutcome.DuplicateTimestamp)]
    [InlineData(1, 6, AppendOutcome.Stored)]
    [InlineData(-1, 6, AppendOutcome.OutOfOrder)]
    [InlineData(-3_600_001, 6, AppendOutcome.OutOfBounds)]
    [InlineData(600_000, 6, AppendOutcome.Stored)]
    [InlineData(600_001, 6, AppendOutcome.OutOfBounds)]
    public async Task A_second_sample_is_judged_as_Prometheus_judges_it(long later, double value, AppendOutcome expected)
    {
        await using var store = await OpenAsync(_disk, _clock);
        await store.AppendAsync(("a{}", Now, 5));
        Assert.Equal(expected, await store.AppendOneAsync("a{}", Now + later, value));
    }

    [Fact]
    public async Task All_or_nothing_stores_nothing_when_one_sample_is_refused()
    {
        await using var store = await OpenAsync(_disk, _clock);
        await store.AppendAsync(("a{}", Now, 5));
        var batch = Batch(("a{}", Now + 1, 1), ("b{}", Now, 1), ("a{}", Now - 5, 1));
        var report = await store.AppendAsync(batch, AppendMode.AllOrNothing, Token);
        Assert.Equal(0, report.Stored);
        Assert.Equal(new RejectedSample(2, AppendOutcome.OutOfOrder), Assert.Single(report.Rejected));
        Assert.Equal($"a {Now}=5", store.Dump());
        Assert.Equal(AppendOutcome.Stored, await store.AppendOneAsync("a{}", Now + 1, 2));
    }

    [Theory]
    [InlineData("x=", "1", "a{x=\"1\"}")]
    [InlineData("x!", "1", "a b c{x=\"2\"}")]
    [InlineData("x=", "", "a b")]
    [InlineData("x!", "", "a{x=\"1\"} c{x=\"2\"}")]
    [InlineData("x~", "1|2", "a{x=\"1\"} c{x=\"2\"}")]
    [InlineData("x~", "|2", "a b c{x=\"2\"}")]
    [InlineData("x~", ".*", "a a{x=\"1\"} b c{x=\"2\"}")]
    [InlineData("x~", ".+", "a{x=\"1\"} c{x=\"2\"}")]
    [InlineData("x^", "1|3", "a b c{x=\"2\"}")]
    [InlineData("x^", ".+", "a b")]
    [InlineData("x^", "", "a{x=\"1\"} c{x=\"2\"}")]
    [InlineData("y=", "1", "")]
    [InlineData("y=", "", "a a{x=\"1\"} b c{x=\"2\"}")]
    public async Task Matchers_find_the_series_they_accept(string matcher, string value, string expected)
    {
        await using var store = await OpenAsync(_disk, _clock);
        await store.AppendAsync(("a{}", Now, 1), ("c{x=2}", Now, 1), ("a{x=1}", Now, 1), ("b{}", Now, 1));
        var op = matcher[1] switch { '=' => MatchOp.Equal, '!' => MatchOp.NotEqual, '~' => MatchOp.Regex, _ => MatchOp.NotRegex };
        var found = store.Dump(new Matcher(op, matcher[..1], value)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(expected, string.Join(' ', found.Select(line => line.Split(' ')[0])));
    }

    [Fact]
    public async Task A_full_disk_refuses_appends_while_reads_go_on_and_recovers_without_a_restart()
    {
        await using var store = await OpenAsync(_disk, _clock);
        await store.AppendAsync(("a{}", Now, 1));
        var before = store.Dump();
        _disk.Capacity = _disk.Length("/data/wal/0000000001.wal") + 20;
        await Assert.ThrowsAsync<IOException>(() => store.AppendAsync(("a{}", Now + 1, 2), ("b{}", Now + 1, 2)));
        Assert.Equal(before, store.Dump());
        _disk.Capacity = long.MaxValue;
        await store.AppendAsync(("b{}", Now + 1, 3), ("a{}", Now + 1, 3));
        await store.DisposeAsync();
        await using var again = await OpenAsync(_disk, _clock);
        Assert.Equal($"a {Now}=1 {Now + 1}=3\nb {Now + 1}=3", again.Dump());
    }

    [Fact]
    public async Task A_large_log_which_several_threads_read_back_gives_the_same_as_was_written()
    {
        const int Series = 1000, Batches = 800;
        var random = new Random(1);
        var options = Options with { WalSync = WalSync.Interval };
        string before;
        await using (var store = await OpenAsync(_disk, _clock, options))
        {
            var batch = new SampleBatch();
            for (var i = 0; i < Batches; i++)
            {
                batch.Clear();
                for (var series = 0; series < Series; series++)
                {
                    batch.AddSample(batch.AddSeries(LabelSet.Of(("__name__", "m"), ("n", $"{series}"))), new TimestampMs(Now + i), random.NextDouble());
                }

                await store.AppendAsync(batch, AppendMode.AllOrNothing, Token);
            }

            before = store.Dump(new Matcher(MatchOp.Regex, "n", "77.?"));
        }

        Assert.True(_disk.Length("/data/wal/0000000001.wal") > 6 << 20, "the log is so small that one thread reads it");
        await using var again = await OpenAsync(_disk, _clock, options);
        Assert.Equal((Series, (long)Series * Batches), (again.Statistics.HeadSeries, again.Statistics.HeadSamples));
        Assert.Equal(before, again.Dump(new Matcher(MatchOp.Regex, "n", "77.?")));
    }

    [Fact]
    public async Task A_folder_is_used_by_one_store_at_a_time()
    {
        await using var store = await OpenAsync(_disk, _clock);
        await Assert.ThrowsAsync<IOException>(() => OpenAsync(_disk, _clock));
    }

    [Fact]
    public async Task An_open_selection_stays_as_it_was()
    {
        await using var store = await OpenAsync(_disk, _clock);
        for (var i = 0; i < 40; i++)
        {
            await store.AppendAsync(("a{}", Now + i, i));
        }

        using var selection = store.Select(new SeriesQuery(TimeRange.All, []), Token);
        for (var i = 40; i < 200; i++)
        {
            await store.AppendAsync(("a{}", Now + i, i));
        }

        using var samples = new SampleColumns();
        selection.Read(0, samples, Token);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => (double)i), samples.Values.ToArray());
    }

    [Fact]
    public async Task A_batch_that_is_sent_again_after_a_failed_sync_survives_a_power_cut()
    {
        await using (var store = await OpenAsync(_disk, _clock))
        {
            await store.AppendAsync(("a{}", Now, 1));
            (string, long, double)[] batch = [("a{}", Now + 1, 2), ("new{}", Now + 1, 2)];
            _disk.FailAtOperation(2);
            await Assert.ThrowsAsync<IOException>(() => store.AppendAsync(batch));

            // What the failed sync should have written is gone for good.
            _disk.Corrupt("/data/wal/0000000001.wal", _disk.Length("/data/wal/0000000001.wal") - 1);
            Assert.Equal(2, (await store.AppendAsync(batch)).Stored);
            _disk.Crash();
        }

        _disk.Restart(powerLost: true);
        await using var again = await OpenAsync(_disk, _clock);
        Assert.Equal($"a {Now}=1 {Now + 1}=2\nnew {Now + 1}=2", again.Dump());
    }

    [Fact]
    public async Task Metadata_and_exemplars_survive_a_restart()
    {
        var metadata = new MetricMetadata("a", MetricType.Counter, "How many.", "bytes");
        var exemplar = new Exemplar(LabelSet.Of(("trace_id", "1f")), 0.5, new TimestampMs(Now));
        await using (var store = await OpenAsync(_disk, _clock))
        {
            var batch = Batch(("a{}", Now, 1));
            batch.AddMetadata(metadata);
            batch.AddExemplar(0, exemplar);
            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
        }

        await using (var again = await OpenAsync(_disk, _clock))
        {
            Assert.Equal([metadata], again.Metadata);
            var found = again.Exemplars(TimeRange.All, [[new Matcher(MatchOp.Equal, "__name__", "a")]]);
            Assert.Equal(exemplar, Assert.Single(Assert.Single(found).Exemplars));
            await again.SealAsync(Token);
        }

        await using var sealedStore = await OpenAsync(_disk, _clock);
        Assert.Equal([metadata], sealedStore.Metadata);
    }

    [Fact]
    public async Task The_cardinality_report_names_what_makes_series_many()
    {
        await using var store = await OpenAsync(_disk, _clock);
        await store.AppendAsync(("a{pod=1}", Now, 1), ("a{pod=2}", Now, 1), ("b{pod=2}", Now, 1));
        var report = store.Cardinality(top: 1);
        Assert.Equal((3, 4), (report.Series, report.LabelPairs));
        Assert.Equal(("a", 2), (report.SeriesByMetric[0].Name, report.SeriesByMetric[0].Count));
        Assert.Equal(2, Assert.Single(report.ValuesByLabel).Count);
        Assert.Equal(2, Assert.Single(report.SeriesByPair).Count);
    }

    [Fact]
    public async Task The_cardinality_report_names_the_metrics_whose_series_come_and_go()
    {
        await using var store = await OpenAsync(_disk, _clock);
        for (var minute = 0; minute <= 90; minute += 2)
        {
            _clock.Advance(TimeSpan.FromMinutes(2));
            await store.AppendAsync(("steady{}", Now, 1), ($"pod{{n={minute / 10}}}", Now, 1));
        }

        // In the hour from minute 30 on pods 3 to 9 begin and 3 to 7 end; 8 has not been silent for five minutes yet.
        var churn = store.Cardinality(5).Churn;
        Assert.Equal((3_600_000, 7, 5), (churn.WindowMs, churn.Created, churn.Ended));
        Assert.Equal(("pod", 7L, 5L), (churn.ByMetric[0].Name, churn.ByMetric[0].Created, churn.ByMetric[0].Ended));
        Assert.Single(churn.ByMetric);
    }

    [Fact]
    public async Task Series_beyond_the_limit_are_refused_and_the_limit_is_named()
    {
        await using var store = await OpenAsync(_disk, _clock, Options with { SeriesLimit = 2 });
        var report = await store.AppendAsync(("a{}", Now, 1), ("b{}", Now, 1), ("c{}", Now, 1));
        var refused = Assert.Single(report.Rejected);
        Assert.Equal((2, AppendOutcome.SeriesLimitReached), (refused.SampleIndex, refused.Outcome));
        Assert.Contains("storage.limits.max_series", refused.Detail, StringComparison.Ordinal);
        Assert.Equal(AppendOutcome.Stored, await store.AppendOneAsync("a{}", Now + 1, 1));
    }

    [Theory]
    [InlineData("max_series_per_metric", "m{a=3}", "metric \"m\" has 2 series", "n{job=j,instance=i}")]
    [InlineData("max_series_per_job", "x{job=j}", "job \"j\" has 2 series", "x{job=k}")]
    [InlineData("max_series_per_instance", "x{instance=i}", "instance \"i\" has 2 series", "x{instance=k}")]
    public async Task Limits_per_metric_job_and_instance_refuse_what_exceeds_them_and_nothing_else(string limit, string tooMany, string named, string other)
    {
        await using var store = await OpenAsync(_disk, _clock, Options with
        {
            SeriesLimitPerMetric = limit == "max_series_per_metric" ? 2 : 0,
            SeriesLimitPerJob = limit == "max_series_per_job" ? 2 : 0,
            SeriesLimitPerInstance = limit == "max_series_per_instance" ? 2 : 0,
        });
        await store.AppendAsync(("m{a=1,job=j,instance=i}", Now, 1), ("m{a=2,job=j,instance=i}", Now, 1));
        var report = await store.AppendAsync(Batch((tooMany, Now, 1), (other, Now, 1), ("m{a=1,job=j,instance=i}", Now + 1, 1)), AppendMode.AllOrNothing, Token);
        var refused = Assert.Single(report.Rejected);
        Assert.Equal((0, AppendOutcome.SeriesLimitReached), (refused.SampleIndex, refused.Outcome));
        Assert.Equal($"{named}, which is storage.limits.{limit}; raise it or send fewer", refused.Detail);
        Assert.Equal(2, report.Stored);
    }
}
