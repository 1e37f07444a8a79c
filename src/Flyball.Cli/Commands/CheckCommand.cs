using System.CommandLine;
using Flyball.Alerting.Rules.Files;
using Flyball.Server.Configuration;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball check …</c>: validates files; exit code 1 and file:line:column on mistakes.</summary>
internal static class CheckCommand
{
    public static Command Create() => new("check", "Validate files without a server") { Config(), Rules() };

    private static Command Config()
    {
        var files = new Argument<string[]>("file") { Description = "flyball.yml or prometheus.yml", Arity = ArgumentArity.OneOrMore };
        var command = new Command("config", "Check configuration files, the rule files they name included") { files };
        command.Runs((result, _) =>
        {
            var bad = 0;
            foreach (var file in result.GetRequiredValue(files))
            {
                var outcome = ConfigLoader.LoadFile(file);
                foreach (var warning in outcome.Warnings)
                {
                    System.Console.Error.WriteLine($"{warning} (warning)");
                }

                foreach (var problem in outcome.Problems)
                {
                    System.Console.Error.WriteLine(problem);
                }

                bad += outcome.Problems.Count;
                if (outcome.Config is { } config)
                {
                    System.Console.WriteLine(
                        $"{file}: ok ({config.ScrapePools.Count} scrape pools, {config.RuleFiles.Count} rule files with {config.RuleGroups.Sum(g => g.Rules.Count)} rules)");
                }
            }

            return Task.FromResult(bad == 0 ? 0 : 1);
        });
        return command;
    }

    private static Command Rules()
    {
        var files = new Argument<string[]>("file") { Description = "Rule files", Arity = ArgumentArity.OneOrMore };
        var command = new Command("rules", "Check rule files") { files };
        command.Runs((result, _) =>
        {
            var bad = false;
            foreach (var file in result.GetRequiredValue(files))
            {
                if (!File.Exists(file))
                {
                    throw new CommandException($"{file}: there is no such file");
                }

                var report = RuleFileChecker.Check(file, File.ReadAllText(file));
                foreach (var problem in report.Problems.Concat(report.Duplicates))
                {
                    System.Console.Error.WriteLine(problem);
                }

                bad |= report.Problems.Count > 0;
                System.Console.WriteLine($"{file}: {report.Groups.Count} groups, {report.RuleCount} rules, {report.Problems.Count} problems");
            }

            return Task.FromResult(bad ? 1 : 0);
        });
        return command;
    }
}
