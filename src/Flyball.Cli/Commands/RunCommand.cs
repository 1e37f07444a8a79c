using System.CommandLine;
using System.Text.Json;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball run …</c>: operates on pipeline runs.</summary>
internal static class RunCommand
{
    private static readonly Option<Uri> Server = ServerClient.ServerOption();
    private static readonly Option<string?> Token = ServerClient.TokenFileOption();
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);

    public static Command Create() => new("run", "Operate on pipeline runs") { Server, Token, Backfill() };

    private static Command Backfill()
    {
        var system = new Option<string?>("--system") { Description = "Only this system: github, gitlab, buildkite or jenkins" };
        system.AcceptOnlyFromAmong("github", "gitlab", "buildkite", "jenkins");
        var since = new Option<string?>("--since") { Description = "How far to look back, e.g. 36h or 7d (default: to where the last pass came)" };
        var command = new Command("backfill", "Have the server ask the configured CI systems for runs that no webhook told of") { system, since };
        command.Runs(async (result, token) =>
        {
            using var client = new ServerClient(result.GetRequiredValue(Server), result.GetValue(Token));
            var query = string.Join('&', from p in new[] { ("system", result.GetValue(system)), ("since", result.GetValue(since)) }
                                         where p.Item2 is not null select $"{p.Item1}={Uri.EscapeDataString(p.Item2)}");
            await client.PostAsync("/api/flyball/backfill?" + query, token);
            return await FollowAsync(client, result.GetValue(system), token);
        });
        return command;
    }

    // Until every target has been read, or the person has seen enough and presses Ctrl-C: the server goes on anyway.
    private static async Task<int> FollowAsync(ServerClient client, string? system, CancellationToken cancellationToken)
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            await Task.Delay(Glance, TimeProvider.System, cancellationToken);
            var answer = await client.GetAsync("/api/flyball/backfill", cancellationToken);
            var targets = answer.GetProperty("targets").EnumerateArray().Where(t => system is null || Text(t, "system") == system).ToArray();
            foreach (var target in targets)
            {
                var name = $"{Text(target, "system")} {Text(target, "target")}";
                var line = $"{name}: {Text(target, "state")}, {target.GetProperty("runs").GetInt32()} runs {Text(target, "message")}".TrimEnd();
                if (shown.GetValueOrDefault(name) != line)
                {
                    shown[name] = line;
                    System.Console.WriteLine(line);
                }
            }

            if (targets.All(t => Text(t, "state") is "done" or "failed"))
            {
                return targets.Any(t => Text(t, "state") == "failed") ? 1 : 0;
            }
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
