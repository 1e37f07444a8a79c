namespace Flyball.Step.Detection;

/// <summary>What the environment of a step tells about the run it belongs to. Empty text = not told.</summary>
internal sealed record CiFacts
{
    /// <summary>The CI system: <c>buildkite</c>, <c>github</c>, <c>gitlab</c>, <c>jenkins</c>, <c>tekton</c> or <c>step</c>.</summary>
    public required string System { get; init; }

    /// <summary>Which installation of it; empty where run ids are unique everywhere.</summary>
    public string Instance { get; init; } = "";

    /// <summary>The system's own id of the run.</summary>
    public string RunId { get; init; } = "";

    /// <summary>Attempt of the whole run, from 1.</summary>
    public int RunAttempt { get; init; } = 1;

    /// <summary>Name of the pipeline.</summary>
    public string Pipeline { get; init; } = "";

    /// <summary>The number people use for the run.</summary>
    public string RunNumber { get; init; } = "";

    /// <summary>The run's page.</summary>
    public string RunUrl { get; init; } = "";

    /// <summary>Name of the task (job).</summary>
    public string TaskName { get; init; } = "";

    /// <summary>The system's own id of the task.</summary>
    public string TaskId { get; init; } = "";

    /// <summary>Retry index that is part of the task's identity (Tekton); null where each retry has its own id.</summary>
    public int? TaskRetry { get; init; }

    /// <summary>What names the task's span beside the trace.</summary>
    public string[] TaskParts() => TaskRetry is { } retry ? [TaskId, $"{retry}"] : [TaskId];

    /// <summary>Attempt of the task as people count, from 1.</summary>
    public int TaskAttempt { get; init; } = 1;

    /// <summary>The task's page.</summary>
    public string TaskUrl { get; init; } = "";

    /// <summary>Full commit id.</summary>
    public string Commit { get; init; } = "";

    /// <summary>Branch or tag.</summary>
    public string Ref { get; init; } = "";

    /// <summary><c>branch</c> or <c>tag</c>.</summary>
    public string RefType { get; init; } = "";

    /// <summary>Number of the change (pull or merge request).</summary>
    public string ChangeId { get; init; } = "";

    /// <summary>Its title.</summary>
    public string ChangeTitle { get; init; } = "";

    /// <summary>Branch the change goes to.</summary>
    public string BaseRef { get; init; } = "";

    /// <summary>Address of the repository as the system writes it.</summary>
    public string Repository { get; init; } = "";

    /// <summary>Who set the run off.</summary>
    public string Actor { get; init; } = "";

    /// <summary>What set it off.</summary>
    public string Trigger { get; init; } = "";

    /// <summary>The run that started this one.</summary>
    public string ParentRun { get; init; } = "";

    /// <summary>Where it deploys to.</summary>
    public string Environment { get; init; } = "";

    /// <summary>Id of the agent or runner.</summary>
    public string WorkerId { get; init; } = "";

    /// <summary>Name of the agent or runner.</summary>
    public string Worker { get; init; } = "";
}
