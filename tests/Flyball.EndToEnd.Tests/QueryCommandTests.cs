using System.Diagnostics;
using Flyball.EndToEnd.Tests.Support;

namespace Flyball.EndToEnd.Tests;

/// <summary><c>flyball query</c> against a real server.</summary>
public sealed class QueryCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Explain_prints_the_plan_as_a_tree_with_aligned_columns()
    {
        using var folder = new TemporaryFolder();
        await using var server = new FlyballProcess(folder.Path, "host: {enabled: false}\n");
        await server.StartAsync(Token);
        var lines = await QueryAsync(server, "instant", "--explain", "sum by (job) (rate(no_such_metric_total[5m])) + on () vector(time())");
        var head = Array.FindIndex(lines, l => l.StartsWith("part", StringComparison.Ordinal));
        Assert.Collection(
            lines[(head + 1)..],
            l => Assert.StartsWith("+ on ()", l, StringComparison.Ordinal),
            l => Assert.StartsWith("├─ sum by (job)", l, StringComparison.Ordinal),
            l => Assert.StartsWith("│  └─ rate(no_such_metric_total[5m])", l, StringComparison.Ordinal),
            l => Assert.StartsWith("│        no metric \"no_such_metric_total\" in this range of time", l, StringComparison.Ordinal),
            l => Assert.StartsWith("└─ vector", l, StringComparison.Ordinal),
            l => Assert.StartsWith("   └─ time()", l, StringComparison.Ordinal));
        Assert.Single(lines[head..].Where(l => !l.Contains("no metric", StringComparison.Ordinal)).Select(l => l.Length).Distinct());

        var range = await QueryAsync(server, "range", "--start", "1700000000", "--end", "1700000600", "--step", "60", "--explain", "vector(1)");
        Assert.Contains(range, l => l.StartsWith("vector(1)", StringComparison.Ordinal));
        Assert.DoesNotContain(await QueryAsync(server, "instant", "vector(1)"), l => l.StartsWith("part", StringComparison.Ordinal));
    }

    private static async Task<string[]> QueryAsync(FlyballProcess server, params string[] arguments)
    {
        var start = new ProcessStartInfo(FlyballProcess.Program) { UseShellExecute = false, RedirectStandardOutput = true };
        Array.ForEach(["query", .. arguments, "--server", $"http://127.0.0.1:{server.Http}"], start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
