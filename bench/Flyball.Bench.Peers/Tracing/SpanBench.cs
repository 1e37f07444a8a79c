using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Flyball.Bench.Peers.Processes;
using Flyball.Bench.Peers.Tables;

namespace Flyball.Bench.Peers.Tracing;

/// <summary>Sends traces to Flyball by OTLP/HTTP, then asks for some by id. No peer: none that stores traces is packaged.</summary>
/// <remarks>
/// 1. Make all requests. 2. Send them over two connections, wait for rest: processor, memory. 3. Ask for traces by id, warm. 4. Stop in
/// order, start again, wait for rest: bytes on disk, those of the log for spans still in memory included.
/// </remarks>
internal sealed class SpanBench(BenchOptions options, TimeProvider time)
{
    private const int Spans = 1_000_000, QuickSpans = 50_000, Questions = 1000;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // 1.
        var source = new TraceRequests(options.Workload.Seed, time.GetUtcNow(), options.SpansOfRuns);
        var count = (options.Quick ? QuickSpans : Spans) / TraceRequests.SpansPerTrace / TraceRequests.TracesPerRequest;
        var requests = Enumerable.Range(0, count).Select(_ => source.Next()).ToArray();
        var folder = Directory.CreateTempSubdirectory("flyball-spans-").FullName;
        try
        {
            await using var peer = new PeerSet(options with { Only = ["flyball"] }).In(folder).Single();
            await MeasureAsync(peer, requests, source.TraceIds, cancellationToken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task MeasureAsync(Peer peer, byte[][] requests, List<byte[]> ids, CancellationToken cancellationToken)
    {
        peer.Start();
        await peer.ReadyAsync(cancellationToken);

        // 2.
        var spans = requests.Length * TraceRequests.SpansPerTrace * TraceRequests.TracesPerRequest;
        var cpu = peer.Cpu();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            requests,
            new ParallelOptions { MaxDegreeOfParallelism = options.Workload.Senders, CancellationToken = cancellationToken },
            async (request, token) => await SendAsync(peer, request, token));
        var wall = watch.Elapsed;
        await peer.RestAsync(TimeSpan.FromSeconds(20), cancellationToken);
        var used = peer.Cpu() - cpu;
        var memory = peer.Memory();
        var late = await LateAsync(peer, cancellationToken);

        // 3.
        var times = await AskAsync(peer, ids, cancellationToken);

        // 4.
        await peer.StopAsync(cancellationToken);
        peer.Start();
        await peer.ReadyAsync(cancellationToken);
        await peer.RestAsync(TimeSpan.FromSeconds(20), cancellationToken);
        var bytes = new DirectoryInfo(Path.Combine(peer.Folder, "data", "traces")).EnumerateFiles("*", SearchOption.AllDirectories)
            .Sum(f => f.Length);

        var table = new MarkdownTable($"{spans} spans, {spans / TraceRequests.SpansPerTrace} traces", "", "goal");
        table.Add("spans per CPU second", $"{spans / used.TotalSeconds:F0}", "≥ 200000");
        table.Add("spans per second, wall", $"{spans / wall.TotalSeconds:F0}", "");
        table.Add("spans counted in span metrics", options.SpanMetrics ? $"{spans - late}" : "off", "");
        table.Add("RSS at peak, MiB", Figures.Mebibytes(memory.Peak), "≤ 512");
        table.Add("bytes per span on disk", $"{bytes / (double)spans:F1}", "≤ 40");
        table.Add("trace by id, p50, ms", Figures.Milliseconds(times[times.Length / 2]), "≤ 5");
        table.Add("trace by id, p99, ms", Figures.Milliseconds(times[times.Length * 99 / 100]), "≤ 5");
        Console.WriteLine(table);
    }

    private static async Task SendAsync(Peer peer, byte[] request, CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var response = await peer.Http.PostAsync(new Uri("/v1/traces", UriKind.Relative), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{peer.Name} refused: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    private static async Task<long> LateAsync(Peer peer, CancellationToken cancellationToken)
    {
        const string Name = "flyball_traces_metrics_late_spans_total ";
        var text = await peer.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), cancellationToken);
        var line = text.Split('\n').FirstOrDefault(l => l.StartsWith(Name, StringComparison.Ordinal));
        return line is null ? 0 : (long)double.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    // Sorted milliseconds of the second half of the questions; the first warms up.
    private static async Task<double[]> AskAsync(Peer peer, List<byte[]> ids, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        var random = new Random(1);
        for (var i = 0; i < Questions * 2; i++)
        {
            var path = new Uri($"/api/traces/{Convert.ToHexStringLower(ids[random.Next(ids.Count)])}", UriKind.Relative);
            var started = Stopwatch.GetTimestamp();
            var body = await peer.Http.GetByteArrayAsync(path, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (body.Length < TraceRequests.SpansPerTrace * 50)
            {
                throw new InvalidOperationException($"{path} has only {body.Length} bytes");
            }
        }

        return [.. times.Skip(Questions).Order()];
    }
}
