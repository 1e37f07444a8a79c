using System.Text;
using Flyball.Durable.Files;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Metrics.Child;

/// <summary>A million series that come and go; the process runs under a heap limit that its starter has set.</summary>
/// <remarks>Prints <c>created N refused N blocks N resident MiB</c>.</remarks>
internal static class ChurnStorm
{
    private const int Generations = 20, SeriesPerGeneration = 50_000, BatchSize = 2000;
    private const long GenerationMs = 20 * 60_000;

    public static async Task<int> RunAsync(string folder, int seriesLimit)
    {
        var options = new MetricStoreOptions
        {
            Directory = folder,
            BlockSpan = TimeSpan.FromMinutes(20),
            LargestBlockSpan = TimeSpan.FromMinutes(20),
            SealDelay = TimeSpan.Zero,
            FutureBound = TimeSpan.FromDays(36_500),
            SeriesLimit = seriesLimit,
        };
        long created = 0, refused = 0;
        await using var store = await MetricStore.OpenAsync(
            options, PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var batch = new SampleBatch();
        for (var generation = 0; generation < Generations; generation++)
        {
            // With a limit nobody ever goes: all generations press into one head.
            var at = 1_767_600_000_000 + (seriesLimit > 0 ? generation : generation * GenerationMs);
            for (var first = 0; first < SeriesPerGeneration; first += BatchSize)
            {
                Fill(batch, generation, first, at);
                var report = await store.AppendAsync(batch, AppendMode.StoreWhatFits, CancellationToken.None);
                created += report.SeriesCreated;
                refused += report.Rejected.Count;
            }

            await store.MaintainAsync(CancellationToken.None);
        }

        var resident = Environment.WorkingSet >> 20;
        Console.WriteLine($"created {created} refused {refused} blocks {store.Statistics.Blocks} resident {resident}");
        return 0;
    }

    private static void Fill(SampleBatch batch, int generation, int first, long at)
    {
        batch.Clear();
        var labels = new LabelSetBuilder();
        for (var i = first; i < first + BatchSize; i++)
        {
            labels.Clear();
            labels.Append("__name__"u8, "container_cpu_seconds_total"u8);
            labels.Append("pod"u8, Encoding.UTF8.GetBytes($"pod-{generation}-{i / 10}"));
            labels.Append("series"u8, Encoding.UTF8.GetBytes(i.ToString()));
            batch.AddSample(batch.AddSeries(labels.BuildEncoded(out _)), new TimestampMs(at), i);
        }
    }
}
