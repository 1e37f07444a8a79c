using System.Diagnostics;
using Flyball.Durable.Files;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Traces;
using Flyball.Traces.Pages;
using Flyball.Traces.Segments;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Metrics;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Bench.Traces;

/// <summary>Figures of the span store at size.</summary>
/// <remarks>
/// <code>
/// dotnet run -c Release --project bench/Flyball.Bench -- --traces fill DIR FIRST COUNT    segments FIRST … of 800 000 spans, written directly
/// dotnet run -c Release --project bench/Flyball.Bench -- --traces ask DIR                 opens DIR and asks
/// </code>
/// 125 segments are 100 million spans; 800 000 spans is where compaction stops with the standard options.
/// </remarks>
internal static class TraceFigures
{
    private const int SegmentTraces = 16_000;
    private const int TracesPerPage = 80;

    public static async Task<int> RunAsync(string[] args)
    {
        switch (args)
        {
            case ["fill", var directory, var first, var count]:
                Fill(directory, int.Parse(first), int.Parse(count));
                return 0;
            case ["ask", var directory]:
                await AskAsync(directory);
                return 0;
            default:
                await Console.Error.WriteLineAsync("--traces fill DIR FIRST COUNT | --traces ask DIR");
                return 1;
        }
    }

    private static void Fill(string directory, int first, int count)
    {
        var segments = Path.Combine(directory, "segments");
        Directory.CreateDirectory(segments);
        var watch = Stopwatch.StartNew();
        Parallel.For(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            var inputs = new List<MergeInput>();
            var batch = new SpanBatch();
            for (var page = 0; page < SegmentTraces / TracesPerPage; page++)
            {
                batch.Clear();
                for (var i = 0; i < TracesPerPage; i++)
                {
                    TraceShapes.Add(batch, ((long)number * SegmentTraces) + (page * TracesPerPage) + i);
                }

                inputs.Add(MergeInput.Of(BatchToPage.Convert(batch)));
            }

            SegmentWriter.Write(
                PhysicalFileSystem.Instance, Path.Combine(segments, SegmentFormat.FileName(number + 1)), inputs, [], 5, CancellationToken.None);
        });
        var spans = (long)count * SegmentTraces * TraceShapes.SpansPerTrace;
        Console.WriteLine($"{spans / 1e6:0.0} M spans written in {watch.Elapsed.TotalSeconds:0.0} s, CPU {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:0.0} s");
    }

    private static async Task AskAsync(string directory)
    {
        var watch = Stopwatch.StartNew();
        var options = new SpanStoreOptions { Directory = directory, KeepFor = TimeSpan.FromDays(3650) };
        await using var store = await SpanStore.OpenAsync(options, PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
        var stats = store.Stats;
        Console.WriteLine($"{stats.Spans / 1e6:0.0} M spans, {stats.Segments} segments, {(double)stats.Bytes / stats.Spans:0.0} bytes/span, opened in {watch.ElapsedMilliseconds} ms");
        var traces = stats.Spans / TraceShapes.SpansPerTrace;
        await ReadAsync(store, traces);
        string[] searches =
        [
            $$"""{ span.vcs.ref.head.revision = "{{TraceShapes.RevisionOf(traces / 3)}}" }""",
            """{ name = "oom-killer" }""",
            """{ resource.service.name = "ci-7" && status = error && duration > 600s }""",
            """{ span.process.exit.code = 137 }""",
            """{ span.process.exit.code = 138 }""",
            """{ span.process.exit.code > 200 && status = error }""",
            """{ status = error }""",
            """{ name = "run" } >> { span.process.exit.code = 137 }""",
            """{ span.cicd.worker.id =~ "worker-4.*" && status = error }""",
            """{ span.vcs.ref.head.revision =~ "ffff.*" }""",
            """{ .no.such.attribute = "x" }""",
        ];
        foreach (var query in searches)
        {
            Time(query, () => store.Search(new TraceQLSearch(query), CancellationToken.None).Traces.Count + " traces");
        }

        var last = new TimestampNs(TraceShapes.StartOf(traces));
        Measure(store, "{} | rate()", last, TimeSpan.FromHours(1));
        Measure(store, "{ status = error } | rate() by (resource.service.name)", last, TimeSpan.FromHours(6));
        Measure(store, "{} | quantile_over_time(duration, 0.99) by (name)", last, TimeSpan.FromHours(1));
        Console.WriteLine($"resident {Process.GetCurrentProcess().WorkingSet64 >> 20} MiB (mapped files included), managed {GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB");
    }

    private static async Task ReadAsync(SpanStore store, long traces)
    {
        var random = new Random(5);
        var times = new List<double>();
        for (var i = 0; i < 1000; i++)
        {
            var id = TraceShapes.IdOf(random.NextInt64(traces));
            var watch = Stopwatch.StartNew();
            var batch = await store.ReadTraceAsync(id, CancellationToken.None);
            times.Add(watch.Elapsed.TotalMilliseconds);
            if (batch?.Count != TraceShapes.SpansPerTrace)
            {
                throw new InvalidOperationException($"trace {id} came back with {batch?.Count} spans");
            }
        }

        var first = times[0];
        times.Sort();
        Console.WriteLine($"trace by id: first {first:0.00} ms, p50 {times[500]:0.00} ms, p99 {times[990]:0.00} ms, max {times[^1]:0.00} ms");
    }

    private static void Measure(SpanStore store, string query, TimestampNs until, TimeSpan range) => Time($"{query} over {range}", () =>
    {
        var from = until.Value - ((ulong)range.Ticks * 100);
        using var view = store.View();
        return new MetricsExecutor(view, TimeSlots.Of(from, until.Value, 60_000_000_000)).Run(Parser.Parse(query), CancellationToken.None).Count + " series";
    });

    private static void Time(string what, Func<string> ask)
    {
        var times = new double[3];
        var answer = "";
        for (var i = 0; i < times.Length; i++)
        {
            var watch = Stopwatch.StartNew();
            answer = ask();
            times[i] = watch.Elapsed.TotalMilliseconds;
        }

        Console.WriteLine($"{times[0],9:0.0} ms first {times.Skip(1).Min(),9:0.0} ms again  {answer,-12} {what}");
    }
}
