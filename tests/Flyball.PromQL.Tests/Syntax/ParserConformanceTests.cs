using System.Text.Json;

namespace Flyball.PromQL.Tests.Syntax;

public sealed class ParserConformanceTests
{
    [Fact]
    public void Accepts_and_rejects_what_the_table_says_with_the_words_and_positions_it_gives()
    {
        var failures = new List<string>();
        foreach (var testCase in ConformanceCases.Load("expressions.json").EnumerateArray())
        {
            if (Check(testCase) is { } failure)
            {
                failures.Add(failure);
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [Fact]
    public void Prints_on_one_line_as_the_table_says()
    {
        foreach (var testCase in ConformanceCases.Load("print.json").EnumerateArray())
        {
            var input = testCase.GetProperty("in").GetString()!;
            var output = testCase.TryGetProperty("out", out var different) ? different.GetString()! : input;
            Assert.Equal(output, PromQLExpression.Parse(input, PromQLFeatures.All).ToString());
        }
    }

    [Fact]
    public void Lays_out_over_lines_as_the_table_says()
    {
        // The table was made with a limit of ten columns, so that small expressions split.
        foreach (var testCase in ConformanceCases.Load("pretty.json").EnumerateArray())
        {
            var root = PromQLExpression.Parse(testCase.GetProperty("in").GetString()!, PromQLFeatures.All).Root;
            Assert.Equal(testCase.GetProperty("out").GetString(), PromQL.Syntax.PrettyPrinter.Print(root, columns: 10));
        }
    }

    private static string? Check(JsonElement testCase)
    {
        var input = ConformanceCases.InputOf(testCase.GetProperty("input"));
        var shown = System.Text.Encoding.UTF8.GetString(input.AsSpan(0, Math.Min(input.Length, 80)));
        try
        {
            PromQLExpression.Parse(input, PromQLFeatures.All);
            return testCase.GetProperty("ok").GetBoolean() ? null : $"{shown}: accepted, expected {testCase.GetProperty("error_contains")}";
        }
        catch (PromQLSyntaxException e)
        {
            if (testCase.GetProperty("ok").GetBoolean())
            {
                return $"{shown}: rejected: {e.Message}";
            }

            return Compare(testCase, e) is { } difference ? $"{shown}: {difference}" : null;
        }
    }

    private static string? Compare(JsonElement testCase, PromQLSyntaxException e)
    {
        var index = 0;
        foreach (var expected in testCase.GetProperty("error_contains").EnumerateArray())
        {
            if (!e.Problems.Any(p => p.Message.Contains(expected.GetString()!, StringComparison.Ordinal)))
            {
                return $"no problem says {expected}; there are: {string.Join(" | ", e.Problems)}";
            }

            var positions = testCase.GetProperty("positions");
            if (index == 0 && positions.GetArrayLength() > 0 && positions[0][0].ValueKind == JsonValueKind.Number
                && (positions[0][0].GetInt32(), positions[0][1].GetInt32()) != (e.Problems[0].Start, e.Problems[0].End))
            {
                return $"at [{e.Problems[0].Start},{e.Problems[0].End}) instead of {positions[0]}: {e.Message}";
            }

            index++;
        }

        return null;
    }
}
