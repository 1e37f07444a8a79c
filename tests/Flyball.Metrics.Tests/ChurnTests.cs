namespace Flyball.Metrics.Tests;

/// <summary>A million series in seconds, in a process that is not allowed much memory.</summary>
public sealed class ChurnTests
{
    // 192 MiB of heap; natively the store takes nothing to speak of.
    private const string HeapLimit = "0xC000000";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, "created 1000000 refused 0 ")]
    [InlineData(100_000, "created 100000 refused 900000 ")]
    public async Task A_storm_of_a_million_series_stays_within_a_memory_limit(int seriesLimit, string expected)
    {
        var folder = Directory.CreateTempSubdirectory("flyball-churn-").FullName;
        try
        {
            var limits = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit };
            using var process = ChildProcess.Start(limits, "churn", folder, seriesLimit.ToString());
            var errors = process.StandardError.ReadToEndAsync(Token);
            var said = await process.StandardOutput.ReadToEndAsync(Token);
            await process.WaitForExitAsync(Token);
            TestContext.Current.TestOutputHelper?.WriteLine(said);
            Assert.True(process.ExitCode == 0, await errors);
            Assert.StartsWith(expected, said, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
