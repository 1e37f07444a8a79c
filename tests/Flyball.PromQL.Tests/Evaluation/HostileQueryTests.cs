using System.Diagnostics;

namespace Flyball.PromQL.Tests.Evaluation;

/// <summary>Queries made to hurt, in a process of 256 MiB of heap: every one ends in an answer or an error in words.</summary>
/// <remarks>FLYBALL_HOSTILE_QUERIES sets how many (nightly: 10000), FLYBALL_HOSTILE_FIRST with which to begin; a query of a number is always the same.</remarks>
public sealed class HostileQueryTests
{
    private const string HeapLimit = "0x10000000";

    [Fact]
    public async Task Hostile_queries_end_in_an_answer_or_an_error_and_the_process_lives()
    {
        var (code, output) = await InterrogateAsync(
            Environment.GetEnvironmentVariable("FLYBALL_HOSTILE_FIRST") ?? "0", Environment.GetEnvironmentVariable("FLYBALL_HOSTILE_QUERIES") ?? "1000");
        var wrong = output.Where(l => l.StartsWith("wrong", StringComparison.Ordinal)).Take(20).ToList();
        Assert.True(code == 0 && wrong.Count == 0, $"ended with {code} at \"{(output.Count > 0 ? output[^1] : "")}\"\n{string.Join('\n', wrong)}");
        TestContext.Current.SendDiagnosticMessage(output[^1]);
    }

    private static async Task<(int Code, IReadOnlyList<string> Output)> InterrogateAsync(string first, string count)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Flyball.PromQL.Child.dll"), first, count])
        {
            UseShellExecute = false, RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
