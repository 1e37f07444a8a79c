using System.Diagnostics;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.PromQL.Testing;

namespace Flyball.PromQL.Tests.Syntax;

/// <summary>Queries as long and as deep as programs write them.</summary>
public sealed class LongQueryTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData("(", "x", ")")]
    [InlineData("sum(", "x", ")")]
    [InlineData("-", "x", "")]
    [InlineData("abs(-(1 + ", "x", "))")]
    [InlineData("max_over_time((", "x", ")[1m:])")]
    public async Task A_nesting_too_deep_is_told_at_once_and_with_the_limit(string open, string inside, string close)
    {
        const int Levels = 200_000;
        var query = Repeat(open, Levels) + inside + Repeat(close, Levels);
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<PromQLSyntaxException>(() => Task.Run(() => PromQLExpression.Parse(query, PromQLFeatures.All)));
        Assert.Contains("nested too deeply, over 1000 levels", e.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < Patience, $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task Nine_hundred_levels_are_answered_formatted_and_written_as_a_tree()
    {
        var expression = PromQLExpression.Parse(Repeat("(1 + ", 450) + "x" + Repeat(")", 450));
        Assert.Equal(450, (await AskAsync(expression))[0].Values[0] - 7);
        Assert.EndsWith(")", expression.ToPrettyString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_too_long_to_be_laid_out_is_told_at_once()
    {
        var expression = PromQLExpression.Parse("x" + Repeat(" + x", 30_000));
        var watch = Stopwatch.StartNew();
        var e = await Assert.ThrowsAsync<PromQLSyntaxException>(() => Task.Run(expression.ToPrettyString));
        Assert.Contains("chain too long", e.Message, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < Patience, $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task Twenty_thousand_matchers_are_read_and_asked_for()
    {
        var matchers = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"l{i}=\"\""));
        var watch = Stopwatch.StartNew();
        var answer = await AskAsync(PromQLExpression.Parse($"x{{{matchers}}}"));
        Assert.Equal(7, Assert.Single(answer).Values[0]);
        Assert.Single(await AskAsync(PromQLExpression.Parse($"absent(missing{{{matchers.Replace("\"\"", "\"a\"")}}})")));
        Assert.True(watch.Elapsed < Patience, $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("(", ")")]
    [InlineData("host-(", ")")]
    [InlineData("(?:", "|host-.*-nowhere)")]
    public async Task A_variable_with_thousands_of_values_is_a_set(string before, string after)
    {
        var values = string.Join('|', Enumerable.Range(0, 30_000).Select(i => before.Contains("host", StringComparison.Ordinal) ? $"{i}" : $"host-{i}"));
        var watch = Stopwatch.StartNew();
        var answer = await AskAsync(PromQLExpression.Parse($"x{{host=~\"{before}{values}{after}\"}}"));
        Assert.Equal("host-29999", Assert.Single(answer).Labels["host"]);
        Assert.Empty(await AskAsync(PromQLExpression.Parse($"x{{host!~\"{before}{values}{after}\"}}")));
        Assert.True(watch.Elapsed < Patience, $"took {watch.Elapsed}");
    }

    [Fact]
    public async Task Labels_are_replaced_by_one_of_thousands_of_alternatives()
    {
        var values = string.Join('|', Enumerable.Range(0, 30_000).Select(i => $"{i}"));
        var answer = await AskAsync(PromQLExpression.Parse($"label_replace(x, \"number\", \"$1\", \"host\", \"host-({values})\")"));
        Assert.Equal("29999", Assert.Single(answer).Labels["number"]);
    }

    [Fact]
    public void Ten_thousand_problems_are_told_with_their_places()
    {
        var query = "x{" + string.Join(",\n", Enumerable.Repeat("a=~\"(\"", 10_000)) + "}";
        var watch = Stopwatch.StartNew();
        var e = Assert.Throws<PromQLSyntaxException>(() => PromQLExpression.Parse(query));
        Assert.Equal(10_000, e.Problems.Count);
        Assert.Equal((10_000, 1), (e.Problems[^1].Line, e.Problems[^1].Column));
        Assert.True(watch.Elapsed < Patience, $"took {watch.Elapsed}");
    }

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));

    private static async Task<IReadOnlyList<ResultSeries>> AskAsync(PromQLExpression expression)
    {
        var source = new MemorySeriesSource();
        source.Add(LabelSet.Of(("__name__", "x"), ("host", "host-29999")), 1000, new MemorySample(7, null, 0));
        var engine = new PromQLEngine(new PromQLOptions(), TimeProvider.System);
        var answer = await engine.QueryInstantAsync(source, expression, new TimestampMs(2000), QueryLimits.Default, TestContext.Current.CancellationToken);
        return answer.Series;
    }
}
