using System.CommandLine;
using Flyball.Durable.Files;
using Flyball.Metrics;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball tsdb …</c>: metrics in and out of a data directory whose server is stopped.</summary>
internal static class TsdbCommand
{
    private static readonly Option<string> Data = new("--data")
    {
        Description = "The server's data directory",
        DefaultValueFactory = _ => "data",
        Recursive = true,
    };

    public static Command Create() => new("tsdb", "Move metrics in and out; the server must be stopped") { Data, Import(), Export(), Analyze() };

    private static Command Import()
    {
        var source = new Argument<string>("source") { Description = "Data directory of a Prometheus" };
        var from = new Option<string>("--from") { Description = "What the source is: prometheus", DefaultValueFactory = _ => "prometheus" };
        from.AcceptOnlyFromAmong("prometheus");
        var command = new Command("import", "Read a Prometheus data directory; goes on where it was interrupted") { source, from };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            var progress = new Progress<ImportProgress>(p => Tell($"{p.Done}/{p.Total} parts, {p.Samples} samples, {p.Current}"));
            var report = await store.ImportPrometheusAsync(result.GetRequiredValue(source), progress, token);
            foreach (var problem in report.Problems)
            {
                await System.Console.Error.WriteLineAsync(problem);
            }

            System.Console.WriteLine($"{report.Samples} samples in {report.Blocks} blocks imported, {report.Skipped} parts had been imported before");
            return report.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Export()
    {
        var target = new Argument<string>("target") { Description = "Folder to write Prometheus blocks to" };
        var to = new Option<string>("--to") { Description = "What the target is: prometheus", DefaultValueFactory = _ => "prometheus" };
        to.AcceptOnlyFromAmong("prometheus");
        var command = new Command("export", "Write Prometheus blocks") { target, to };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            var progress = new Progress<ExportProgress>(p => Tell($"{p.Done}/{p.Total} stretches, {p.Samples} samples"));
            var report = await store.ExportPrometheusAsync(result.GetRequiredValue(target), TimeRange.All, progress, token);
            System.Console.WriteLine($"{report.Samples} samples in {report.Blocks.Count} blocks exported");
            return 0;
        });
        return command;
    }

    private static Command Analyze()
    {
        var limit = new Option<int>("--limit") { Description = "How many of each", DefaultValueFactory = _ => 20 };
        var command = new Command("analyze", "Show where series come from") { limit };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            var report = store.Cardinality(result.GetValue(limit));
            System.Console.WriteLine($"{report.Series} series, {report.LabelPairs} label pairs");
            foreach (var (title, counts) in new[]
            {
                ("series by metric", report.SeriesByMetric), ("values by label", report.ValuesByLabel),
                ("bytes by label", report.BytesByLabel), ("series by label pair", report.SeriesByPair),
            })
            {
                System.Console.WriteLine($"\n{title}:");
                foreach (var (name, count) in counts)
                {
                    System.Console.WriteLine($"{count,12} {name}");
                }
            }

            var churn = report.Churn;
            System.Console.WriteLine($"\nin the last {churn.WindowMs / 60_000} minutes {churn.Created} series began and {churn.Ended} ended:");
            foreach (var (name, created, ended) in churn.ByMetric)
            {
                System.Console.WriteLine($"{created,12} {ended,12} {name}");
            }

            return 0;
        });
        return command;
    }

    private static async Task<MetricStore> OpenAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(Path.GetFullPath(result.GetRequiredValue(Data)), "metrics");
        try
        {
            Directory.CreateDirectory(folder);
            return await MetricStore.OpenAsync(
                new MetricStoreOptions { Directory = folder }, PhysicalFileSystem.Instance, TimeProvider.System, NullLoggerFactory.Instance, cancellationToken);
        }
        catch (IOException e)
        {
            throw new CommandException($"{folder} cannot be opened: {e.Message}; is the server still running?");
        }
    }

    private static void Tell(string progress) => System.Console.Error.WriteLine(progress);
}
