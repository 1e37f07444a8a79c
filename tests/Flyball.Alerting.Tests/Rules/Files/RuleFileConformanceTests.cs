using System.Text.Json;
using Flyball.Alerting.Rules.Files;
using Flyball.Configuration;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Rules.Files;

/// <summary>Prometheus' own rule files, good and bad.</summary>
public sealed class RuleFileConformanceTests
{
    [Fact]
    public void Bad_files_are_refused_for_the_reason_Prometheus_gives_and_all_others_load()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/rules/rulefmt-errors.json")));
        var expected = table.RootElement.GetProperty("cases").EnumerateArray().ToDictionary(c => c.GetProperty("file").GetString()!);
        foreach (var path in Directory.GetFiles(SharedData.Require("conformance/rules/rulefmt")))
        {
            var name = Path.GetFileName(path);
            var legacy = expected.TryGetValue(name, out var entry) && entry.TryGetProperty("name_validation", out _);
            var problems = Read(File.ReadAllText(path), new RuleFileOptions { LegacyNames = legacy });
            if (expected.ContainsKey(name))
            {
                Assert.Contains(problems, p => p.Message.Contains(entry.GetProperty("error_contains").GetString()!, StringComparison.Ordinal));
                Assert.All(problems, p => Assert.True(p.Line > 0 && p.Column > 0, p.ToString()));
            }
            else
            {
                Assert.Empty(problems);
            }
        }
    }

    [Fact]
    public void Templates_are_checked_when_the_file_is_read()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/rules/template-check.json")));
        foreach (var check in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            Assert.Equal(check.GetProperty("ok").GetBoolean(), Read(check.GetProperty("rules").GetString()!).Count == 0);
        }
    }

    [Fact]
    public void Every_fixture_loads_but_the_invalid_one()
    {
        foreach (var path in Directory.GetFiles(SharedData.Require("conformance/rules/fixtures")))
        {
            var isBad = path.EndsWith("invalid_rules.yaml", StringComparison.Ordinal);
            Assert.True(isBad == Read(File.ReadAllText(path)).Count > 0, path);
        }
    }

    [Theory]
    [InlineData("groups:\n- name: a\n  interval: 1x\n", "r.yml:3:13: \"interval\" is \"1x\", which is no duration; write one like 15s, 5m or 1h30m")]
    [InlineData("groups:\n- name: a\n  intervall: 1m\n", "r.yml:3:3: field intervall not found in type rulefmt.RuleGroup; did you mean \"interval\"?")]
    [InlineData("groups:\n- name: a\n  reactive: {debonce: 5ms}\n", "r.yml:3:14: field debonce not found in type reactive; did you mean \"debounce\"?")]
    [InlineData("groups:\n- rules: []\n", "r.yml:2:3: groupname must not be empty")]
    [InlineData("groups: {a: [\n", null)]
    public void Problems_say_where_and_what_to_do(string text, string? expected)
    {
        var problem = Assert.Single(Read(text)).ToString();
        if (expected is not null)
        {
            Assert.Equal(expected, problem);
        }
    }

    [Theory]
    [InlineData("reactive: true", 10)]
    [InlineData("reactive: {debounce: 25ms}", 25)]
    [InlineData("reactive: {}", 10)]
    [InlineData("reactive: false", null)]
    [InlineData("limit: 5", null)]
    public void A_group_may_be_reactive(string line, int? debounceMs)
    {
        var group = Assert.Single(RuleFileReader.Read("r.yml", $"groups:\n- name: a\n  {line}\n", new ConfigProblems()));
        Assert.Equal(debounceMs, group.Reactive?.Debounce.Value);
    }

    private static IReadOnlyList<Model.Text.ConfigProblem> Read(string text, RuleFileOptions? options = null)
    {
        var problems = new ConfigProblems();
        RuleFileReader.Read("r.yml", text, problems, options);
        return problems.All;
    }
}
