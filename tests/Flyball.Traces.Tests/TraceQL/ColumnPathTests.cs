using Flyball.Model.Spans;
using Flyball.Traces.TraceQL;
using Flyball.Traces.TraceQL.Metrics;

namespace Flyball.Traces.Tests.TraceQL;

/// <summary>Queries that look at single columns give what the same queries give when they look at whole traces.</summary>
public sealed class ColumnPathTests : IDisposable
{
    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("{ }", "count_over_time()")]
    [InlineData("{ .n > 3 }", "count_over_time() by (name)")]
    [InlineData("{ span.t = \"b\" || status = error }", "count_over_time() by (.n, kind)")]
    [InlineData("{ duration > 30ms && .t != nil }", "sum_over_time(.n)")]
    [InlineData("{ status = error }", "max_over_time(duration) by (resource.service.name)")]
    [InlineData("{ span:id != \"01\" && name =~ \"w.*\" }", "avg_over_time(duration) by (span.t)")]
    [InlineData("{ instrumentation:name = \"lib\" } | { .n < 5 }", "min_over_time(.n)")]
    [InlineData("{ event.x = nil || .n = 1 }", "rate()")]
    [InlineData("{ duration > 10h }", "rate()")]
    public async Task Columns_and_traces_agree(string filter, string function)
    {
        var random = new Random(filter.Length);
        await using var store = await _fixture.OpenAsync();
        for (var part = 0; part < 6; part++)
        {
            for (var i = 0; i < 20; i++)
            {
                await store.AppendAsync(Spans.Batch("s" + random.Next(3), [.. Enumerable.Range(0, 20).Select(_ => Any(random, part))]), Stop);
            }

            if (part < 4)
            {
                store.SealNow(Stop);
            }
        }

        var slots = TimeSlots.Of(Spans.T0, Spans.T0 + 100_000_000_000, 5_000_000_000);
        using var view = store.View();
        Assert.Equal(Run(view, slots, $"{filter} | by(1 + span:childCount) | coalesce() | {function}"), Run(view, slots, $"{filter} | {function}"));
    }

    // Traces spread over neighbouring parts, so that copies and pieces of one trace lie in several segments and in memory.
    private static SpanSpec Any(Random random, int part) => new(
        (ulong)((part * 15) + random.Next(20) + 1),
        (ulong)random.Next(1, 40),
        (ulong)random.Next(40),
        random.Next(2) == 0 ? "work" : "db",
        (ulong)((part * 15_000) + random.Next(20_000)),
        (ulong)random.Next(100),
        (SpanKind)random.Next(1, 4),
        (SpanStatus)random.Next(3),
        random.Next(3) == 0 ? [] : [("n", random.Next(9)), ("t", random.Next(2) == 0 ? "a" : "b")]);

    private static string Run(StoreView view, TimeSlots slots, string query) => string.Join('\n', new MetricsExecutor(view, slots, exemplars: 5)
        .Run(Parser.Parse(query), Stop).Select(s => s.Key + ": " + string.Join(' ', s.Values.Select(v => Math.Round(v, 9)))).Order(StringComparer.Ordinal));
}
