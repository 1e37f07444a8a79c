// Prometheus, VictoriaMetrics and Flyball in turn on the same data; what each mode measures: bench/README.md.
//
//   bench/peers/run.sh write|queries|scale|spans [--series N] [--hours H] [--interval SECONDS] [--profile mixed|node|ci] [--quick]
//                      [--only flyball,…] [--flyball PROGRAM] [--peers FOLDER] [--cache FOLDER] [--queries REGEX] [--runs N] [--refill]
using Flyball.Bench.Peers;
using Flyball.Bench.Peers.Queries;
using Flyball.Bench.Peers.Scaling;
using Flyball.Bench.Peers.Tracing;
using Flyball.Bench.Peers.Writing;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    // The peers are children of ours: they are stopped on the way out, not left behind.
    pressed.Cancel = true;
    stop.Cancel();
};
try
{
    var options = BenchOptions.Parse(args);
    await (options.Mode switch
    {
        "write" => new WriteBench(options).RunAsync(stop.Token),
        "queries" => new QueryBench(options).RunAsync(stop.Token),
        "spans" => new SpanBench(options, TimeProvider.System).RunAsync(stop.Token),
        "scale" => new ScaleBench(options).RunAsync(stop.Token),
        _ => throw new ArgumentException($"{options.Mode} is no mode: write, queries, scale, spans"),
    });
    return 0;
}
catch (Exception e) when (e is ArgumentException or FileNotFoundException or InvalidOperationException or TimeoutException or OperationCanceledException)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
