using Flyball.PromQL.Testing;
using Flyball.Testing;

namespace Flyball.PromQL.Tests.Testing;

/// <summary>The scripts of shared/conformance/promql, unchanged.</summary>
public sealed class ConformanceScriptTests
{
    /// <summary>Evaluations that do not pass yet, per script. It only ever shrinks: one more passing evaluation fails the test too.</summary>
    private static readonly Dictionary<string, int> KnownFailures = [];

    public static TheoryData<string> Scripts()
    {
        var folder = Path.Combine(SharedData.Root, "conformance/promql");
        var names = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.test").Select(f => Path.GetFileName(f)) : ["(none)"];
        return [.. names.Order(StringComparer.Ordinal)];
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Passes(string name)
    {
        var text = await File.ReadAllTextAsync(
            SharedData.Require("conformance/promql/" + name), TestContext.Current.CancellationToken);
        var report = await PromQLTestScript.RunAsync(text, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(
            report.Failures.Count == KnownFailures.GetValueOrDefault(name),
            $"{report.Passed} passed, {report.Failures.Count} failed:\n{string.Join('\n', report.Failures)}");
    }
}
