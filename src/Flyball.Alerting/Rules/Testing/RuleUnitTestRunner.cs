using System.Text;
using Flyball.Alerting.Rules.Files;
using Flyball.Configuration;
using Flyball.Durable.Files;
using Flyball.Model.Text;
using Flyball.PromQL;

namespace Flyball.Alerting.Rules.Testing;

/// <summary>How rule unit tests are run.</summary>
public sealed record RuleUnitTestOptions
{
    /// <summary>Only tests whose name one of these matches somewhere are run; empty = all.</summary>
    public IReadOnlyList<string> Run { get; init; } = [];

    /// <summary>Whether keys nobody knows are passed over.</summary>
    public bool IgnoreUnknownKeys { get; init; }

    /// <summary>Parts of PromQL that are on; null = the default ones.</summary>
    public PromQLFeatures? Features { get; init; }
}

/// <summary>The outcome of a file of rule unit tests.</summary>
/// <param name="Passed">Tests that passed.</param>
/// <param name="Failed">Tests that did not; a file that cannot be read counts as one.</param>
/// <param name="Messages">What is wrong, for people.</param>
public sealed record RuleUnitTestReport(int Passed, int Failed, IReadOnlyList<string> Messages);

/// <summary>Runs rule unit tests with the verdicts of <c>promtool test rules</c>. Source: Prometheus documentation, "Recording and alerting rules".</summary>
public sealed class RuleUnitTestRunner(IFileSystem files, TimeProvider time)
{
    /// <summary>Runs the tests of a file; the rule files it names are looked for beside it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="RegexSyntaxException">A pattern of <see cref="RuleUnitTestOptions.Run"/> is not valid.</exception>
    public async Task<RuleUnitTestReport> RunAsync(string path, RuleUnitTestOptions options, CancellationToken cancellationToken)
    {
        var problems = new ConfigProblems();
        var file = RuleTestFile.Read(path, ReadText(path), problems, options.IgnoreUnknownKeys);
        var groups = ReadRules(file, options, problems);
        if (problems.Any)
        {
            return new RuleUnitTestReport(0, 1, [.. problems.All.Select(p => p.ToString())]);
        }

        var patterns = options.Run.Select(GoRegex.CompileSearch).ToArray();
        var passed = 0;
        var failed = 0;
        var messages = new List<string>();
        foreach (var test in file.Tests.Where(t => patterns.Length == 0 || patterns.Any(p => p.IsMatch(t.Name))))
        {
            using var run = new RuleTestRun(file, test, groups, options.Features, time);
            var failures = await run.RunAsync(cancellationToken);
            passed += failures.Count == 0 ? 1 : 0;
            failed += failures.Count == 0 ? 0 : 1;
            messages.AddRange(failures.Select(f => $"{path}: {(test.Name.Length > 0 ? $"test \"{test.Name}\": " : "")}{f}"));
        }

        return new RuleUnitTestReport(passed, failed, messages);
    }

    private List<RuleGroupConfig> ReadRules(RuleTestFile file, RuleUnitTestOptions options, ConfigProblems problems)
    {
        var fileOptions = new RuleFileOptions { Features = options.Features, IgnoreUnknownKeys = options.IgnoreUnknownKeys };
        var groups = new List<RuleGroupConfig>();
        foreach (var path in file.RuleFiles.SelectMany(pattern => FileGlob.Expand(files, Folder(file.File), pattern)))
        {
            groups.AddRange(RuleFileReader.Read(path, ReadText(path), problems, fileOptions));
        }

        // Groups that are named come in that order, the others as they stand.
        var order = file.GroupOrder;
        return [.. groups.OrderBy(g => order.Contains(g.Name) ? order.ToList().IndexOf(g.Name) : int.MaxValue)];
    }

    private string ReadText(string path) => Encoding.UTF8.GetString(AtomicPublish.ReadFile(files, path));

    private static string Folder(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";
}
