using System.Text;

namespace Flyball.Pipelines.Step;

/// <summary>The attributes of spans that tell of runs. <see cref="CiKeys"/> has their names.</summary>
internal enum CiKey
{
    RunId,
    System,
    Instance,
    RunAttempt,
    GitHubAttempt,
    Pipeline,
    RunNumber,
    Actor,
    SenderLogin,
    ActorName,
    Trigger,
    GitLabSource,
    RunUrl,
    Environment,
    RepositoryUrl,
    RepositoryName,
    Owner,
    Provider,
    Vendor,
    HeadName,
    Head,
    HeadType,
    Commit,
    BaseName,
    ChangeId,
    ChangeTitle,

    /// <summary>The first that does not describe the run; those before are equal in all spans of a run.</summary>
    TaskRunId,
    TaskName,
    TaskType,
    TaskUrl,
    TaskAttempt,
    TaskRunResult,
    RunTaskStatus,
    TaskRunStatus,
    RunResult,
    RunStatus,
    StepName,
    LogTail,
    WorkerName,
    PipelineWorkerName,
    ErrorType,
    ExitCode,
}

/// <summary>Finds which of the known attributes a key is.</summary>
internal static class CiKeys
{
    public const int Count = (int)CiKey.ExitCode + 1;

    /// <summary>The bits of all attributes that describe the run.</summary>
    public const ulong OfRun = (1UL << (int)CiKey.TaskRunId) - 1;

    private static readonly string[] Names =
    [
        "cicd.pipeline.run.id", "flyball.system", "flyball.instance", "flyball.attempt", "github.workflow.run.attempt", "cicd.pipeline.name",
        "flyball.run.number", "flyball.actor", "cicd.pipeline.run.sender.login", "cicd.pipeline.run.actor.name", "flyball.trigger",
        "gitlab.pipeline.source", "cicd.pipeline.run.url.full", "deployment.environment.name", "vcs.repository.url.full",
        "vcs.repository.name", "vcs.owner.name", "vcs.provider.name", "vcs.vendor.name", "vcs.ref.head.name", "vcs.ref.head",
        "vcs.ref.head.type", "vcs.ref.head.revision", "vcs.ref.base.name", "vcs.change.id", "vcs.change.title",
        "cicd.pipeline.task.run.id", "cicd.pipeline.task.name", "cicd.pipeline.task.type", "cicd.pipeline.task.run.url.full",
        "flyball.task.attempt", "cicd.pipeline.task.run.result", "cicd.pipeline.run.task.status", "cicd.pipeline.task.run.status",
        "cicd.pipeline.result", "cicd.pipeline.run.status", "flyball.step.name", "flyball.log.tail", "cicd.worker.name",
        "cicd.pipeline.worker.name", "error.type", "process.exit.code",
    ];

    // By length: a key of a foreign span is mostly refused by it, and one of ours is compared with a few at most.
    private static readonly (CiKey Key, byte[] Name)[]?[] ByLength = Group();

    /// <summary>The attribute of a name; -1 for one that tells nothing of runs.</summary>
    public static int Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length && ByLength[name.Length] is { } group)
        {
            foreach (var (key, known) in group)
            {
                if (name.SequenceEqual(known))
                {
                    return (int)key;
                }
            }
        }

        return -1;
    }

    private static (CiKey, byte[])[]?[] Group()
    {
        var groups = new (CiKey, byte[])[]?[Names.Max(n => n.Length) + 1];
        foreach (var group in Names.Select((n, i) => ((CiKey)i, Encoding.UTF8.GetBytes(n))).GroupBy(n => n.Item2.Length))
        {
            groups[group.Key] = [.. group];
        }

        return groups;
    }
}
