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
    private readonly KnownTexts _texts = new();

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
        var tasks = new List<(int Row, RunKey Run, TaskKey Task)>();
        var others = new List<int>();
        var span = new CiSpan(batch, _texts);
        for (var i = 0; i < batch.Count; i++)
        {
            span.MoveTo(batch.Spans[i]);
            var (isTask, isRun) = (span.IsTask, span.IsRun);
            if (!isTask && !isRun && !span.Row.ParentId.IsZero)
            {
                others.Add(i);
            }

            if ((!isTask && !isRun) || span.RunId is null)
            {
                continue;
            }

            var frame = span.Frame(receivedAt, isTask);
            if (isTask)
            {
                var task = TaskOf(span, frame.Run);
                facts.Add(frame, task);
                tasks.Add((i, frame.Run, task.Key));
            }
            else
            {
                facts.Add(RunOf(span, frame));
            }
        }

        AddSteps(batch, receivedAt, tasks, others, facts);
        return VendorSpans.MayBeIn(batch) ? [.. facts.ToFacts(), .. VendorSpans.Read(batch, receivedAt)] : facts.ToFacts();
    }

    private static RunFact RunOf(CiSpan span, RunFact frame)
    {
        var life = span.Life(span.Own(CiKey.RunResult) ?? span.Own(CiKey.RunStatus));
        return frame with
        {
            SourceTime = span.Row.End,
            SentSpanId = span.Row.SpanId,

            // Each end is a life of its own: the run that was re-run in part ends once more, later.
            Life = life with { Cycle = life.FinishedAt!.Value },
        };
    }

    private static TaskFact TaskOf(CiSpan span, RunKey run)
    {
        var name = span.Text(CiKey.TaskName);
        var id = span.Unique(CiKey.TaskRunId) ?? name!;
        var attempt = (int)Math.Clamp(span.Integer(CiKey.TaskAttempt) ?? 1, 1, 1 << 20);
        var life = span.Life(span.Own(CiKey.TaskRunResult) ?? span.Own(CiKey.RunTaskStatus) ?? span.Own(CiKey.TaskRunStatus));
        var key = StepKeys.TaskOf(run, id, attempt);
        if (span.Own(CiKey.StepName) is { } step)
        {
            return new TaskFact
            {
                Key = key,
                SourceTime = span.Row.End,
                Name = name,
                LogTail = span.Own(CiKey.LogTail),
                Steps = [new StepFact { Id = span.Row.SpanId.ToString(), Name = step, SentSpanId = span.Row.SpanId, Life = life }],
            };
        }

        return new TaskFact
        {
            Key = key,
            SourceTime = span.Row.End,
            Name = name,
            // Whoever does not say it has retries as siblings, which are counted by their starts.
            Attempt = span.Integer(CiKey.TaskAttempt) is null ? null : attempt,
            SentSpanId = span.Row.SpanId,
            Type = span.Text(CiKey.TaskType),
            Url = span.Text(CiKey.TaskUrl),
            Worker = span.Text(CiKey.WorkerName) ?? span.Text(CiKey.PipelineWorkerName),
            LogTail = span.Own(CiKey.LogTail),
            Life = life,
        };
    }

    private void AddSteps(
        SpanBatch batch, TimestampNs receivedAt, List<(int Row, RunKey Run, TaskKey Task)> tasks, List<int> others, FactGroups facts)
    {
        if (others.Count == 0)
        {
            return;
        }

        var parents = new Dictionary<(TraceId, SpanId), (RunKey Run, TaskKey Task)>(tasks.Count);
        foreach (var (row, run, task) in tasks)
        {
            parents[(batch.Spans[row].TraceId, batch.Spans[row].SpanId)] = (run, task);
        }

        (TraceId Trace, PipelineRun? Run) looked = default;
        var span = new CiSpan(batch, _texts);
        foreach (var i in others)
        {
            ref readonly var row = ref batch.Spans[i];
            if (!parents.ContainsKey((row.TraceId, row.SpanId)) && FindTask(row, parents, ref looked) is { } parent)
            {
                span.MoveTo(row);
                facts.Add(
                    new RunFact { Run = parent.Run, SourceTime = default, ReceivedAt = receivedAt },
                    new TaskFact { Key = parent.Task, SourceTime = row.End, Steps = [StepOf(span)] });
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
