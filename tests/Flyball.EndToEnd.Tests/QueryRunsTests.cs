using System.Diagnostics;
using System.Text;
using Flyball.EndToEnd.Tests.Support;

namespace Flyball.EndToEnd.Tests;

/// <summary><c>flyball query runs</c> against a real server that a step announced a run to.</summary>
public sealed class QueryRunsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_are_listed_and_questions_about_them_answered_as_tables()
    {
        using var folder = new TemporaryFolder();
        await using var server = new FlyballProcess(folder.Path, "host: {enabled: false}\n");
        await server.StartAsync(Token);
        using var content = new StringContent(
            """{"event":"started","system":"step","runId":"run-17","attempt":1,"pipeline":"shop","branch":"topic","at":"2026-01-05T09:00:00Z"}""", Encoding.UTF8, "application/json");
        using var response = await server.Client.PostAsync("/hooks/step", content, Token);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}");

        var list = await AskAsync(server, 0);
        Assert.Contains("SYSTEM  PIPELINE", list[0], StringComparison.Ordinal);
        Assert.Contains("shop", list[1], StringComparison.Ordinal);

        var stuck = await AskAsync(server, 0, "stuck", "--longer-than", "1h", "--pipeline=shop", "--since", "0");
        Assert.StartsWith("SO FAR  PIPELINE", stuck[0].TrimStart(), StringComparison.Ordinal);
        Assert.Contains("topic", Assert.Single(stuck.Skip(1)), StringComparison.Ordinal);

        Assert.StartsWith("nothing found between", (await AskAsync(server, 0, "stuck", "--since", "0", "--pipeline", "other"))[0], StringComparison.Ordinal);
        Assert.Contains("\"question\": \"stuck\",", string.Join('\n', await AskAsync(server, 0, "stuck", "--json")), StringComparison.Ordinal);
        Assert.StartsWith("longest", (await AskAsync(server, 0, "questions"))[0], StringComparison.Ordinal);
        Assert.Contains("has no parameter", (await AskAsync(server, 1, "stuck", "--longer", "1h"))[0], StringComparison.Ordinal);
        Assert.Contains("is no question", (await AskAsync(server, 1, "why"))[0], StringComparison.Ordinal);
    }

    private static async Task<string[]> AskAsync(FlyballProcess server, int code, params string[] question)
    {
        var start = new ProcessStartInfo(FlyballProcess.Program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        Array.ForEach((string[])["query", "runs", "--server", $"http://127.0.0.1:{server.Http}", .. question], start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token) + await errors;
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == code, output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
