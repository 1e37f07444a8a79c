// How long from a fault to the call that mends it: Flyball beside Prometheus + Alertmanager + webhook, in one run.
//
//   dotnet run -c Release --project bench/Flyball.Bench.Loop -- [loops, 200 by default]
//
// Three paths, `loops` faults each, one after the other, every fault a new alert instance:
//   event    a CI event arrives by OTLP/HTTP   → reactive rule → policy → HTTP action     (Flyball)
//   scrape   a gauge of an exporter turns 1    → scrape, rule, policy → HTTP action       (Flyball, 1 s scrape interval)
//   peers    the same gauge, the same interval → prometheus → alertmanager → webhook      (group_wait 0s, evaluation 1 s)
using Flyball.Bench.Loop;

var loops = args.Length > 0 ? int.Parse(args[0]) : 200;
var folder = Directory.CreateTempSubdirectory("flyball-loop-").FullName;
try
{
    await using var world = await World.StartAsync();
    var results = new List<LoopResult>();
    await using (var flyball = await Peers.StartFlyballAsync(world, folder))
    {
        results.Add(await Loops.ByEventAsync(world, flyball, loops));
        results.Add(await Loops.ByScrapeAsync(world, "scrape, rule, action: Flyball", loops));
    }

    await using (var peers = await Peers.StartPrometheusAsync(world, folder))
    {
        if (peers is not null)
        {
            results.Add(await Loops.ByScrapeAsync(world, "scrape, rule, webhook: prometheus + alertmanager", loops));
        }
    }

    Console.WriteLine();
    Console.WriteLine("| path | loops | p50 ms | p99 ms | max ms |");
    Console.WriteLine("|---|---:|---:|---:|---:|");
    foreach (var result in results)
    {
        Console.WriteLine($"| {result.Name} | {result.Count} | {result.At(0.50):0.0} | {result.At(0.99):0.0} | {result.At(1):0.0} |");
    }

    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}
