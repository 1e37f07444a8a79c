using System.CommandLine;
using Flyball.Alerting.Rules.Testing;
using Flyball.Durable.Files;
using Flyball.PromQL.Testing;

namespace Flyball.Cli.Commands;

/// <summary><c>flyball test …</c>: runs people's own tests; the last line is "N passed, N failed".</summary>
internal static class TestCommand
{
    public static Command Create() => new("test", "Run unit tests of rules and queries") { Rules(), PromQL() };

    private static Command Rules()
    {
        var files = new Argument<string[]>("file") { Description = "Unit test files as promtool test rules takes them", Arity = ArgumentArity.OneOrMore };
        var run = new Option<string[]>("--run") { Description = "Only tests whose name matches one of these regular expressions" };
        var ignore = new Option<bool>("--ignore-unknown-fields") { Description = "Pass over keys nobody knows" };
        var command = new Command("rules", "Run unit tests of rule files") { files, run, ignore };
        command.Runs(async (result, token) =>
        {
            var runner = new RuleUnitTestRunner(PhysicalFileSystem.Instance, TimeProvider.System);
            var options = new RuleUnitTestOptions { Run = result.GetValue(run) ?? [], IgnoreUnknownKeys = result.GetValue(ignore) };
            var (passed, failed) = (0, 0);
            foreach (var file in result.GetRequiredValue(files))
            {
                RuleUnitTestReport report;
                try
                {
                    report = await runner.RunAsync(file, options, token);
                }
                catch (Exception e) when (e is IOException or FormatException)
                {
                    throw new CommandException($"{file}: {e.Message}");
                }

                foreach (var message in report.Messages)
                {
                    await System.Console.Error.WriteLineAsync(message);
                }

                passed += report.Passed;
                failed += report.Failed;
            }

            return Finish(passed, failed);
        });
        return command;
    }

    private static Command PromQL()
    {
        var files = new Argument<string[]>("file") { Description = "Scripts in the language of Prometheus' own promqltest", Arity = ArgumentArity.OneOrMore };
        var command = new Command("promql", "Run promqltest scripts") { files };
        command.Runs(async (result, token) =>
        {
            var (passed, failed) = (0, 0);
            foreach (var file in result.GetRequiredValue(files))
            {
                try
                {
                    var report = await PromQLTestScript.RunAsync(await File.ReadAllTextAsync(file, token), TimeProvider.System, token);
                    foreach (var failure in report.Failures)
                    {
                        await System.Console.Error.WriteLineAsync($"{file}: {failure}");
                    }

                    passed += report.Passed;
                    failed += report.Failures.Count;
                }
                catch (Exception e) when (e is IOException or FormatException)
                {
                    throw new CommandException($"{file}: {e.Message}");
                }
            }

            return Finish(passed, failed);
        });
        return command;
    }

    private static int Finish(int passed, int failed)
    {
        System.Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }
}
