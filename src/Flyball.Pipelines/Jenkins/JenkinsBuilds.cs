using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Turns builds as the REST API shows them into facts: who, why, and what a notification keeps quiet about, e.g. time-outs.</summary>
internal static class JenkinsBuilds
{
    /// <summary>Reads a build.</summary>
    /// <param name="instance">Which Jenkins: host, port and path of its address.</param>
    /// <param name="job">Full name of the job, decoded.</param>
    /// <param name="describe">The build's <c>wfapi/describe</c>; undefined where the plugin is not there or the job is no pipeline.</param>
    public static RunFact? Read(JsonElement build, string instance, string job, JsonElement describe, TimestampNs receivedAt)
    {
        if (build.Text("number") is not { } number)
        {
            return null;
        }

        var causes = CausesOf(build, "CauseAction").ToArray();
        var data = BuildDataOf(build, job);
        var started = JenkinsFacts.Milliseconds(build.Integer("timestamp"));
        var life = Life(build, describe, started);
        return new RunFact
        {
            Run = new RunKey(JenkinsFacts.System, instance, $"{job}#{number}"),

            // What is asked for is the truth of this moment; notifications before it knew less.
            SourceTime = receivedAt,
            ReceivedAt = receivedAt,
            Pipeline = job,
            Number = number,
            Url = build.Text("url"),
            Actor = causes.Select(c => c.Text("userId")).FirstOrDefault(u => u is not null),
            Trigger = causes.Select(c => WordOf(c.Text("_class"))).FirstOrDefault(),
            Parent = ParentOf(causes, instance),
            Links = causes.Select(c => c.Text("originalNumber")).OfType<string>().FirstOrDefault() is { } original
                ? [new RunKey(JenkinsFacts.System, instance, $"{job}#{original}")]
                : null,
            Vcs = JenkinsFacts.Code(data.Items("remoteUrls").FirstOrDefault().Text()) with
            {
                Commit = data.Text("lastBuiltRevision", "SHA1"),
                HeadName = JenkinsFacts.ChangeOf(job) is null
                    ? JenkinsFacts.BranchOf(data.Items("lastBuiltRevision", "branch").FirstOrDefault().Text("name"))
                    : null,
                ChangeId = JenkinsFacts.ChangeOf(job),
            },
            Attributes = new FurtherFacts()
                .Add("artifact.filename", string.Join(", ", build.Items("artifacts").Select(a => a.Text("fileName")).OfType<string>()))
                .AddWaiting(describe.Text("status") == "PAUSED_PENDING_INPUT" ? "input" : null).ToFacts(),
            Life = life,
            Tasks = TasksOf(build, job, describe, life),
        };
    }

    private static List<TaskFact> TasksOf(JsonElement build, string job, JsonElement describe, LifeFact life)
    {
        var stages = describe.Items("stages").Where(s => s.Text("id") is not null).Select(s => JenkinsStages.Read(s, life)).ToList();
        if (stages.Count == 0 && (build.Text("_class")?.EndsWith("FreeStyleBuild", StringComparison.Ordinal) ?? false))
        {
            // A job without stages is one task.
            stages.Add(new TaskFact
            {
                Key = new TaskKey("build"), Name = job[(job.LastIndexOf('/') + 1)..], Life = life, Worker = build.Text("builtOn"),
            });
        }

        return stages;
    }

    private static LifeFact Life(JsonElement build, JsonElement describe, TimestampNs? started)
    {
        var queued = (ulong)Math.Clamp(describe.Number("queueDurationMillis") ?? 0, 0, 1e15) * TimestampNs.PerMs;
        var life = new LifeFact
        {
            CreatedAt = started is { } at && queued > 0 && queued < at.Value ? new TimestampNs(at.Value - queued) : null,
            StartedAt = started,
        };
        if (build.Text("result") is not { } word || build.Flag("building"))
        {
            return life with { State = RunState.Executing };
        }

        var interruption = CausesOf(build, "InterruptedBuildAction").FirstOrDefault();
        var (result, error) = ReadEnd(word, interruption.Text("_class"));
        var duration = (ulong)Math.Clamp(build.Number("duration") ?? 0, 0, 1e15) * TimestampNs.PerMs;
        return life with
        {
            State = RunState.Finished,
            Result = result,
            ErrorType = result.IsBad() ? error : null,
            Message = interruption.Text("shortDescription"),
            FinishedAt = started is { } begin ? new TimestampNs(begin.Value + duration) : null,
        };
    }

    private static (RunResult Result, string Error) ReadEnd(string word, string? interruption) => interruption switch
    {
        { } cause when cause.EndsWith("$ExceededTimeout", StringComparison.Ordinal) => (RunResult.Timeout, "ExceededTimeout"),

        // The node went away under the build.
        { } cause when cause.Contains("RemovedNode", StringComparison.Ordinal) || cause.Contains("Offline", StringComparison.Ordinal) =>
            (RunResult.Error, SimpleName(cause)),
        _ => (JenkinsFacts.ReadResult(word), word),
    };

    private static IEnumerable<JsonElement> CausesOf(JsonElement build, string action) => build.Items("actions")
        .Where(a => a.Text("_class")?.EndsWith(action, StringComparison.Ordinal) ?? false).SelectMany(a => a.Items("causes"));

    // Where a shared library is fetched too there are several: the job's own is the one named like it, else the first.
    private static JsonElement BuildDataOf(JsonElement build, string job)
    {
        var all = build.Items("actions").Where(a => a.At("lastBuiltRevision").ValueKind == JsonValueKind.Object).ToArray();
        return all.FirstOrDefault(a => VcsText.RepositoryName(a.Items("remoteUrls").FirstOrDefault().Text()) is { } name
            && job.Split('/').Contains(name, StringComparer.OrdinalIgnoreCase)) is { ValueKind: JsonValueKind.Object } own ? own : all.FirstOrDefault();
    }

    private static RunKey? ParentOf(IEnumerable<JsonElement> causes, string instance)
    {
        var cause = causes.FirstOrDefault(c => c.Text("upstreamProject") is not null && c.Text("upstreamBuild") is not null);
        return cause.Text("upstreamProject") is { } project
            ? new RunKey(JenkinsFacts.System, instance, $"{project}#{cause.Text("upstreamBuild")}")
            : null;
    }

    private static string? WordOf(string? cause) => cause is null ? null : SimpleName(cause) switch
    {
        "UserIdCause" => "user",
        "TimerTriggerCause" => "schedule",
        "UpstreamCause" or "BuildUpstreamCause" => "upstream",
        "RemoteCause" => "remote",
        "BranchEventCause" or "GitHubPushCause" or "SCMTriggerCause" or "BitBucketPushCause" or "GitLabWebHookCause" => "push",
        "BranchIndexingCause" => "indexing",
        "ReplayCause" => "replay",
        var other => other,
    };

    private static string SimpleName(string type) => type[(type.LastIndexOfAny(['.', '$']) + 1)..];
}
