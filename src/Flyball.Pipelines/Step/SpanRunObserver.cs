using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.Step;

/// <summary>Reads runs out of spans that arrive: whatever sends the CI/CD conventions by OTLP becomes a run too.</summary>
/// <remarks>
/// A span with <c>cicd.pipeline.task.*</c> is an attempt of a task (with <c>flyball.step.name</c> a step of it), a root that serves with
/// <c>cicd.pipeline.*</c> is the run, children of tasks are steps. A second root of a run that ends later reopens and mends it.
/// </remarks>
public sealed class SpanRunObserver(RunTracker tracker)
{
    /// <summary>Takes note of spans.</summary>
    /// <param name="batch">Only read, and only until the task has completed.</param>
    /// <param name="receivedAt">When they arrived.</param>
    /// <returns>Completes when what they tell is durable.</returns>
    /// <exception cref="IOException">It could not be kept.</exception>
    public ValueTask ObserveAsync(SpanBatch batch, TimestampNs receivedAt, CancellationToken cancellationToken)
    {
        var facts = Read(batch, receivedAt);
        return facts.Count == 0 ? ValueTask.CompletedTask : tracker.ApplyAsync(facts, cancellationToken);
    }

    internal List<RunFact> Read(SpanBatch batch, TimestampNs receivedAt)
    {
        var facts = new FactGroups();
        var tasks = new Dictionary<(TraceId, SpanId), (RunKey Run, TaskKey Task)>();
        foreach (ref readonly var row in batch.Spans)
        {
            var span = new CiSpan(batch, row);
            if (span.RunId is not { } runId)
            {
                continue;
            }

            var key = span.Key(runId);
            if (span.IsTask)
            {
                var task = TaskOf(span, key);
                facts.Add(span.Frame(key, receivedAt) with { Url = null }, task);
                tasks[(row.TraceId, row.SpanId)] = (key, task.Key);
            }
            else if (span.IsRun)
            {
                facts.Add(RunOf(span, key, receivedAt));
            }
        }

        AddSteps(batch, receivedAt, tasks, facts);
        return facts.ToFacts();
    }

    private static RunFact RunOf(CiSpan span, RunKey key, TimestampNs receivedAt)
    {
        var life = span.Life(span.Own("cicd.pipeline.result"u8) ?? span.Own("cicd.pipeline.run.status"u8));
        return span.Frame(key, receivedAt) with
        {
            SentSpanId = span.Row.SpanId,

            // Each end is a life of its own: the run that was re-run in part ends once more, later.
            Life = life with { Cycle = life.FinishedAt!.Value },
        };
    }

    private static TaskFact TaskOf(CiSpan span, RunKey run)
    {
        var id = span.Text("cicd.pipeline.task.run.id"u8) ?? span.Text("cicd.pipeline.task.name"u8)!;
        var attempt = (int)Math.Clamp(span.Integer("flyball.task.attempt"u8) ?? 1, 1, 1 << 20);
        var life = span.Life(span.Own("cicd.pipeline.task.run.result"u8)
            ?? span.Own("cicd.pipeline.run.task.status"u8) ?? span.Own("cicd.pipeline.task.run.status"u8));
        var fact = new TaskFact { Key = StepKeys.TaskOf(run, id, attempt), Name = span.Text("cicd.pipeline.task.name"u8) };
        if (span.Own("flyball.step.name"u8) is { } step)
        {
            return fact with
            {
                LogTail = span.Own("flyball.log.tail"u8),
                Steps = [new StepFact { Id = span.Row.SpanId.ToString(), Name = step, SentSpanId = span.Row.SpanId, Life = life }],
            };
        }

        return fact with
        {
            Attempt = attempt,
            SentSpanId = span.Row.SpanId,
            Type = span.Text("cicd.pipeline.task.type"u8),
            Url = span.Text("cicd.pipeline.task.run.url.full"u8),
            Worker = span.Text("cicd.worker.name"u8) ?? span.Text("cicd.pipeline.worker.name"u8),
            LogTail = span.Own("flyball.log.tail"u8),
            Life = life,
        };
    }

    private void AddSteps(
        SpanBatch batch, TimestampNs receivedAt, Dictionary<(TraceId, SpanId), (RunKey Run, TaskKey Task)> tasks, FactGroups facts)
    {
        (TraceId Trace, PipelineRun? Run) looked = default;
        foreach (ref readonly var row in batch.Spans)
        {
            if (row.ParentId.IsZero || tasks.ContainsKey((row.TraceId, row.SpanId)))
            {
                continue;
            }

            var span = new CiSpan(batch, row);
            if (!span.IsTask && !span.IsRun && FindTask(row, tasks, ref looked) is { } parent)
            {
                var fact = new RunFact { Run = parent.Run, SourceTime = row.End, ReceivedAt = receivedAt };
                facts.Add(fact, new TaskFact { Key = parent.Task, Steps = [StepOf(span)] });
            }
        }
    }

    private static StepFact StepOf(CiSpan span) =>
        new() { Id = span.Row.SpanId.ToString(), Name = span.Name, SentSpanId = span.Row.SpanId, Life = span.Life(null) };

    // Spans of a trace lie side by side, so one look at the runs serves them all.
    private (RunKey Run, TaskKey Task)? FindTask(
        in SpanRow row, Dictionary<(TraceId, SpanId), (RunKey Run, TaskKey Task)> tasks, ref (TraceId Trace, PipelineRun? Run) looked)
    {
        if (tasks.TryGetValue((row.TraceId, row.ParentId), out var found))
        {
            return found;
        }

        if (looked.Trace != row.TraceId)
        {
            looked = (row.TraceId, tracker.Find(row.TraceId));
        }

        var parent = row.ParentId;
        return looked.Run?.Tasks.FirstOrDefault(t => t.SpanId == parent && t.SpanIsSent) is { } task ? (looked.Run.Key, task.Key) : null;
    }
}
