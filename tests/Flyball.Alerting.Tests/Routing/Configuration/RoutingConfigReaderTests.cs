using System.Text.Json;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Configuration;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Routing.Configuration;

public sealed class RoutingConfigReaderTests
{
    [Fact]
    public void Alertmanagers_files_load_or_fail_for_its_reasons_or_because_of_receivers_we_lack()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/config/alertmanager-errors.json")));
        var folder = SharedData.Require("conformance/config/alertmanager");
        foreach (var testCase in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            var file = testCase.GetProperty("file").GetString()!;
            var problems = Read(File.ReadAllText(Path.Combine(folder, file)));
            var others = problems.Where(p => !p.Contains("is not supported", StringComparison.Ordinal)).ToArray();
            var usesOthers = others.Length < problems.Count;
            if (testCase.GetProperty("error").GetString() is not { } error)
            {
                Assert.True(others.Length == 0, file + ": " + string.Join("; ", others));
            }
            else
            {
                Assert.True(usesOthers || others.Any(o => o.Contains(error, StringComparison.Ordinal)), file + ": " + string.Join("; ", others));
            }
        }
    }

    [Theory]
    [InlineData("{}", "am.yml:1:1: no routes provided")]
    [InlineData("route: {group_by: [a]}", "am.yml:1:8: root route must specify a default receiver")]
    [InlineData("route: {receiver: a}", "am.yml:1:19: undefined receiver \"a\" used in route")]
    [InlineData("receivers: [{name: a}]\nroute: {receiver: a, matchers: [x=y]}", "am.yml:2:8: root route must not have any matchers")]
    [InlineData("receivers: [{name: a}]\nroute: {receiver: a, group_by: [x, x]}", "am.yml:2:32: duplicated label \"x\" in group_by")]
    [InlineData("receivers: [{name: a}]\nroute: {receiver: a, repeat_interval: 0s}", "am.yml:2:39: repeat_interval cannot be zero")]
    [InlineData("receivers: [{name: a}]\nroute: {receiver: a, routes: [{mute_time_intervals: [n]}]}", "am.yml:2:53: undefined time interval \"n\" used in route")]
    [InlineData("receivers: [{name: a}, {name: a}]\nroute: {receiver: a}", "am.yml:1:31: notification config name \"a\" is not unique")]
    [InlineData("receivers: [{name: a, slack_configs: [{}]}]\nroute: {receiver: a}", "am.yml:1:23: \"slack_configs\" is set, but receiver type slack is not supported yet; use webhook_configs")]
    [InlineData("receivers: [{name: a, webhook_configs: [{}]}]\nroute: {receiver: a}", "am.yml:1:41: one of url or url_file must be configured")]
    [InlineData("receivers: [{name: a, webhook_configs: [{url: 'ftp://x'}]}]\nroute: {receiver: a}", "am.yml:1:47: \"ftp://x\" is no http or https address; write one like http://host:8080/path")]
    [InlineData("receivers: [{name: a}]\nroute: {reciever: a}", null)]
    public void Problems_say_where_and_what(string text, string? expected)
    {
        var problems = Read(text);
        Assert.Contains(problems, p => expected is null ? p.Contains("did you mean \"receiver\"?", StringComparison.Ordinal) : p == expected);
    }

    private static IReadOnlyList<string> Read(string text)
    {
        var problems = new ConfigProblems();
        RoutingConfigReader.ReadFile("am.yml", text, problems);
        return [.. problems.All.Select(p => p.ToString())];
    }
}
