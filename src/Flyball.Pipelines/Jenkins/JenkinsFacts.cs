using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tracking;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Turns notifications about a build into facts.</summary>
internal static class JenkinsFacts
{
    public const string System = "jenkins";

    /// <summary>Reads a notification; null if the build has no identity.</summary>
    public static IReadOnlyList<RunFact>? Read(JsonElement root, TimestampNs receivedAt)
    {
        var build = root.At("build");
        if (build.Text("number") is not { } number || SplitAddress(build.Text("full_url"), build.Text("url")) is not { } place)
        {
            return null;
        }

        var seen = Milliseconds(build.Integer("timestamp")) ?? receivedAt;
        var repository = build.Text("scm", "url");
        var fact = new RunFact
        {
            Run = new RunKey(System, place.Instance, $"{place.Job}#{number}"),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = place.Job,
            Number = number,
            Url = build.Text("full_url"),
            Vcs = Code(repository) with
            {
                Commit = build.Text("scm", "commit"),
                HeadName = BranchOf(build.Text("scm", "branch")),
                ChangeId = ChangeOf(place.Job),
            },
            Attributes = Attributes(build),
            Life = Life(build, seen),
        };

        // First when it began: only of a build whose start is known the end tells how long it took.
        return StartOf(build, seen) is { } start
            ? [fact with { SourceTime = start.Strength, Attributes = null, Life = new LifeFact { StartedAt = start.At } }, fact]
            : [fact];
    }

    /// <summary>The code a repository's address tells of.</summary>
    public static VcsFacts Code(string? repository) => new()
    {
        RepositoryUrl = VcsText.RepositoryUrl(repository),
        RepositoryName = VcsText.RepositoryName(repository),
        Owner = VcsText.Owner(repository),
        Provider = VcsText.Provider(repository),
    };

    /// <summary>A branch as people call it.</summary>
    public static string? BranchOf(string? name)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["refs/remotes/", "origin/"])
        {
            name = name is not null && name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : name;
        }

        return VcsText.StripReference(name);
    }

    /// <summary>Multibranch jobs of changes are named <c>PR-12</c> or <c>MR-12</c>.</summary>
    public static string? ChangeOf(string job)
    {
        var leaf = job[(job.LastIndexOf('/') + 1)..];
        return (leaf.StartsWith("PR-", StringComparison.Ordinal) || leaf.StartsWith("MR-", StringComparison.Ordinal))
            && leaf.Length > 3 && leaf.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0 ? leaf[3..] : null;
    }

    /// <summary>A point in time given in milliseconds.</summary>
    public static TimestampNs? Milliseconds(long? value) =>
        value is > 0 and < 100_000_000_000_000 ? TimestampNs.From(new TimestampMs(value.Value)) : null;

    /// <summary>How a build or stage ended.</summary>
    public static RunResult ReadResult(string? status) => status switch
    {
        "SUCCESS" => RunResult.Success,
        "FAILURE" or "FAILED" or "UNSTABLE" => RunResult.Failure,

        // A time-out looks the same here; only the REST API tells its cause.
        "ABORTED" => RunResult.Cancellation,
        "NOT_BUILT" or "NOT_EXECUTED" => RunResult.Skip,
        _ => RunResult.Error,
    };

    private static IReadOnlyDictionary<string, string>? Attributes(JsonElement build) => new FurtherFacts()
        .Add("artifact.filename", string.Join(", ", build.Members("artifacts").Select(a => a.Name)))
        .Add("flyball.tests.total", build.Text("test_summary", "total"))
        .Add("flyball.tests.passed", build.Text("test_summary", "passed"))
        .Add("flyball.tests.failed", build.Text("test_summary", "failed"))
        .Add("flyball.tests.skipped", build.Text("test_summary", "skipped"))
        .Add("flyball.notes", build.Text("notes"))
        .Add("flyball.log.tail", TailOf(build.Text("log")))
        .ToFacts();

    // Weaker than any word of the REST API, which speaks as of now. A pipeline may say STARTED itself whenever it likes (notifyEndpoints), so
    // the earliest start is the strongest. At the end the start is the event's time less the duration, which has other ends than the event:
    // any word of the start itself is better.
    private static (TimestampNs At, TimestampNs Strength)? StartOf(JsonElement build, TimestampNs seen)
    {
        var duration = (ulong)Math.Clamp(build.Number("duration") ?? 0, 0, 1e15) * TimestampNs.PerMs;
        return build.Text("phase") switch
        {
            "STARTED" => (seen, new TimestampNs((ulong.MaxValue - seen.Value) >> 8)),
            "COMPLETED" or "FINALIZED" when duration > 0 && seen.Value > duration => (new TimestampNs(seen.Value - duration), new TimestampNs(1)),
            _ => null,
        };
    }

    // The end of a log says why it ended; of an over-long text the beginning would be kept.
    private static string? TailOf(string? log) =>
        log?.TrimEnd() is { Length: > FactLimits.MostText } tooLong ? tooLong[^FactLimits.MostText..] : log?.TrimEnd();

    private static LifeFact Life(JsonElement build, TimestampNs seen)
    {
        var status = build.Text("status");
        switch (build.Text("phase"))
        {
            case "QUEUED":
                return new LifeFact { State = RunState.Pending, CreatedAt = seen };
            case "STARTED" or "NONE":
                return new LifeFact { State = RunState.Executing };
            case "COMPLETED":
                return new LifeFact { State = RunState.Finalizing, FinalizingAt = seen };
            case "FINALIZED":
                var result = ReadResult(status);
                return new LifeFact
                {
                    State = RunState.Finished,
                    Result = result,
                    ErrorType = result.IsBad() ? status ?? "_OTHER" : null,
                    FinishedAt = seen,
                };
            default:
                return new LifeFact { State = status is null ? RunState.Executing : null };
        }
    }

    /// <summary>Takes the build's address apart: which Jenkins, which job. Its branches are encoded twice in it; decoded once they are
    /// what the job's own environment calls them.</summary>
    public static (string Instance, string Job)? SplitAddress(string? full, string? relative)
    {
        if (!Uri.TryCreate(full, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        relative = relative?.Trim('/');
        var path = address.AbsolutePath.Trim('/');
        var start = relative is not null && path.EndsWith(relative, StringComparison.Ordinal) ? path.Length - relative.Length : FindJob(path);
        if (start < 0)
        {
            return null;
        }

        var instance = (address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}") + (start > 1 ? "/" + path[..start].Trim('/') : "");
        var parts = path[start..].Split('/');
        var names = parts.Where((_, i) => i > 0 && parts[i - 1] == "job" && i % 2 == 1).Select(Uri.UnescapeDataString);
        var job = string.Join('/', names);
        return job.Length == 0 ? null : (instance, job);
    }

    private static int FindJob(string path) =>
        path.StartsWith("job/", StringComparison.Ordinal) ? 0 : path.IndexOf("/job/", StringComparison.Ordinal) is var at && at < 0 ? -1 : at + 1;
}
