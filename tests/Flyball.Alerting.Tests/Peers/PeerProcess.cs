using System.Diagnostics;

namespace Flyball.Alerting.Tests.Peers;

/// <summary>Runs a real tool of Prometheus or Alertmanager, where it is installed.</summary>
internal static class PeerProcess
{
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string tool, params string[] arguments)
    {
        var path = "/usr/bin/" + tool;
        if (!File.Exists(path))
        {
            Assert.Skip($"{tool} is not installed; nothing was compared");
        }

        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = Path.GetTempPath() },
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}
