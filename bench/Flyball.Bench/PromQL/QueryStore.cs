using System.Globalization;
using Flyball.Durable.Files;
using Flyball.Metrics;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Bench.PromQL;

/// <summary>A store filled by a fleet, most of it in blocks, the last minutes in the head.</summary>
internal static class QueryStore
{
    private const int IntervalMs = 15_000;
    private const int BatchSize = 5000;

    /// <summary>Opens the store in a folder, filling it first if it is not there.</summary>
    public static async Task<MetricStore> OpenAsync(string folder, int series, double hours, CancellationToken cancellationToken)
    {
        var fresh = !Directory.Exists(Path.Combine(folder, "metrics"));
        var store = await MetricStore.OpenAsync(
            new MetricStoreOptions { Directory = Path.Combine(folder, "metrics") },
            PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        if (fresh)
        {
            var end = TimestampMs.Now(TimeProvider.System).Value / 60_000 * 60_000;
            await FillAsync(store, new Fleet(series), end, (int)(hours * 3600_000 / IntervalMs), cancellationToken);
            await File.WriteAllTextAsync(EndFile(folder), end.ToString(CultureInfo.InvariantCulture), cancellationToken);
        }

        return store;
    }

    /// <summary>The time of the fleet's newest samples; a server that has the store open may have added others.</summary>
    public static long EndOf(string folder) => long.Parse(File.ReadAllText(EndFile(folder)), CultureInfo.InvariantCulture);

    private static string EndFile(string folder) => Path.Combine(folder, "end");

    private static async Task FillAsync(MetricStore store, Fleet fleet, long end, int rounds, CancellationToken cancellationToken)
    {
        var batches = new SampleBatch[(fleet.Labels.Count + BatchSize - 1) / BatchSize];
        for (var round = 0; round < rounds; round++)
        {
            for (var b = 0; b < batches.Length; b++)
            {
                Fill(batches[b] ??= new SampleBatch(), fleet, b * BatchSize, end - ((rounds - 1L - round) * IntervalMs));
                await store.AppendAsync(batches[b], AppendMode.StoreWhatFits, cancellationToken);
            }

            if (round % 480 == 479)
            {
                await store.MaintainAsync(cancellationToken);
            }

            if (round == rounds - 40)
            {
                await store.SealAsync(cancellationToken);
            }
        }
    }

    private static void Fill(SampleBatch batch, Fleet fleet, int first, long at)
    {
        var handles = new SeriesRef[Math.Min(BatchSize, fleet.Labels.Count - first)];
        var known = batch.SeriesCount > 0;
        for (var i = 0; known && i < handles.Length; i++)
        {
            handles[i] = batch.Ref(i);
        }

        batch.Clear();
        for (var i = 0; i < handles.Length; i++)
        {
            var series = known
                ? batch.AddSeries(fleet.Labels[first + i], handles[i])
                : batch.AddSeries(fleet.Labels[first + i].Encoded);
            batch.AddSample(series, new TimestampMs(at), fleet.Next(first + i));
        }
    }
}
