using System.CommandLine;

namespace Flyball.Cli.Commands;

/// <summary>Runs commands so that failures become one line on stderr and exit code 1.</summary>
internal static class CommandActions
{
    public static void Runs(this Command command, Func<ParseResult, CancellationToken, Task<int>> action) =>
        command.SetAction(async (result, cancellationToken) =>
        {
            try
            {
                return await action(result, cancellationToken);
            }
            catch (CommandException e)
            {
                await System.Console.Error.WriteLineAsync("flyball: " + e.Message);
                return 1;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 130;
            }
        });
}
