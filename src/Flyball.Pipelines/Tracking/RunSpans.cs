using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tracking;

/// <summary>Turns runs into spans by the OpenTelemetry CI/CD conventions: the run a SERVER root, tasks, waits and steps INTERNAL below it.</summary>
/// <remarks>Only what has ended becomes a span, and only what nobody else sends. Ids are derived, so a span that is made twice is the same.
/// What the conventions do not name (attempts, actor, trigger, waits, steps) has keys under <c>flyball.</c></remarks>
internal static class RunSpans
{
    /// <summary>Whether a run has spans of its own: something has ended whose span nobody else sends.</summary>
    public static bool HasAny(PipelineRun run)
    {
        if (run.FinishedAt is not null && !run.SpanIsSent)
        {
            return true;
        }

        foreach (var task in run.Tasks)
        {
            if ((task.FinishedAt is not null && !task.SpanIsSent) || task.Steps.Any(s => s.FinishedAt is not null && !s.SpanIsSent))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds the spans of what has ended.</summary>
    /// <returns>Number of spans added.</returns>
    public static int Append(SpanBatch batch, PipelineRun run)
    {
        var before = batch.Count;
        AddResource(batch, run);
        if (run.FinishedAt is { } end && !run.SpanIsSent)
        {
            AddRun(batch, run, end);
            AddQueue(batch, run, RunKey.DeriveSpanId(run.TraceId, RunIds.QueueKind), run.CreatedAt, run.StartedAt, task: null);
        }

        foreach (var task in run.Tasks)
        {
            if (task.FinishedAt is { } taskEnd && !task.SpanIsSent)
            {
                AddTask(batch, run, task, taskEnd);
                AddQueue(batch, run, SpanNames.Queue(run.Key, run.TraceId, task.Key), task.CreatedAt, task.StartedAt, task);
            }

            AddSteps(batch, run, task);
        }

        return batch.Count - before;
    }

    private static void AddResource(SpanBatch batch, PipelineRun run)
    {
        batch.AddResource();
        var facts = new (string Key, string? Value)[]
        {
            ("service.name", run.Key.System),
            ("cicd.pipeline.name", run.Pipeline),
            ("cicd.pipeline.run.id", run.Key.Run),
            ("cicd.pipeline.run.url.full", run.Url),
            ("vcs.repository.url.full", run.Vcs.RepositoryUrl),
            ("vcs.repository.name", run.Vcs.RepositoryName),
            ("vcs.owner.name", run.Vcs.Owner),
            ("vcs.provider.name", run.Vcs.Provider),
            ("vcs.ref.head.name", run.Vcs.HeadName),
            ("vcs.ref.head.type", run.Vcs.HeadType),
            ("vcs.ref.head.revision", run.Vcs.Commit),
            ("vcs.ref.base.name", run.Vcs.BaseName),
            ("vcs.change.id", run.Vcs.ChangeId),
            ("vcs.change.title", run.Vcs.ChangeTitle),
            ("flyball.system", run.Key.System),
            ("flyball.instance", run.Key.Instance),
        };
        foreach (var (key, value) in facts)
        {
            AddText(batch, AttributeOwner.Resource, key, value);
        }

        batch.AddScope(batch.Store("flyball.pipelines"), default);
    }

    private static void AddRun(SpanBatch batch, PipelineRun run, TimestampNs end)
    {
        AddSpan(batch, run, new Shape(
            run.SpanId, default, SpanKind.Server, run.Pipeline.Length > 0 ? "RUN " + run.Pipeline : "RUN",
            run.StartedAt ?? run.CreatedAt ?? end, end, run.Result, run.Message));
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.result", RunWords.Of(run.Result));
        AddText(batch, AttributeOwner.Span, "error.type", run.ErrorType);
        batch.AddAttribute(AttributeOwner.Span, "flyball.attempt", run.Key.Attempt);
        AddText(batch, AttributeOwner.Span, "flyball.run.number", run.Number);
        AddText(batch, AttributeOwner.Span, "flyball.actor", run.Actor);
        AddText(batch, AttributeOwner.Span, "flyball.trigger", run.Trigger);
        AddText(batch, AttributeOwner.Span, "deployment.environment.name", run.Environment);
        AddAll(batch, run.Attributes);
        foreach (var linked in run.Parent is { } parent ? [parent, .. run.Links] : run.Links)
        {
            var trace = linked.DeriveTraceId();
            batch.AddLink(new LinkRow { TraceId = trace, SpanId = RunKey.DeriveSpanId(trace, RunIds.RunKind) });
        }

        AddLinkElsewhere(batch, run.Attributes);
    }

    private static void AddTask(SpanBatch batch, PipelineRun run, TaskRun task, TimestampNs end)
    {
        AddSpan(batch, run, new Shape(
            task.SpanId, run.SpanId, SpanKind.Internal, task.Name, task.StartedAt ?? end, end, task.Result, task.Message));
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.task.name", task.Name);
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.task.type", task.Type);
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.task.run.id", task.Key.Id);
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.task.run.url.full", task.Url);
        AddText(batch, AttributeOwner.Span, "cicd.pipeline.task.run.result", RunWords.Of(task.Result));
        AddText(batch, AttributeOwner.Span, "error.type", task.ErrorType);
        AddText(batch, AttributeOwner.Span, "cicd.worker.name", task.Worker);
        AddText(batch, AttributeOwner.Span, "flyball.stage", task.Stage);
        AddText(batch, AttributeOwner.Span, "flyball.log.tail", task.LogTail);
        batch.AddAttribute(AttributeOwner.Span, "flyball.task.attempt", task.Attempt);
        AddExitCode(batch, task.ExitCode);
        AddAll(batch, task.Attributes);
        AddLinkElsewhere(batch, task.Attributes);
    }

    private static void AddSteps(SpanBatch batch, PipelineRun run, TaskRun task)
    {
        foreach (var step in task.Steps)
        {
            if (step.FinishedAt is { } end && step.StartedAt is { } start && !step.SpanIsSent)
            {
                AddSpan(batch, run, new Shape(step.SpanId, task.SpanId, SpanKind.Internal, step.Name, start, end, step.Result, ""));
                AddText(batch, AttributeOwner.Span, "flyball.step.result", RunWords.Of(step.Result));
                AddText(batch, AttributeOwner.Span, "error.type", step.ErrorType);
                AddExitCode(batch, step.ExitCode);
            }
        }
    }

    private static void AddQueue(SpanBatch batch, PipelineRun run, SpanId id, TimestampNs? created, TimestampNs? started, TaskRun? task)
    {
        if (created is { } from && started is { } until && until > from)
        {
            AddSpan(batch, run, new Shape(id, run.SpanId, SpanKind.Internal, "queue", from, until, Result: null, ""));
            AddText(batch, AttributeOwner.Span, "flyball.queue.of", task?.Name ?? run.Pipeline);
        }
    }

    // 00-TRACE-SPAN-FLAGS; an id of zeros is none.
    private static void AddLinkElsewhere(SpanBatch batch, IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.GetValueOrDefault(FurtherFacts.Traceparent)?.Split('-') is [_, { Length: 32 } traceText, { Length: 16 } spanText, _, ..]
            && TraceId.TryParse(traceText, out var trace) && SpanId.TryParse(spanText, out var span) && !trace.IsZero && !span.IsZero)
        {
            batch.AddLink(new LinkRow { TraceId = trace, SpanId = span });
        }
    }

    private static void AddSpan(SpanBatch batch, PipelineRun run, in Shape shape) => batch.AddSpan(new SpanRow
    {
        TraceId = run.TraceId,
        SpanId = shape.Id,
        ParentId = shape.Parent,
        Kind = shape.Kind,
        Name = batch.Store(shape.Name),
        Start = shape.Start,
        End = shape.End > shape.Start ? shape.End : shape.Start,
        Status = shape.Result is { } result && result.IsBad() ? SpanStatus.Error : SpanStatus.Unset,
        StatusMessage = shape.Result is { } bad && bad.IsBad() ? batch.Store(shape.Message) : default,
    });

    private static void AddExitCode(SpanBatch batch, int? code)
    {
        if (code is { } value)
        {
            batch.AddAttribute(AttributeOwner.Span, "process.exit.code", value);
        }
    }

    private static void AddAll(SpanBatch batch, IReadOnlyDictionary<string, string> attributes)
    {
        foreach (var (key, value) in attributes)
        {
            AddText(batch, AttributeOwner.Span, key, value);
        }
    }

    private static void AddText(SpanBatch batch, AttributeOwner owner, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            batch.AddAttribute(owner, key, value);
        }
    }

    private readonly record struct Shape(
        SpanId Id, SpanId Parent, SpanKind Kind, string Name, TimestampNs Start, TimestampNs End, RunResult? Result, string Message);
}
