using System.Security.Cryptography;
using System.Text;
using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;

namespace Flyball.Pipelines.Step;

/// <summary>A job of GitHub Actions as the collector's githubreceiver sends it: the job's facts are the resource, its steps have names only.</summary>
/// <remarks>No span says which attempt it is of, but the trace id is made from it: SHA-256 of run, attempt and "t".</remarks>
internal static class GitHubReceiverSpans
{
    // GitHub allows so many re-runs.
    private const int MostAttempts = 51;

    public static IEnumerable<RunFact> Read(IReadOnlyList<VendorSpan> spans)
    {
        foreach (var job in spans.GroupBy(s => s["cicd.pipeline.task.run.url.full"]!))
        {
            if (SplitAddress(job.Key) is { } place && ReadJob(place.Host, place.Run, place.Job, [.. job]) is { } fact)
            {
                yield return fact;
            }
        }
    }

    /// <summary>The attempt a trace id was made from; null if it was made otherwise.</summary>
    public static int? AttemptOf(TraceId trace, string run)
    {
        for (var attempt = 1; attempt <= MostAttempts; attempt++)
        {
            var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{run}{attempt}t"));
            if (Convert.ToHexStringLower(hash.AsSpan(0, 16)) == trace.ToString())
            {
                return attempt;
            }
        }

        return null;
    }

    private static RunFact? ReadJob(string host, string run, string id, List<VendorSpan> spans)
    {
        var steps = spans.FindAll(s => s.Own("cicd.pipeline.task.name") is not null);
        var queue = spans.Find(s => s.Name.StartsWith("queue-", StringComparison.Ordinal));
        var job = spans.Find(s => s != queue && !steps.Contains(s));
        var about = job ?? spans[0];
        var attempt = (int?)about.Integer("github.workflow.run.attempt") ?? AttemptOf(about.Row.TraceId, run) ?? 1;
        var key = new RunKey(GitHubFacts.System, host, run, Math.Clamp(attempt, 1, MostAttempts));
        var address = about["cicd.pipeline.task.run.url.full"]!;
        var repository = address[..address.IndexOf("/actions/runs/", StringComparison.Ordinal)];
        return VendorSpans.About(key, about) with
        {
            Actor = about["cicd.pipeline.run.sender.login"] ?? about["cicd.pipeline.task.run.sender.login"],
            Vcs = new VcsFacts
            {
                RepositoryUrl = VcsText.RepositoryUrl(repository),
                RepositoryName = VcsText.RepositoryName(repository),
                Owner = VcsText.Owner(repository),
                Provider = about["vcs.provider.name"] ?? about["vcs.vendor.name"],
                HeadName = about["vcs.ref.head.name"] ?? about["vcs.ref.head"],
                HeadType = about["vcs.ref.head.type"],
                Commit = about["vcs.ref.head.revision"],
            },
            Tasks =
            [
                new TaskFact
                {
                    Key = new TaskKey(id),
                    Name = job?.Name ?? about["cicd.pipeline.name"],
                    Attempt = key.Attempt,
                    Url = address,
                    Worker = about["cicd.worker.name"] ?? about["cicd.pipeline.worker.name"],
                    Life = job is null ? null : job.Life(ResultOf(job)) with { CreatedAt = queue?.Row.Start },
                    Attributes = new FurtherFacts().Add("cicd.worker.id", about["cicd.worker.id"] ?? about["cicd.pipeline.worker.id"])
                        .Add("flyball.worker.group", about["cicd.pipeline.worker.group.name"]).ToFacts(),
                    Steps = [.. steps.OrderBy(s => s.Row.Start).ThenBy(s => s.Row.End).Select((s, i) => new StepFact { Id = $"otlp/{i:D4}", Name = s.Name, Life = s.Life(ResultOf(s)) })],
                },
            ],
        };
    }

    // https://github.com/OWNER/NAME/actions/runs/RUN/job/JOB
    private static (string Host, string Run, string Job)? SplitAddress(string address)
    {
        var parts = address.Split('/');
        var at = Array.IndexOf(parts, "runs");
        return VcsText.Host(address) is { } host && at > 0 && parts.Length > at + 3 && parts[at + 1].Length > 0 && parts[at + 1].All(char.IsAsciiDigit)
            ? (host, parts[at + 1], parts[at + 3])
            : null;
    }

    private static RunResult? ResultOf(VendorSpan span)
    {
        var word = span["cicd.pipeline.task.run.result"] ?? span["cicd.pipeline.task.run.status"] ?? span["cicd.pipeline.run.task.status"];
        return RunWords.ParseResult(word) ?? (word is null ? null : GitHubStates.Read("completed", word, hasEnd: true).Result);
    }
}
