using Flyball.Metrics.Downsampling;
using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;
using static Flyball.Metrics.Tests.Stores;

namespace Flyball.Metrics.Tests.Downsampling;

public sealed class DownsamplingTests
{
    private const long Resolution = 300_000;
    private const string Summaries = "/data/downsampled/5m";

    private static readonly MetricStoreOptions Summarising = Options with
    {
        LargestBlockSpan = TimeSpan.FromHours(6),
        RetentionTime = TimeSpan.FromHours(30),
        Downsampling = [new DownsamplingRule(TimeSpan.FromMinutes(5), TimeSpan.FromHours(8), TimeSpan.FromHours(200))],
    };

    private readonly FaultyFileSystem _disk = new();
    private readonly TestClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private long Now => _clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("", 0, 300)]
    [InlineData("", 0, 3600)]
    [InlineData("last_over_time", 600, 300)]
    [InlineData("min_over_time", 300, 300)]
    [InlineData("max_over_time", 3600, 900)]
    [InlineData("sum_over_time", 3600, 3600)]
    [InlineData("sum_over_time", 86_400, 0)]
    [InlineData("count_over_time", 1800, 600)]
    public async Task Where_windows_end_between_stretches_summaries_answer_what_raw_samples_would(string function, int windowSeconds, int stepSeconds)
    {
        await using var store = await FilledAsync(24);
        Assert.NotEmpty(_disk.List(Summaries + "/last"));
        var last = Now / 3_600_000 * 3_600_000;
        var first = stepSeconds == 0 ? last : last - 86_400_000;
        var query = Query(function, first, last, windowSeconds * 1000L, stepSeconds * 1000L);
        var (summarised, read) = Answers(store, query, function, first, last, windowSeconds * 1000L, stepSeconds * 1000L);
        var (raw, readRaw) = Answers(store, query with { Hints = null }, function, first, last, windowSeconds * 1000L, stepSeconds * 1000L);
        Assert.NotEmpty(raw);
        Assert.Equal(raw, summarised);
        Assert.True(read * 3 < readRaw * 2, $"{read} samples were read where raw there are {readRaw}");
    }

    [Theory]
    [InlineData("rate", 3600, 300, 0)]
    [InlineData("max_over_time", 400, 300, 0)]
    [InlineData("max_over_time", 300, 15, 0)]
    [InlineData("max_over_time", 300, 300, 1)]
    [InlineData("smoothed", 0, 300, 0)]
    public async Task Everything_else_is_read_from_raw_samples_as_long_as_they_are_there(string function, int windowSeconds, int stepSeconds, int offsetMs)
    {
        await using var store = await FilledAsync(24);
        var last = (Now / 3_600_000 * 3_600_000) + offsetMs;
        var query = Query(function, last - 80_000_000, last, windowSeconds * 1000L, stepSeconds * 1000L);
        Assert.Equal(SamplesOf(store, query with { Hints = null }), SamplesOf(store, query));
        using var selection = store.Select(query, Token);
        Assert.Empty(selection.Notes);
    }

    [Fact]
    public async Task Where_raw_samples_are_gone_summaries_stand_in_and_say_so()
    {
        await using var store = await FilledAsync(60);
        var start = Now - (60 * 3_600_000L);
        var query = Query("rate", start, start + 3_600_000, 300_000, 15_000);
        Assert.Equal(0, SamplesOf(store, query with { Hints = null }));
        using var selection = store.Select(query, Token);
        Assert.Contains("summaries of 5m stand in", Assert.Single(selection.Notes), StringComparison.Ordinal);
        Assert.True(SamplesOf(store, query) > 20);
        Assert.Contains("counter", store.LabelValues("__name__", new SeriesQuery(query.Range, []), Token));

        // What has outlived its own time is gone as well.
        _clock.Advance(TimeSpan.FromHours(240));
        await store.AppendAsync(("counter{}", Now, 1));
        await store.SealAsync(Token);
        Assert.Equal(0, SamplesOf(store, query));
        Assert.Empty(_disk.List(Summaries + "/last"));
    }

    [Fact]
    public async Task A_counter_that_was_reset_grows_as_much_in_its_summaries()
    {
        await using var store = await FilledAsync(60);
        var start = Now - (60 * 3_600_000L);
        var range = new TimeRange(new TimestampMs(start), new TimestampMs(start + 6_000_000));
        using var selection = store.Select(Query("increase", start, start + 6_000_000, 6_000_000, 0), Token);
        using var samples = new SampleColumns();
        selection.Read(IndexOf(selection, "counter"), samples, Token);
        double grown = 0;
        for (var i = 1; i < samples.Count; i++)
        {
            grown += samples.Values[i] - (samples.Values[i] < samples.Values[i - 1] ? 0 : samples.Values[i - 1]);
        }

        // The counter grows by 3 at each of four samples a minute and is reset every 50 minutes, which loses its last growth.
        Assert.InRange(grown, 1150, 1200);
        Assert.True(range.Contains(new TimestampMs(samples.TimestampsMs[0])));
    }

    [Fact]
    public async Task Deleted_samples_are_gone_from_summaries_too()
    {
        await using var store = await FilledAsync(60);
        var everything = Query("sum_over_time", Now - (70 * 3_600_000L), Now / Resolution * Resolution, 300_000, 300_000);
        await store.DeleteAsync([[new Matcher(MatchOp.Equal, "__name__", "gauge")]], TimeRange.All, Token);
        using (var selection = store.Select(everything, Token))
        {
            Assert.Equal(-1, IndexOf(selection, "gauge"));
            Assert.NotEqual(-1, IndexOf(selection, "counter"));
        }

        await store.SealAsync(Token);
        Assert.DoesNotContain("gauge", store.LabelValues("__name__", new SeriesQuery(TimeRange.All, []), Token));
    }

    [Fact]
    public async Task Damaged_summaries_are_set_aside_answered_for_by_raw_samples_and_written_again()
    {
        await using (await FilledAsync(24))
        {
        }

        var name = _disk.List(Summaries + "/max")[0].Name;
        _disk.Corrupt(Summaries + "/max/" + name, 40);
        await using var store = await OpenAsync(_disk, _clock, Summarising);
        var query = Query("max_over_time", Now - 90_000_000, Now / Resolution * Resolution, 300_000, 300_000);
        var raw = SamplesOf(store, query with { Hints = null });
        SamplesOf(store, query);
        Assert.Contains(_disk.List(Summaries + "/max"), f => f.Name == name + ".damaged");
        await store.SealAsync(Token);
        Assert.True(SamplesOf(store, query) < raw);
        Assert.Equal(_disk.List(Summaries + "/min").Count, _disk.List(Summaries + "/max").Count(f => f.Name.EndsWith(".block", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_snapshot_holds_the_summaries_too()
    {
        await using var store = await FilledAsync(60);
        var path = await store.SnapshotAsync("copy", skipHead: false, Token);
        await using var copy = await OpenAsync(_disk, _clock, Summarising with { Directory = path });
        var query = Query("", Now - (60 * 3_600_000L), Now / Resolution * Resolution, 0, 300_000);
        Assert.Equal(SamplesOf(store, query), SamplesOf(copy, query));
    }

    [Theory]
    [InlineData(0.5, 8, "resolution")]
    [InlineData(300, 1, "must be at least")]
    [InlineData(300, 29, "lower it to")]
    public async Task Rules_that_cannot_be_kept_are_refused(double resolutionSeconds, int afterHours, string message)
    {
        var options = Summarising with
        {
            Downsampling = [new DownsamplingRule(TimeSpan.FromSeconds(resolutionSeconds), TimeSpan.FromHours(afterHours), TimeSpan.Zero)],
        };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => OpenAsync(_disk, _clock, options));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    private static SeriesQuery Query(string function, long first, long last, long window, long step) =>
        new(new TimeRange(new TimestampMs(first - Math.Max(window, Resolution) + 1), new TimestampMs(last)), [])
        {
            Hints = new SelectHints(new DurationMs(step), new DurationMs(window), function),
        };

    private static long SamplesOf(MetricStore store, SeriesQuery query)
    {
        long count = 0;
        using var selection = store.Select(query, Token);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, Token);
            count += samples.Count;
        }

        return count;
    }

    private static int IndexOf(ISeriesSelection selection, string name)
    {
        for (var i = 0; i < selection.Count; i++)
        {
            if (selection.Labels(i)["__name__"] == name)
            {
                return i;
            }
        }

        return -1;
    }

    // What the function gives at every step, the plain way: a line per series and step that has a value.
    private static (List<string> Lines, long Read) Answers(
        MetricStore store, SeriesQuery query, string function, long first, long last, long window, long step)
    {
        var lines = new List<string>();
        long read = 0;
        using var selection = store.Select(query, Token);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, Token);
            read += samples.Count;
            for (var at = first; at <= last; at += Math.Max(step, 1))
            {
                if (Answer(samples, function, at - Math.Max(window, Resolution), at) is { } answer)
                {
                    lines.Add($"{selection.Labels(i)} {at} {answer}");
                }

                if (step == 0)
                {
                    break;
                }
            }
        }

        return (lines, read);
    }

    private static string? Answer(SampleColumns samples, string function, long from, long until)
    {
        var inside = Enumerable.Range(0, samples.Count).Where(i => samples.TimestampsMs[i] > from && samples.TimestampsMs[i] <= until).ToList();
        var values = inside.Select(i => samples.Values[i]).Where(v => !StaleMarker.Is(v)).ToList();
        var numbers = values.Where(v => !double.IsNaN(v)).ToList();
        return function switch
        {
            "" when inside.Count > 0 => $"{samples.TimestampsMs[inside[^1]]} {BitConverter.DoubleToUInt64Bits(samples.Values[inside[^1]])}",
            _ when values.Count == 0 => null,
            "last_over_time" => $"{values[^1]}",
            "min_over_time" => $"{(numbers.Count > 0 ? numbers.Min() : double.NaN)}",
            "max_over_time" => $"{(numbers.Count > 0 ? numbers.Max() : double.NaN)}",
            "sum_over_time" => $"{values.Sum():G10}",
            "count_over_time" => $"{(samples.AreCounts ? values.Sum() : values.Count)}",
            _ => null,
        };
    }

    private async Task<MetricStore> FilledAsync(int hours)
    {
        var store = await OpenAsync(_disk, _clock, Summarising);
        var random = new Random(hours);
        for (var minute = 0; minute < hours * 60; minute++)
        {
            var batch = new SampleBatch();
            var counter = batch.AddSeries(Series("counter{}"));
            var gauge = batch.AddSeries(Series("gauge{}"));
            var histogram = batch.AddSeries(Series("histogram{}"));
            var pausing = batch.AddSeries(Series("pausing{}"));
            for (var quarter = 0; quarter < 4; quarter++)
            {
                _clock.Advance(TimeSpan.FromSeconds(15));
                batch.AddSample(counter, new TimestampMs(Now), ((minute % 50 * 4) + quarter) * 3);
                batch.AddSample(gauge, new TimestampMs(Now), random.Next(0, 60) == 0 ? double.NaN : Math.Round(random.NextDouble() * 1000, 2));
                batch.AddHistogram(histogram, new TimestampMs(Now), Observed(minute + quarter));
                if (minute % 37 < 20)
                {
                    batch.AddSample(pausing, new TimestampMs(Now), minute % 37 == 19 && quarter == 2 ? StaleMarker.Value : quarter);
                }
            }

            await store.AppendAsync(batch, AppendMode.StoreWhatFits, Token);
            if (minute % 120 == 119)
            {
                await store.SealAsync(Token);
            }
        }

        await store.SealAsync(Token);
        return store;
    }

    private static NativeHistogram Observed(int count) => new()
    {
        Count = count, Sum = count, PositiveSpans = [new BucketSpan(0, 1)], PositiveBuckets = [count], Schema = 0, HasIntegerCounts = true,
    };
}
