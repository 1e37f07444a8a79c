using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tests.TraceQL;

public class ParserTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("{ .a || !.b }")]
    [InlineData("{ 1 < 1h }")]
    [InlineData("{ .code >= \"200\" }")]
    [InlineData("count() > 2 | { .x }")]
    [InlineData("{} | by(span.x) | count() > 1 | coalesce()")]
    [InlineData("({ .x } | count() > 1) >> ({ .y } | avg(duration) > 1ms)")]
    [InlineData("{} | rate() by(resource.service.name) > 1 | topk(3) with(exemplars=true)")]
    [InlineData("({status=error} | rate()) / ({} | rate()) * 100")]
    [InlineData("{ .a-b+c = 1 }")]
    [InlineData("{ span.\"any text\" = `raw` && span.a.\"b c\".d = 2 }")]
    [InlineData("{ span:duration > 1h30m && trace:rootName = \"x\" && event:timeSinceStart < 1.5s }")]
    [InlineData("{ kind = server && status = error && .x = nil && resource.service.name != nil }")]
    [InlineData("{ nestedSetParent < 0 }")]
    [InlineData("{ .a } !>> { .b } &~ { .c } || { -.a ^ 2 > 1 }")]
    [InlineData("{} | select(.a, span:name)")]
    [InlineData("{ name =~ \"GET.*\" } | quantile_over_time(duration, .5, 0.99) by (name)")]
    [InlineData("{} | compare({status=error}, 5)")]
    [InlineData("{} | compare({status=error}, 5, 1700000000000000000, 1700000001000000000)")]
    [InlineData("{} | rate() with(exemplars=10, sample=0.1, anything=\"x\")")]
    [InlineData("{ status = error } with(most_recent=true)")]
    [InlineData("({} | rate()) / 2 with(exemplars=false)")]
    [InlineData("{ .a = minInt || .a < maxInt || 1d2h > 3w || .b = -5 }")]
    [InlineData("{ span:id = \"01\" && span:parentID != \"\" && trace:id = \"ab\" && link:spanID = \"x\" && link:traceID = \"y\" }")]
    [InlineData("{ instrumentation:version = \"1\" && instrumentation.x = 1 && link.y = 2 && event.z = 3 }")]
    [InlineData("{ nil != .a && nil = span.b }")]
    [InlineData("{ .x } &>> { .y } | count() = 2 | select(span.a, resource.b, name)")]
    [InlineData("{} | min_over_time(span.x) by (resource.a, kind, status) != 3ms | bottomk(2)")]
    [InlineData("{} | avg(duration) >= 2 * 3s")]
    public void Well_formed_queries_are_taken(string query) => Assert.NotNull(Parser.Parse(query));

    [Theory]
    [InlineData("{ x = 1 }")]
    [InlineData("{ .x == 1 }")]
    [InlineData("{ . }")]
    [InlineData("{} + {}")]
    [InlineData("{} | count()")]
    [InlineData("{} | topk(3)")]
    [InlineData("{} | rate() + 1")]
    [InlineData("3 > 2")]
    [InlineData("max(name) = \"a\"")]
    [InlineData("({} | rate()) ^ 2")]
    [InlineData("({} | rate()) * 10s")]
    [InlineData("{ span:rootName = \"x\" }")]
    [InlineData("{ parent.x = 1 }")]
    [InlineData("{ \"abc }")]
    [InlineData("{ .a = 99999999999999999999 }")]
    [InlineData("{ .a = 1q }")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("coalesce()")]
    [InlineData("{} | count() > count()")]
    [InlineData("{ trace:status = error }")]
    [InlineData("{ name = \"a\" && }")]
    [InlineData("{} | rate(duration)")]
    [InlineData("{} | sum_over_time()")]
    [InlineData("{} | sum_over_time(.a + 1)")]
    [InlineData("{} | quantile_over_time(duration)")]
    [InlineData("{} | compare({} >> {})")]
    [InlineData("{} | compare({}, 0)")]
    [InlineData("{} | compare({}, 5, 9, 9)")]
    [InlineData("{} | compare({}) | topk(2)")]
    [InlineData("{} | rate() with(exemplars=)")]
    [InlineData("{} | rate() with(exemplars=\"many\")")]
    [InlineData("{} | rate() with(exemplars=.a)")]
    public void Queries_that_are_not_well_formed_are_refused_with_a_column(string query) =>
        Assert.StartsWith("parse error at line 1, col ", Assert.Throws<TraceQLException>(() => Parser.Parse(query)).Message);

    [Theory]
    [InlineData("{ status }")]
    [InlineData("{ 1.5 }")]
    [InlineData("{ \"a\" }")]
    [InlineData("{ 1 = \"a\" }")]
    [InlineData("{ kind > client }")]
    [InlineData("{ name = 3 }")]
    [InlineData("{ .x =~ 3 }")]
    [InlineData("{ .x =~ \"[\" }")]
    [InlineData("{ -true }")]
    [InlineData("{ !1 = 1 }")]
    [InlineData("{} | by(1)")]
    [InlineData("sum(3) > 1")]
    [InlineData("{} | rate() | topk(0)")]
    [InlineData("{ name = nil }")]
    [InlineData("{ resource.service.name = nil }")]
    public void Queries_without_meaning_are_refused(string query) => Assert.Throws<TraceQLException>(() => Parser.Parse(query));

    [Fact]
    public void Cut_off_and_mixed_up_queries_never_throw_anything_else()
    {
        const string Query = "({ .x = \"a\\\"b\" && span:name != nil } | count() > 1) >> { -1.5e3 ^ 2 < 1h30m } | by(.a) | rate() by(.b) > 1 | topk(3)";
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var chars = Query[..random.Next(Query.Length + 1)].ToCharArray();
            for (var j = random.Next(4); j > 0 && chars.Length > 0; j--)
            {
                chars[random.Next(chars.Length)] = Query[random.Next(Query.Length)];
            }

            try
            {
                Parser.Parse(new string(chars));
            }
            catch (TraceQLException)
            {
            }
        }
    }

    [Fact]
    public void Deep_nesting_is_refused_before_the_stack_ends()
    {
        Assert.Throws<TraceQLException>(() => Parser.Parse("{ " + new string('(', 100_000) + "1"));
        Assert.Throws<TraceQLException>(() => Parser.Parse("{ " + string.Concat(Enumerable.Repeat("- ", 100_000)) + "1"));
        Assert.Throws<TraceQLException>(() => Parser.Parse("{ 2 * " + string.Concat(Enumerable.Repeat("- ", 100_000)) + "1"));
        Assert.Throws<TraceQLException>(() => Parser.Parse(new string('(', 100_000)));
        Assert.Throws<TraceQLException>(() => Parser.Parse(new string('(', 3_900)));
        Assert.Throws<TraceQLException>(() => Parser.Parse("{ 2 * " + string.Concat(Enumerable.Repeat("- ", 3_900)) + "1"));
        Assert.Throws<TraceQLException>(() => Parser.Parse("{ " + string.Concat(Enumerable.Repeat("1 + ", 1_900)) + "1"));
    }
}
