namespace Flyball.Bench.PromQL;

/// <summary>The benchmarks of queries, by the words of the command line.</summary>
internal static class QueryBench
{
    /// <summary>Runs what the words ask for.</summary>
    /// <returns>False if they are not about queries.</returns>
    public static async Task<bool> TryRunAsync(string[] args, CancellationToken cancellationToken)
    {
        switch (args)
        {
            case ["--queries", var folder]:
                await new SuiteFigures(folder, only: null).PrintAsync(cancellationToken);
                return true;
            case ["--queries", var folder, var only]:
                await new SuiteFigures(folder, only).PrintAsync(cancellationToken);
                return true;
            case ["--queries-export", var folder, var target]:
                await new SuiteFigures(folder, only: null).ExportAsync(target, cancellationToken);
                return true;
            case ["--queries-ask", var folder, var server]:
                await new SuiteFigures(folder, only: null).AskAsync(new Uri(server), cancellationToken);
                return true;
            case ["--queries-doubling"]:
                await DoublingFigures.PrintAsync(cancellationToken);
                return true;
            default:
                return false;
        }
    }
}
