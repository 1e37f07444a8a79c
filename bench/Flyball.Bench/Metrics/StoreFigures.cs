using System.Diagnostics;
using Flyball.Durable.Files;
using Flyball.Metrics;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Bench.Metrics;

/// <summary>Appending, size, scanning and starting again, on a real disk.</summary>
internal sealed class StoreFigures(int seriesCount, int samplesPerSeries)
{
    private const int BatchSize = 2000;
    private const long Interval = 15_000;

    public async Task PrintAsync()
    {
        var folder = Directory.CreateTempSubdirectory("flyball-bench-").FullName;
        try
        {
            await RunAsync(new MetricStoreOptions { Directory = Path.Combine(folder, "store"), FutureBound = TimeSpan.FromDays(36500), RetentionTime = TimeSpan.Zero });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task RunAsync(MetricStoreOptions options)
    {
        var shapes = new SeriesShapes(seriesCount);
        var before = MemoryNow();
        var store = await OpenAsync(options);
        await AppendAsync(store, shapes, withHandles: false, 0, samplesPerSeries / 2);
        await AppendAsync(store, shapes, withHandles: true, samplesPerSeries / 2, samplesPerSeries);
        var statistics = store.Statistics;
        Say("memory", $"{(MemoryNow() - before) / 1048576.0:F0} MiB managed, heads {statistics.HeadBytes / 1048576.0:F0} MiB, "
            + $"{statistics.HeadBytes / (double)Math.Max(1, statistics.HeadSeries):F0} bytes per series, {statistics.HeadSeries} series");
        Scan(store, "scan heads");
        await store.DisposeAsync();

        var started = Stopwatch.GetTimestamp();
        store = await OpenAsync(options);
        var replayed = store.Statistics.HeadSamples;
        Say("replay", $"{Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms for {replayed} samples");

        started = Stopwatch.GetTimestamp();
        await store.SealAsync(CancellationToken.None);
        var elapsed = Stopwatch.GetElapsedTime(started);
        statistics = store.Statistics;
        Say("seal", $"{elapsed.TotalNanoseconds / Math.Max(1, replayed):F0} ns per sample, "
            + $"{statistics.BlockBytes / (double)statistics.BlockSamples:F3} bytes per sample in {statistics.Blocks} blocks");
        Scan(store, "scan blocks");
        await store.DisposeAsync();
    }

    private static Task<MetricStore> OpenAsync(MetricStoreOptions options) =>
        MetricStore.OpenAsync(options, PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);

    private static void Say(string what, string figures) => Console.WriteLine($"{what,-14} {figures}");

    private static long MemoryNow() => GC.GetTotalMemory(forceFullCollection: true);

    private async Task AppendAsync(MetricStore store, SeriesShapes shapes, bool withHandles, int from, int until)
    {
        var start = 1_767_600_000_000L;
        var batches = new List<SampleBatch>();
        for (var first = 0; first < seriesCount; first += BatchSize)
        {
            batches.Add(new SampleBatch());
        }

        var cpu = TimeSpan.Zero;
        long samples = 0;
        var allocated = 0L;
        for (var round = from; round < until; round++)
        {
            for (var b = 0; b < batches.Count; b++)
            {
                Fill(batches[b], shapes, b * BatchSize, start + (round * Interval), withHandles);
                var cpuBefore = Environment.CpuUsage.TotalTime;
                var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
                var report = await store.AppendAsync(batches[b], AppendMode.StoreWhatFits, CancellationToken.None);
                cpu += Environment.CpuUsage.TotalTime - cpuBefore;
                allocated += GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
                samples += report.Stored;
            }
        }

        Say(withHandles ? "append known" : "append labels",
            $"{cpu.TotalNanoseconds / samples:F0} ns cpu per sample, {allocated / (double)samples:F2} bytes allocated, {samples} samples");
    }

    private void Fill(SampleBatch batch, SeriesShapes shapes, int first, long at, bool withHandles)
    {
        var handles = new SeriesRef[Math.Min(BatchSize, seriesCount - first)];
        for (var i = 0; withHandles && batch.SeriesCount > 0 && i < handles.Length; i++)
        {
            handles[i] = batch.Ref(i);
        }

        batch.Clear();
        for (var i = 0; i < handles.Length; i++)
        {
            var series = withHandles
                ? batch.AddSeries(shapes.Labels[first + i], handles[i])
                : batch.AddSeries(shapes.Labels[first + i].Encoded);
            batch.AddSample(series, new TimestampMs(at), shapes.Next(first + i));
        }
    }

    private static void Scan(MetricStore store, string what)
    {
        using var samples = new SampleColumns();
        for (var round = 0; round < 3; round++)
        {
            var started = Stopwatch.GetTimestamp();
            using var selection = store.Select(new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Equal, "job", "node")]), CancellationToken.None);
            var selected = Stopwatch.GetElapsedTime(started);
            long count = 0;
            started = Stopwatch.GetTimestamp();
            for (var i = 0; i < selection.Count; i++)
            {
                samples.Clear();
                selection.Read(i, samples, CancellationToken.None);
                count += samples.Count;
            }

            var read = Stopwatch.GetElapsedTime(started);
            Say(what, $"select {selected.TotalMilliseconds:F0} ms for {selection.Count} series, read {read.TotalNanoseconds / Math.Max(1, count):F1} ns per sample");
        }
    }
}
