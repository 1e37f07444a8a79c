using Flyball.Model.Spans;
using Flyball.Model.Time;

namespace Flyball.Bench.Traces;

/// <summary>Traces of CI runs: 50 spans with six attributes each, the same for the same number.</summary>
internal static class TraceShapes
{
    public const int SpansPerTrace = 50;

    // One trace in so many has a span that was killed: named and coded like no other, and longer than the rest.
    private const int Rare = 20_011;

    private const ulong Begin = 1_760_000_000_000_000_000;
    private const ulong Apart = 25_000_000;

    private static readonly string[] Results = ["success", "success", "success", "success", "success", "skip", "failure"];

    public static TraceId IdOf(long trace)
    {
        var random = new Random((int)(trace % int.MaxValue));
        return new TraceId((ulong)random.NextInt64() ^ ((ulong)trace << 20), (ulong)random.NextInt64());
    }

    public static ulong StartOf(long trace) => Begin + ((ulong)trace * Apart);

    public static string RevisionOf(long trace) => IdOf(trace / 3) + "c0ffee00";

    /// <summary>Adds a trace to a batch.</summary>
    public static void Add(SpanBatch batch, long trace)
    {
        var random = new Random((int)(trace % 1_000_003));
        var id = IdOf(trace);
        var pipeline = trace % 40;
        batch.AddResource();
        batch.AddAttribute(AttributeOwner.Resource, "service.name", "ci-" + (pipeline % 8));
        batch.AddScope(batch.Store("flyball"), default);
        var start = StartOf(trace);
        var key = batch.Store("cicd.pipeline.name");
        var name = batch.Store("pipeline-" + pipeline);
        var revisionKey = batch.Store("vcs.ref.head.revision");
        var revision = batch.Store(RevisionOf(trace));
        ulong root = 0;
        for (var i = 0; i < SpansPerTrace; i++)
        {
            var isRare = trace % Rare == 7 && i == 33;
            var isFailure = random.Next(200) == 0;
            var spanId = (ulong)random.NextInt64() | 1;
            var from = start + ((ulong)i * 1_000_000_000) + (ulong)random.Next(1_000_000_000);
            batch.AddSpan(new SpanRow
            {
                TraceId = id,
                SpanId = new SpanId(spanId),
                ParentId = new SpanId(root),
                Name = batch.Store(isRare ? "oom-killer" : i == 0 ? "run" : "task-" + (i % 25)),
                Start = new TimestampNs(from),
                End = new TimestampNs(from + (isRare ? 4_000_000_000_000 : (ulong)random.NextInt64(20_000_000_000))),
                Kind = i == 0 ? SpanKind.Server : SpanKind.Internal,
                Status = isFailure || isRare ? SpanStatus.Error : SpanStatus.Unset,
            });
            root = i == 0 ? spanId : root;
            batch.AddAttribute(AttributeOwner.Span, key, AttributeValue.OfText(name));
            batch.AddAttribute(AttributeOwner.Span, revisionKey, AttributeValue.OfText(revision));
            batch.AddAttribute(AttributeOwner.Span, "cicd.pipeline.task.name", "task-" + (i % 25));
            batch.AddAttribute(AttributeOwner.Span, "cicd.pipeline.task.run.result", Results[random.Next(Results.Length)]);
            batch.AddAttribute(AttributeOwner.Span, "cicd.worker.id", "worker-" + random.Next(300));
            batch.AddAttribute(AttributeOwner.Span, "process.exit.code", isRare ? 137 : isFailure ? 1 : 0);
        }
    }
}
