using Flyball.Durable.Files;
using Flyball.Durable.Log;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Tests;

/// <summary>Opens stores and says what is in them, so that tests show only their point.</summary>
internal static class Stores
{
    public static readonly MetricStoreOptions Options = new() { Directory = "/data", WalSync = WalSync.Always };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<MetricStore> OpenAsync(IFileSystem disk, TestClock clock, MetricStoreOptions? options = null) =>
        MetricStore.OpenAsync(options ?? Options, disk, clock, NullLoggerFactory.Instance, Token);

    public static LabelSet Series(string text)
    {
        var name = text.Split('{')[0];
        var builder = new LabelSetBuilder().Set("__name__", name);
        foreach (var pair in text.TrimEnd('}').Split('{').Skip(1).SelectMany(l => l.Split(',', StringSplitOptions.RemoveEmptyEntries)))
        {
            builder.Set(pair.Split('=')[0], pair.Split('=')[1]);
        }

        return builder.Build();
    }

    public static SampleBatch Batch(params ReadOnlySpan<(string Series, long At, double Value)> samples)
    {
        var batch = new SampleBatch();
        foreach (var (series, at, value) in samples)
        {
            batch.AddSample(batch.AddSeries(Series(series)), new TimestampMs(at), value);
        }

        return batch;
    }

    public static async Task<AppendReport> AppendAsync(this MetricStore store, params (string Series, long At, double Value)[] samples) =>
        await store.AppendAsync(Batch(samples), AppendMode.StoreWhatFits, Token);

    public static async Task<AppendOutcome> AppendOneAsync(this MetricStore store, string series, long at, double value)
    {
        var report = await store.AppendAsync((series, at, value));
        return report.Rejected.Count == 0 ? AppendOutcome.Stored : report.Rejected[0].Outcome;
    }

    /// <summary>All samples as <c>series @time value, …</c>, a line per series.</summary>
    public static string Dump(this MetricStore store, params Matcher[] matchers) => store.Dump(TimeRange.All, matchers);

    public static string Dump(this MetricStore store, TimeRange range, params Matcher[] matchers)
    {
        var lines = new List<string>();
        using var selection = store.Select(new SeriesQuery(range, matchers), Token);
        using var samples = new SampleColumns();
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, Token);
            var list = new List<string>();
            for (var j = 0; j < samples.Count; j++)
            {
                list.Add($"{samples.TimestampsMs[j]}={Text(samples.Values[j])}");
            }

            lines.Add(selection.Labels(i) + " " + string.Join(' ', list));
        }

        return string.Join('\n', lines);
    }

    private static string Text(double value) => StaleMarker.Is(value) ? "stale" : value.ToString("R");
}
