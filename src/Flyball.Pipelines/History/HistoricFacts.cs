using Flyball.Model.Runs;

namespace Flyball.Pipelines.History;

/// <summary>A run of the history as facts, so that what is told of it later merges into what was known.</summary>
/// <remarks>The facts bear the time of the run's end: what is said again of an earlier time changes nothing, what is said of a later
/// time counts. Which field was told when is not kept; docs/runs.md says what follows from that.</remarks>
internal static class HistoricFacts
{
    /// <summary>Facts that give the run again when they are merged in order.</summary>
    public static IEnumerable<RunFact> Of(PipelineRun run)
    {
        var at = run.FinishedAt ?? run.StartedAt ?? run.CreatedAt ?? run.FirstHeardAt;
        yield return new RunFact
        {
            Run = run.Key,
            SourceTime = at,
            ReceivedAt = run.EndKnownAt ?? run.FirstHeardAt,
            TraceId = run.TraceId == run.Key.DeriveTraceId() ? null : run.TraceId,
            SentSpanId = run.SpanIsSent ? run.SpanId : null,
            Pipeline = Said(run.Pipeline),
            Number = Said(run.Number),
            Url = Said(run.Url),
            Vcs = run.Vcs,
            Actor = Said(run.Actor),
            Trigger = Said(run.Trigger),
            Environment = Said(run.Environment),
            Parent = run.Parent,
            Links = run.Links.Count == 0 ? null : run.Links,
            Attributes = run.Attributes.Count == 0 ? null : run.Attributes,
            Life = new LifeFact
            {
                State = run.State,
                Result = run.Result,
                ErrorType = Said(run.ErrorType),
                Message = Said(run.Message),
                CreatedAt = run.CreatedAt,
                StartedAt = run.StartedAt,
                FinalizingAt = run.FinalizingAt,
                FinishedAt = run.FinishedAt,
                Cycle = run.Cycle,
            },
        };
        foreach (var task in run.Tasks)
        {
            yield return new RunFact
            {
                Run = run.Key,
                SourceTime = task.FinishedAt ?? at,
                ReceivedAt = task.EndKnownAt ?? run.FirstHeardAt,
                Tasks = [Of(task)],
            };
        }
    }

    private static TaskFact Of(TaskRun task) => new()
    {
        Key = task.Key,
        SentSpanId = task.SpanIsSent ? task.SpanId : null,
        Name = Said(task.Name),
        Type = Said(task.Type),
        Stage = Said(task.Stage),
        Attempt = task.Attempt,
        SoftFail = task.SoftFail,
        Worker = Said(task.Worker),
        Url = Said(task.Url),
        LogTail = Said(task.LogTail),
        Attributes = task.Attributes.Count == 0 ? null : task.Attributes,
        Life = new LifeFact
        {
            State = task.State,
            Result = task.Result,
            ErrorType = Said(task.ErrorType),
            Message = Said(task.Message),
            ExitCode = task.ExitCode,
            CreatedAt = task.CreatedAt,
            StartedAt = task.StartedAt,
            FinishedAt = task.FinishedAt,
            Cycle = task.Cycle,
        },
        Steps = [.. task.Steps.Select(Of)],
    };

    private static StepFact Of(StepRun step) => new()
    {
        Id = step.Id,
        Name = Said(step.Name),
        SentSpanId = step.SpanIsSent ? step.SpanId : null,
        Life = new LifeFact
        {
            State = step.State,
            Result = step.Result,
            ErrorType = Said(step.ErrorType),
            ExitCode = step.ExitCode,
            StartedAt = step.StartedAt,
            FinishedAt = step.FinishedAt,
        },
    };

    private static string? Said(string text) => text.Length == 0 ? null : text;
}
