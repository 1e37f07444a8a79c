using Flyball.PromQL.Testing;
using Flyball.Testing;

namespace Flyball.PromQL.Tests.Testing;

/// <summary>The project's own scripts.</summary>
public sealed class OwnScriptTests
{
    private static readonly string Folder = Path.Combine(SharedData.Repository, "tests/Flyball.PromQL.Tests/Scripts");

    public static TheoryData<string> Scripts() => [.. Directory.GetFiles(Folder, "*.test").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Passes(string name)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, name), TestContext.Current.CancellationToken);
        var report = await PromQLTestScript.RunAsync(text, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(report.Failures.Count == 0, $"{report.Passed} passed, {report.Failures.Count} failed:\n{string.Join('\n', report.Failures)}");
    }
}
