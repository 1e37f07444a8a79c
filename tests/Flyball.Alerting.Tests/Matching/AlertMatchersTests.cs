using System.Text.Json;
using Flyball.Alerting.Matching;
using Flyball.Model.Labels;
using Flyball.Testing;

namespace Flyball.Alerting.Tests.Matching;

public sealed class AlertMatchersTests
{
    [Fact]
    public void All_of_Alertmanagers_cases_are_read_alike()
    {
        using var table = JsonDocument.Parse(File.ReadAllText(SharedData.Require("conformance/alertmanager/matchers.json")));
        var failures = new List<string>();
        foreach (var testCase in table.RootElement.GetProperty("cases").EnumerateArray())
        {
            // Invalid UTF-8 cannot reach a string of the framework: it is refused where bytes are decoded.
            if (testCase.GetProperty("input").ValueKind != JsonValueKind.String)
            {
                continue;
            }

            var expected = Expected(testCase);
            var actual = Read(testCase);
            if (expected != actual)
            {
                failures.Add($"{testCase.GetProperty("mode")} {testCase.GetProperty("input")}\n  expected {expected}\n  got      {actual}");
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Theory]
    [InlineData("a=b", "{a=\"b\"}")]
    [InlineData("{\"a b\"=\"c\"}", "{\"a b\"=\"c\"}")]
    [InlineData("{foo🙂=bar}", "{foo🙂=\"bar\"}")]
    public void Matchers_are_written_as_in_group_keys(string text, string expected) =>
        Assert.Equal(expected, AlertMatchers.Format(AlertMatchers.Parse(text)));

    private static string Expected(JsonElement testCase) =>
        testCase.GetProperty("error") is { ValueKind: JsonValueKind.String } error
            ? Shorten("error: " + error.GetString())
            : string.Join(' ', testCase.GetProperty("matchers") is { ValueKind: JsonValueKind.Array } list
                ? list.EnumerateArray().Select(m => $"[{m.GetProperty("name")}|{m.GetProperty("op")}|{m.GetProperty("value")}]")
                : []);

    private static string Read(JsonElement testCase)
    {
        var input = testCase.GetProperty("input").GetString()!;
        try
        {
            var matchers = testCase.GetProperty("mode").GetString() switch
            {
                "utf8" => Utf8MatcherParser.Parse(input),
                "classic" => ClassicMatcherParser.Parse(input),
                _ => AlertMatchers.Parse(input),
            };
            if (!testCase.GetProperty("multiple").GetBoolean() && matchers.Count != 1)
            {
                return matchers.Count == 0 ? "error: no matchers" : $"error: expected 1 matcher, found {matchers.Count}";
            }

            return string.Join(' ', matchers.Select(m => $"[{m.Name}|{OperatorOf(m.Op)}|{m.Value}]"));
        }
        catch (MatcherSyntaxException e)
        {
            return Shorten("error: " + e.Message);
        }
    }

    // Engines quote different parts of a bad pattern.
    private static string Shorten(string error) => error.Contains("parsing regexp", StringComparison.Ordinal) ? error[..error.LastIndexOf(": `", StringComparison.Ordinal)] : error;

    private static string OperatorOf(MatchOp op) => op switch { MatchOp.Equal => "=", MatchOp.NotEqual => "!=", MatchOp.Regex => "=~", _ => "!~" };
}
