using BenchmarkDotNet.Running;
using Flyball.Bench.Density;
using Flyball.Bench.Metrics;
using Flyball.Bench.PromQL;
using Flyball.Bench.Runs;
using Flyball.Bench.Traces;

namespace Flyball.Bench;

/// <summary>
/// <c>dotnet run -c Release --project bench/Flyball.Bench -- --quick [series] [samples]</c> prints the figures of the metrics store
/// in a minute; <c>--density TARGETS SAMPLES [PATH OF VICTORIA-METRICS]</c> where the bytes of a block go;
/// <c>--traces</c> measures the span store, see <see cref="TraceFigures"/>;
/// <c>--queries FOLDER [part of a name]</c> fills a store once and runs the query suite on it, in the engine and over HTTP;
/// <c>--runs [count]</c> a history of runs and questions over all of it;
/// without any of these BenchmarkDotNet takes over with its own arguments.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is ["--quick", ..])
        {
            var series = args.Length > 1 ? int.Parse(args[1]) : 99_000;
            var samples = args.Length > 2 ? int.Parse(args[2]) : 121;
            await new StoreFigures(series, samples).PrintAsync();
            ColumnFigures.Print();
            return 0;
        }

        if (args is ["--density", ..])
        {
            await DensityFigures.PrintAsync(int.Parse(args[1]), int.Parse(args[2]), args.Length > 3 ? args[3] : null);
            return 0;
        }

        if (args is ["--runs", ..])
        {
            await new RunFigures(args.Length > 1 ? int.Parse(args[1]) : 1_000_000).PrintAsync(CancellationToken.None);
            return 0;
        }

        if (await QueryBench.TryRunAsync(args, CancellationToken.None))
        {
            return 0;
        }

        if (args is ["--traces", ..])
        {
            return await TraceFigures.RunAsync(args[1..]);
        }

        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
    }
}
