using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tekton;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.Tests.Tekton;

public sealed class TektonTraceparentTests
{
    private const string Context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Theory]
    [InlineData("pipelinerun", """{"status":{"spanContext":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}""", Context)]
    [InlineData("taskrun", """{"metadata":{"annotations":{"tekton.dev/taskrunSpanContext":"{\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}"}}}""", Context)]
    [InlineData("taskrun", """{"metadata":{"annotations":{"tekton.dev/pipelinerunSpanContext":"{\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}"}}}""", null)]
    [InlineData("pipelinerun", """{"metadata":{"annotations":{"tekton.dev/pipelinerunSpanContext":"{\"trace"}}}""", null)]
    public void The_controllers_span_is_told_by_the_status_or_a_note(string kind, string resource, string? expected)
    {
        using var document = JsonDocument.Parse(resource);

        Assert.Equal(expected, TektonCode.Traceparent(document.RootElement, kind));
    }

    [Theory]
    [InlineData(Context, "0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01", "")]
    [InlineData("00-0af7651916cd43dd8448eb211c8031zz-b7ad6b7169203331-01", "")]
    [InlineData("nonsense", "")]
    public void A_run_links_to_the_span_somebody_else_made_of_it(string traceparent, string expected)
    {
        var at = new TimestampNs(1_000_000_000);
        var record = new RunRecord(new RunKey("tekton", "", "uid"), at);
        record.Merge(new RunFact
        {
            Run = record.Key,
            SourceTime = at,
            ReceivedAt = at,
            Life = new LifeFact { State = RunState.Finished, Result = RunResult.Success, StartedAt = at, FinishedAt = at },
            Attributes = new Dictionary<string, string>(StringComparer.Ordinal) { [FurtherFacts.Traceparent] = traceparent },
        });
        var batch = new SpanBatch();
        RunSpans.Append(batch, record.Current);

        Assert.Equal(expected, string.Join(' ', batch.Links.ToArray().Select(l => $"{l.TraceId}/{l.SpanId}")));
    }
}
