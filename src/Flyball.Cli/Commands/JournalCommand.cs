using System.CommandLine;
using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Durable.Journal;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball journal …</c>: reads and checks the record of who did what and why.</summary>
internal static class JournalCommand
{
    private static readonly Option<Uri> Server = ServerClient.ServerOption();
    private static readonly Option<string?> Token = ServerClient.TokenFileOption();

    public static Command Create() => new("journal", "Read and check the journal") { Server, Token, List(), Verify() };

    private static Command List()
    {
        var limit = new Option<int>("--limit") { Description = "How many", DefaultValueFactory = _ => 50 };
        var command = new Command("list", "Show the newest entries of a server") { limit };
        command.Runs(async (result, token) =>
        {
            using var client = new ServerClient(result.GetRequiredValue(Server), result.GetValue(Token));
            var answer = await client.GetAsync($"/api/flyball/journal?limit={result.GetValue(limit)}", token);
            foreach (var entry in answer.GetProperty("entries").EnumerateArray().Reverse())
            {
                System.Console.WriteLine(
                    $"{entry.GetProperty("position").GetInt64(),6}  {Text(entry, "at")}  {Text(entry, "kind"),-22} {Text(entry, "actor"),-28} "
                    + $"{Text(entry, "subject")}  {Text(entry, "reason")}");
            }

            return 0;
        });
        return command;
    }

    private static Command Verify()
    {
        var folder = new Argument<string?>("dir")
        {
            Description = "Data directory of a server, or the journal folder in it; without it, a running server is asked",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("verify", "Check every byte of the journal; exit code 1 if one was changed") { folder };
        command.Runs((result, token) => result.GetValue(folder) is { } path
            ? Task.FromResult(VerifyFolder(path, token))
            : VerifyServerAsync(result, token));
        return command;
    }

    private static int VerifyFolder(string path, CancellationToken cancellationToken)
    {
        var folder = Directory.Exists(Path.Combine(path, "journal")) ? Path.Combine(path, "journal") : path;
        if (!Directory.Exists(folder))
        {
            throw new CommandException($"there is no folder {folder}; give the server's --data directory");
        }

        var verdict = JournalVerifier.Verify(PhysicalFileSystem.Instance, folder, head: null, cancellationToken);
        if (verdict.Ok)
        {
            System.Console.WriteLine($"ok: {verdict.Entries} entries, last hash {verdict.Hash}");
            return 0;
        }

        var damage = verdict.Damage!;
        System.Console.WriteLine($"DAMAGED: {damage.Path}, byte {damage.Offset}, entry {damage.Position}: {damage.What}");
        System.Console.WriteLine($"{verdict.Entries} entries before it are good");
        return 1;
    }

    private static async Task<int> VerifyServerAsync(ParseResult result, CancellationToken cancellationToken)
    {
        using var client = new ServerClient(result.GetRequiredValue(Server), result.GetValue(Token));
        var answer = await client.GetAsync("/api/flyball/journal/verify", cancellationToken);
        var entries = answer.GetProperty("entries").GetInt64();
        if (answer.GetProperty("ok").GetBoolean())
        {
            System.Console.WriteLine($"ok: {entries} entries");
            return 0;
        }

        System.Console.WriteLine($"DAMAGED: {Text(answer, "error")}");
        return 1;
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";
}
