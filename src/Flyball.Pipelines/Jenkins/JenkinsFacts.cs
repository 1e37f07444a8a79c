using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Turns notifications about a build into facts.</summary>
internal static class JenkinsFacts
{
    public const string System = "jenkins";

    public static RunFact? Read(JsonElement root, TimestampNs receivedAt)
    {
        var build = root.At("build");
        if (build.Text("number") is not { } number || SplitAddress(build) is not { } place)
        {
            return null;
        }

        var at = Milliseconds(build.Integer("timestamp"));
        var seen = at ?? receivedAt;
        var leaf = place.Job[(place.Job.LastIndexOf('/') + 1)..];
        var repository = build.Text("scm", "url");
        return new RunFact
        {
            Run = new RunKey(System, place.Instance, $"{place.Job}#{number}"),
            SourceTime = seen,
            ReceivedAt = receivedAt,
            Pipeline = place.Job,
            Number = number,
            Url = build.Text("full_url"),
            Vcs = new VcsFacts
            {
                RepositoryUrl = VcsText.RepositoryUrl(repository),
                RepositoryName = VcsText.RepositoryName(repository),
                Owner = VcsText.Owner(repository),
                Provider = VcsText.Provider(repository),
                Commit = build.Text("scm", "commit"),
                HeadName = build.Text("scm", "branch") is { } branch && branch.StartsWith("origin/", StringComparison.Ordinal)
                    ? branch["origin/".Length..]
                    : build.Text("scm", "branch"),
                ChangeId = leaf.StartsWith("PR-", StringComparison.Ordinal) && leaf.AsSpan(3).IndexOfAnyExceptInRange('0', '9') < 0 ? leaf[3..] : null,
            },
            Life = Life(build, seen),
        };
    }

    private static LifeFact Life(JsonElement build, TimestampNs seen)
    {
        var duration = (ulong)Math.Clamp(build.Number("duration") ?? 0, 0, 1e15) * TimestampNs.PerMs;
        var started = duration > 0 && seen.Value > duration ? new TimestampNs(seen.Value - duration) : (TimestampNs?)null;
        var status = build.Text("status");
        switch (build.Text("phase"))
        {
            case "QUEUED":
                return new LifeFact { State = RunState.Pending, CreatedAt = seen };
            case "STARTED":
                return new LifeFact { State = RunState.Executing, StartedAt = seen };
            case "COMPLETED":
                return new LifeFact { State = RunState.Finalizing, StartedAt = started, FinalizingAt = seen };
            case "FINALIZED":
                var result = ReadResult(status);
                return new LifeFact
                {
                    State = RunState.Finished,
                    Result = result,
                    ErrorType = result.IsBad() ? status ?? "_OTHER" : null,
                    StartedAt = started,
                    FinishedAt = seen,
                };
            default:
                return new LifeFact { State = status is null ? RunState.Executing : null };
        }
    }

    private static RunResult ReadResult(string? status) => status switch
    {
        "SUCCESS" => RunResult.Success,
        "FAILURE" or "UNSTABLE" => RunResult.Failure,

        // A time-out looks the same here; only the REST API tells its cause.
        "ABORTED" => RunResult.Cancellation,
        "NOT_BUILT" or "NOT_EXECUTED" => RunResult.Skip,
        _ => RunResult.Error,
    };

    /// <summary>Takes the build's address apart: which Jenkins, which job. Its branches are encoded twice in it; decoded once they are
    /// what the job's own environment calls them.</summary>
    private static (string Instance, string Job)? SplitAddress(JsonElement build)
    {
        if (build.Text("full_url") is not { } full || !Uri.TryCreate(full, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return null;
        }

        var relative = build.Text("url")?.Trim('/');
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

    private static TimestampNs? Milliseconds(long? value) =>
        value is > 0 and < 100_000_000_000_000 ? TimestampNs.From(new TimestampMs(value.Value)) : null;
}
