using System.CommandLine;
using Flyball.Durable.Files;
using Flyball.Ingest.Exposition;
using Flyball.Metrics;
using Flyball.Metrics.PrometheusBlocks;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball tsdb …</c>: metrics in and out of a data directory whose server is stopped.</summary>
internal static class TsdbCommand
{
    private const string OpenMetrics = "openmetrics";

    private static readonly Option<string> Data = new("--data")
    {
        Description = "The server's data directory",
        DefaultValueFactory = _ => "data",
        Recursive = true,
    };

    public static Command Create() => new("tsdb", "Move metrics in and out; the server must be stopped") { Data, Import(), Export(), List(), Dump(), Analyze() };

    private static Command Import()
    {
        var source = new Argument<string>("source") { Description = "Data directory of a Prometheus, or a file of OpenMetrics text" };
        var from = new Option<string>("--from") { Description = "What the source is: prometheus or openmetrics", DefaultValueFactory = _ => "prometheus" };
        from.AcceptOnlyFromAmong("prometheus", OpenMetrics);
        var command = new Command("import", "Read a Prometheus data directory, going on where an import was interrupted, or OpenMetrics text") { source, from };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            using var bar = new ProgressLine();
            var report = result.GetValue(from) == OpenMetrics
                ? await ImportTextAsync(store, result.GetRequiredValue(source), token)
                : await store.ImportPrometheusAsync(
                    result.GetRequiredValue(source), new Now<ImportProgress>(p => bar.Show(p.Done, p.Total, $"{p.Samples} samples, {p.Current}")), token);
            bar.End();
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
        var target = new Argument<string>("target") { Description = "Folder to write Prometheus blocks to, or file to write OpenMetrics text to" };
        var to = new Option<string>("--to") { Description = "What the target is: prometheus or openmetrics", DefaultValueFactory = _ => "prometheus" };
        to.AcceptOnlyFromAmong("prometheus", OpenMetrics);
        var command = new Command("export", "Write Prometheus blocks, going on where an export was interrupted, or OpenMetrics text") { target, to };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            if (result.GetValue(to) == OpenMetrics)
            {
                await using var file = new StreamWriter(result.GetRequiredValue(target));
                using var selection = store.Select(new SeriesQuery(TimeRange.All, []), token);
                System.Console.WriteLine($"{new TsdbText(file).OpenMetrics(selection, token)} samples exported");
                return 0;
            }

            using var bar = new ProgressLine();
            var report = await store.ExportPrometheusAsync(
                result.GetRequiredValue(target), TimeRange.All, new Now<ExportProgress>(p => bar.Show(p.Done, p.Total, $"{p.Samples} samples")), token);
            bar.End();
            System.Console.WriteLine($"{report.Samples} samples in {report.Blocks.Count} blocks exported, {report.Skipped} stretches had been exported before");
            return 0;
        });
        return command;
    }

    private static async Task<ImportReport> ImportTextAsync(MetricStore store, string source, CancellationToken cancellationToken)
    {
        const int SamplesAtOnce = 100_000;
        try
        {
            var text = await File.ReadAllBytesAsync(source, cancellationToken);
            return await store.BackfillAsync(OpenMetricsFile.Read(text, SamplesAtOnce), cancellationToken);
        }
        catch (Exception e) when (e is ExpositionFormatException or IOException)
        {
            throw new CommandException($"{source}: {e.Message}; nothing was imported");
        }
    }

    private static Command List()
    {
        var command = new Command("list", "List blocks");
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            System.Console.WriteLine($"{"BLOCK",-24} {"MIN TIME",-24} {"MAX TIME",-24} {"LEVEL",5} {"SERIES",10} {"SAMPLES",12} {"PAGES",10} {"BYTES",12}");
            foreach (var block in store.Blocks)
            {
                System.Console.WriteLine(
                    $"{block.Name,-24} {new TimestampMs(block.StartMs),-24} {new TimestampMs(block.UntilMs),-24} {block.Level,5} {block.Series,10} {block.Samples,12} {block.Pages,10} {block.Bytes,12}");
            }

            return 0;
        });
        return command;
    }

    private static Command Dump()
    {
        var match = new Option<string>("--match") { Description = "Selector of the series", DefaultValueFactory = _ => "{__name__=~'(?s:.*)'}" };
        var min = new Option<long>("--min-time") { Description = "First time, in milliseconds", DefaultValueFactory = _ => long.MinValue };
        var max = new Option<long>("--max-time") { Description = "Last time, in milliseconds", DefaultValueFactory = _ => long.MaxValue };
        var command = new Command("dump", "Write every sample as a line, as promtool tsdb dump does") { match, min, max };
        command.Runs(async (result, token) =>
        {
            await using var store = await OpenAsync(result, token);
            var range = new TimeRange(new TimestampMs(result.GetValue(min)), new TimestampMs(result.GetValue(max)));
            using var selection = store.Select(new SeriesQuery(range, ParseMatch(result.GetRequiredValue(match))), token);
            await using var output = new StreamWriter(System.Console.OpenStandardOutput());
            new TsdbText(output).Dump(selection, token);
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<Matcher> ParseMatch(string text)
    {
        try
        {
            return PromQLExpression.ParseSelector(text);
        }
        catch (PromQLSyntaxException e)
        {
            throw new CommandException($"--match: {e.Message}");
        }
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

    // Unlike Progress<T>, which reports from another thread and later.
    private sealed class Now<T>(Action<T> show) : IProgress<T>
    {
        public void Report(T value) => show(value);
    }
}
