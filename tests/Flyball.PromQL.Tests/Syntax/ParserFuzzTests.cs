using System.Text;

namespace Flyball.PromQL.Tests.Syntax;

public sealed class ParserFuzzTests
{
    private static readonly string[] Snippets =
    [
        "(", ")", "[", "]", "{", "}", ",", ":", "@", "offset", "5m", "1h30m", "by", "without", "on(", "group_left", "bool", "rate(",
        "sum", "\"", "'", "`", "\\", "^", "-", "==", "=~", "!~", "</", ">/", "inf", "NaN", "0x1f", "1_000", "1e", "é", "\0", "start()",
        "step()", "max_of(", "anchored", "smoothed", "fill(", "#", "\n", "$", "..", "{{",
    ];

    [Fact]
    public void Mutations_of_real_queries_parse_or_throw_the_syntax_exception_and_nothing_else()
    {
        var corpus = ConformanceCases.Load("expressions.json").EnumerateArray()
            .Select(c => ConformanceCases.InputOf(c.GetProperty("input"))).Where(b => b.Length < 1000).ToList();
        var random = new Random(20_310);
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = Mutate(corpus[random.Next(corpus.Count)], random);
            try
            {
                var expression = PromQLExpression.Parse(mutated, PromQLFeatures.All);
                var printed = expression.ToString();
                Assert.Equal(printed, PromQLExpression.Parse(printed, PromQLFeatures.All).ToString());
                _ = expression.ToPrettyString();
                _ = expression.Selectors;
            }
            catch (PromQLSyntaxException e)
            {
                Assert.NotEmpty(e.Problems);
                Assert.True(e.Problems[0].Line >= 1 && e.Problems[0].Column >= 1);
            }
        }
    }

    [Theory]
    [InlineData("(", 100_000)]
    [InlineData("-", 100_000)]
    [InlineData("1+", 20_000)]
    [InlineData("sum(", 50_000)]
    [InlineData("a[1m:", 10_000)]
    [InlineData("2^", 20_000)]
    [InlineData("a[(", 20_000)]
    public void Endless_nesting_is_refused_and_does_not_end_the_process(string opening, int times)
    {
        var text = string.Concat(Enumerable.Repeat(opening, times)) + "1";
        if (PromQLExpression.TryParse(text, PromQLFeatures.All, out var expression, out _))
        {
            _ = expression.Kind;
            _ = expression.Selectors;
            _ = Record.Exception(expression.ToString);
        }
    }

    [Theory]
    [InlineData("sum by (job) (rate(x[5m]))", "sum by (job) (rate(x[5m]))")]
    [InlineData("a offset 5m @ 10", "a @ 10.000 offset 5m")]
    [InlineData("{\"utf8.name\",\"a b\"=\"c\"}", "{\"a b\"=\"c\",__name__=\"utf8.name\"}")]
    public void Selectors_and_modifiers_print_in_their_usual_order(string text, string printed) =>
        Assert.Equal(printed, PromQLExpression.Parse(text).ToString());

    [Fact]
    public void An_unknown_function_names_the_nearest() => Assert.Contains(
        "did you mean \"rate\"",
        Assert.Throws<PromQLSyntaxException>(() => PromQLExpression.Parse("ratee(x[5m])")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Selectors_tell_the_metrics_a_query_reads()
    {
        var expression = PromQLExpression.Parse("rate(a_total[5m]) / on() {__name__=~\"b|c\"} + {job=\"x\"}");
        Assert.Equal(["a_total", "b|c", "?"], expression.Selectors.Select(s => s.MetricNames is null ? "?" : string.Join('|', s.MetricNames)));
    }

    [Theory]
    [InlineData("first_over_time(x[5m])", "function \"first_over_time\" is not enabled")]
    [InlineData("limitk(1, x)", "limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions")]
    [InlineData("x[5m] anchored", "anchored modifier is experimental and not enabled")]
    [InlineData("a + fill(1) b", "binop fill modifiers are experimental and not enabled")]
    public void What_is_experimental_needs_its_feature(string text, string message) =>
        Assert.EndsWith(message, Assert.Throws<PromQLSyntaxException>(() => PromQLExpression.Parse(text)).Message, StringComparison.Ordinal);

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = new List<byte>(original);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(4))
            {
                case 0 when bytes.Count > 0:
                    bytes.RemoveAt(Math.Min(at, bytes.Count - 1));
                    break;
                case 1 when bytes.Count > 0:
                    bytes[Math.Min(at, bytes.Count - 1)] = (byte)random.Next(256);
                    break;
                case 2 when bytes.Count > 2:
                    var from = random.Next(bytes.Count - 1);
                    bytes.InsertRange(at, bytes.GetRange(from, random.Next(1, bytes.Count - from)));
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Snippets[random.Next(Snippets.Length)]));
                    break;
            }
        }

        return [.. bytes];
    }
}
