using System.Buffers;
using System.Text.Json;
using Flyball.Model.Time;
using Flyball.Traces.Tempo;
using Flyball.Traces.TraceQL;

namespace Flyball.Traces.Tests;

/// <summary>Whatever the order in which states of spans arrive, and wherever their copies lie, all doors show each span once, as it ended.</summary>
public sealed class ConvergenceTests : IDisposable
{
    private const int Seeds = 25;
    private const int Steps = 60;

    private static readonly CancellationToken Stop = TestContext.Current.CancellationToken;

    private readonly StoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Copies_across_memory_segments_merges_and_restarts_are_one_span_with_the_latest_end()
    {
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var root = _fixture.Options.Directory;
            _fixture.Options = _fixture.Options with { Directory = Path.Combine(Path.GetDirectoryName(root)!, $"seed {seed}"), MergeFactor = 2 + (seed % 3) };
            var model = new Dictionary<(ulong Trace, ulong Span), ulong>();
            var random = new Random(seed);
            var store = await _fixture.OpenAsync();
            for (var step = 0; step < Steps; step++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        store.SealNow(Stop);
                        break;
                    case 1:
                        store.Maintain(Stop);
                        break;
                    case 2:
                        await store.DisposeAsync();
                        store = await _fixture.OpenAsync();
                        break;
                    default:
                        await AppendAsync(store, random, model);
                        break;
                }
            }

            await CheckAsync(store, model, $"seed {seed}");
            store.SealNow(Stop);
            await CheckAsync(store, model, $"seed {seed}, sealed");
            store.Maintain(Stop);
            await CheckAsync(store, model, $"seed {seed}, merged");
            await store.DisposeAsync();
        }
    }

    private static async Task AppendAsync(SpanStore store, Random random, Dictionary<(ulong Trace, ulong Span), ulong> model)
    {
        var batch = Spans.Batch("s");
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var (trace, span, length) = ((ulong)random.Next(1, 4), (ulong)random.Next(1, 5), (ulong)random.Next(1, 1000));
            Spans.Add(batch, new SpanSpec(trace, span, Name: $"ended after {length}", LengthMs: length));
            model[(trace, span)] = Math.Max(length, model.GetValueOrDefault((trace, span)));
        }

        await store.AppendAsync(batch, Stop);
    }

    private static async Task CheckAsync(SpanStore store, Dictionary<(ulong Trace, ulong Span), ulong> model, string when)
    {
        foreach (var trace in model.GroupBy(m => m.Key.Trace))
        {
            var batch = await store.ReadTraceAsync(Spans.Trace(trace.Key), Stop);
            var names = batch!.Spans.ToArray().Select(s => $"{s.SpanId.Value} {batch.Text(s.Name)}").Order();
            var expected = trace.Select(m => $"{m.Key.Span} ended after {m.Value}").Order();
            Assert.True(names.SequenceEqual(expected), $"{when}: {string.Join(", ", names)} instead of {string.Join(", ", expected)}");
        }

        var all = new TraceQLSearch("{}") { From = new TimestampNs(Spans.T0 - 1_000_000_000), Until = new TimestampNs(Spans.T0 + 60_000_000_000), Limit = 100 };
        Assert.Equal(model.Count, store.Search(all, Stop).Traces.Sum(t => t.Spansets[0].Matched));
        Assert.Equal(model.Count, (await store.SearchAsync(new Search.TraceSearch(), Stop)).Sum(t => t.SpanCount));
        var counted = new ArrayBufferWriter<byte>();
        new TempoApi(store).WriteMetrics(all with { Query = "{} | count_over_time()" }, step: null, exemplars: null, counted, Stop);
        using var json = JsonDocument.Parse(counted.WrittenMemory);
        Assert.Equal(model.Count, json.RootElement.GetProperty("series")[0].GetProperty("value").GetDouble());
    }
}
