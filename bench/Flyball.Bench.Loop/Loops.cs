using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Flyball.Bench.Loop;

/// <summary>Times of one path.</summary>
internal sealed record LoopResult(string Name, double[] SortedMs)
{
    public int Count => SortedMs.Length;

    /// <summary>A quantile by nearest rank.</summary>
    public double At(double quantile) => SortedMs[Math.Clamp((int)Math.Ceiling(quantile * Count) - 1, 0, Count - 1)];
}

/// <summary>The faults.</summary>
internal static class Loops
{
    private const int WarmUp = 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task<LoopResult> ByEventAsync(World world, Uri flyball, int loops)
    {
        var http = new HttpClient { BaseAddress = flyball };
        return MeasureAsync("event, rule, action: Flyball", world, loops, async id =>
        {
            using var body = new StringContent(FailedTask(id), Encoding.UTF8, "application/json");
            using var response = await http.PostAsync("/v1/traces", body);
            response.EnsureSuccessStatusCode();
        });
    }

    public static async Task<LoopResult> ByScrapeAsync(World world, string name, int loops)
    {
        world.ClearFaults();
        var result = await MeasureAsync(name, world, loops, id =>
        {
            world.RaiseFault(id);
            return Task.CompletedTask;
        });
        world.ClearFaults();
        return result;
    }

    private static async Task<LoopResult> MeasureAsync(string name, World world, int loops, Func<string, Task> raise)
    {
        var random = new Random(1);
        var times = new List<double>();
        for (var i = -WarmUp; i < loops; i++)
        {
            var id = $"{name.GetHashCode(StringComparison.Ordinal):x}-{i}";
            world.Expect(id);
            // Faults do not wait for the start of an interval.
            await Task.Delay(random.Next(1, 100));
            var start = Stopwatch.GetTimestamp();
            await raise(id);
            var called = await world.CallForAsync(id, Patience);
            if (i >= 0)
            {
                times.Add(Stopwatch.GetElapsedTime(start, called).TotalMilliseconds);
            }

            if (i % 20 == 0)
            {
                Console.Error.WriteLine($"{name}: {i}/{loops}");
            }
        }

        times.Sort();
        return new LoopResult(name, [.. times]);
    }

    private static string FailedTask(string run)
    {
        var trace = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(run)))[..32];
        var now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        return $$$"""
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"bench"}}]},"scopeSpans":[{"spans":[
             {"traceId":"{{{trace}}}","spanId":"{{{trace[..16]}}}","name":"test","kind":1,
              "startTimeUnixNano":"{{{now - 5_000_000}}}","endTimeUnixNano":"{{{now}}}","status":{"code":2},"attributes":[
               {"key":"flyball.system","value":{"stringValue":"step"}},
               {"key":"cicd.pipeline.name","value":{"stringValue":"bench"}},
               {"key":"cicd.pipeline.run.id","value":{"stringValue":"{{{run}}}"}},
               {"key":"cicd.pipeline.task.name","value":{"stringValue":"test"}},
               {"key":"cicd.pipeline.task.run.id","value":{"stringValue":"{{{run}}}-test"}},
               {"key":"cicd.pipeline.task.run.result","value":{"stringValue":"failure"}},
               {"key":"process.exit.code","value":{"intValue":"1"}}]}]}]}]}
            """;
    }
}
