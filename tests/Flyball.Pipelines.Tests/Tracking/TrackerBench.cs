using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Tracking;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Tracking;

/// <summary>A tracker with everything around it in memory.</summary>
internal sealed class TrackerBench : IAsyncDisposable, IRunObserver
{
    private TrackerBench(MemoryRunLog log, TestClock clock, RunTrackerOptions options, RunHistory? history)
    {
        Log = log;
        Clock = clock;
        Tracker = new RunTracker(options, log, Spans, Samples, clock, log: null, history);
        Tracker.AddObserver(this);
    }

    public TestClock Clock { get; }

    public MemoryRunLog Log { get; }

    public RunTracker Tracker { get; }

    public SpanShelf Spans { get; } = new();

    public SampleShelf Samples { get; } = new();

    public List<RunChange> Changes { get; } = [];

    public static async Task<TrackerBench> StartAsync(
        MemoryRunLog? log = null, DateTimeOffset? start = null, RunTrackerOptions? options = null, RunHistory? history = null)
    {
        var bench = new TrackerBench(log ?? new MemoryRunLog(), new TestClock(start), options ?? new RunTrackerOptions(), history);
        await bench.Tracker.StartAsync(CancellationToken.None);
        return bench;
    }

    /// <summary>Everything about a run as text, to compare by.</summary>
    public static string TextOf(PipelineRun run) => JsonSerializer.Serialize(run);

    public void OnRunChanged(RunChange change) => Changes.Add(change);

    /// <summary>Ends the tracker, so that everything due has been written.</summary>
    public ValueTask DisposeAsync() => Tracker.DisposeAsync();
}

/// <summary>Keeps spans by id, the last one counting.</summary>
internal sealed class SpanShelf : ISpanSink
{
    private readonly Dictionary<SpanId, (SpanRow Row, Dictionary<string, string> Attributes, string Name)> _spans = [];

    public bool Fails { get; set; }

    public int Count => _spans.Count;

    public ValueTask<SpanAppendReport> AppendAsync(SpanBatch batch, CancellationToken cancellationToken)
    {
        if (Fails)
        {
            throw new IOException("the span store is full");
        }

        foreach (var row in batch.Spans)
        {
            var attributes = new Dictionary<string, string>();
            foreach (var range in (RowRange[])[batch.Resources[row.Resource].Attributes, row.Attributes])
            {
                foreach (var attribute in batch.Attributes.Slice(range.Start, range.Count))
                {
                    attributes[batch.Text(attribute.Key)] =
                        attribute.Value.Kind == AttributeKind.Text ? batch.Text(attribute.Value.Slice) : $"{attribute.Value.Integer}";
                }
            }

            _spans[row.SpanId] = (row, attributes, batch.Text(row.Name));
        }

        return ValueTask.FromResult(new SpanAppendReport(batch.Count));
    }

    public IEnumerable<(SpanRow Row, Dictionary<string, string> Attributes, string Name)> All => _spans.Values;

    public (SpanRow Row, Dictionary<string, string> Attributes, string Name) Named(string name) => _spans.Values.Single(s => s.Name == name);
}

/// <summary>Keeps samples by series as text, the last value counting.</summary>
internal sealed class SampleShelf : ISampleSink
{
    public Dictionary<string, List<(long At, double Value)>> Series { get; } = [];

    public ValueTask<AppendReport> AppendAsync(SampleBatch batch, AppendMode mode, CancellationToken cancellationToken)
    {
        for (var i = 0; i < batch.SampleCount; i++)
        {
            var labels = batch.Labels(batch.SampleSeries[i]).ToString();
            if (!Series.TryGetValue(labels, out var samples))
            {
                Series[labels] = samples = [];
            }

            samples.Add((batch.TimestampsMs[i], batch.Values[i]));
        }

        return ValueTask.FromResult(new AppendReport(batch.SampleCount, 0));
    }

    public double Last(string labels) => Series[labels][^1].Value;
}
