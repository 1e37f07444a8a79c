using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Step;

/// <summary>Builds as Buildkite's OpenTelemetry exporter and its agents send them: build, stage, step and job are spans.</summary>
/// <remarks>A build that tells its UUID is the run of its webhooks. Without it all there is is a number, which makes a run of its own.</remarks>
internal static class BuildkiteSpans
{
    public static IEnumerable<RunFact> Read(IReadOnlyList<VendorSpan> spans)
    {
        var byId = new Dictionary<(TraceId, SpanId), VendorSpan>();
        foreach (var span in spans)
        {
            byId[(span.Row.TraceId, span.Row.SpanId)] = span;
        }

        foreach (var span in spans)
        {
            if (KeyOf(span) is not { } key)
            {
                continue;
            }

            var isSentHere = key.System == "otlp";
            var about = VendorSpans.About(key, span) with
            {
                TraceId = isSentHere ? span.Row.TraceId : null,
                Pipeline = span["buildkite.pipeline.slug"] ?? span["buildkite.pipeline"],
                Number = span["buildkite.build.number"] ?? span["buildkite.build_number"],
            };
            if (isSentHere)
            {
                about = about with { Attributes = null };
            }

            if (span.Name is "buildkite.build")
            {
                yield return ReadBuild(span, about, isSentHere);
            }
            else if (span.Name is "buildkite.job" or "job.run" && JobOf(span) is { } job)
            {
                yield return about with { Tasks = [ReadJob(span, job, byId, isSentHere)] };
            }
        }
    }

    private static RunKey? KeyOf(VendorSpan span)
    {
        var (organisation, pipeline, number) =
            (span["buildkite.organization.slug"], span["buildkite.pipeline.slug"], span["buildkite.build.number"]);
        return (span["buildkite.build.id"] ?? span["buildkite.build_id"]) is { } id ? new RunKey(BuildkiteFacts.System, "", id)
            : pipeline is not null && number is not null ? new RunKey("otlp", "buildkite.com", $"{organisation}/{pipeline}#{number}")
            : null;
    }

    private static string? JobOf(VendorSpan span) => span["buildkite.job.id"] ?? span["buildkite.job_id"];

    private static RunFact ReadBuild(VendorSpan span, RunFact about, bool isSentHere)
    {
        var commit = span["buildkite.build.commit"];
        var repository = span["buildkite.pipeline.repo"] ?? span["buildkite.pipeline.repository"];
        var life = span.Life(BuildkiteStates.ReadBuild(span["buildkite.build.state"], hasEnd: true).Result);
        return about with
        {
            SentSpanId = isSentHere ? span.Row.SpanId : null,
            Url = span["buildkite.build.web_url"],
            Trigger = span["buildkite.build.source"],
            Actor = span["buildkite.build.creator.name"] ?? span["buildkite.build.author"],
            Vcs = new VcsFacts
            {
                RepositoryUrl = VcsText.RepositoryUrl(repository),
                RepositoryName = VcsText.RepositoryName(repository),
                Owner = VcsText.Owner(repository),
                Provider = VcsText.Provider(repository),
                HeadName = span["buildkite.build.tag"] ?? span["buildkite.build.branch"],
                HeadType = span["buildkite.build.tag"] is null ? "branch" : "tag",
                Commit = commit is { Length: >= 7 } && commit.All(char.IsAsciiHexDigit) ? commit : null,
            },
            Life = life with { Cycle = life.FinishedAt!.Value },
        };
    }

    private static TaskFact ReadJob(VendorSpan span, string id, Dictionary<(TraceId, SpanId), VendorSpan> byId, bool isSentHere)
    {
        var exit = (int?)(span.Integer("buildkite.job.exit_status") ?? span.Integer("buildkite.exit_status"));
        var state = span["buildkite.job.state"];
        var result = state is "finished" or "failed" or null && exit is not null ? ResultOf(exit.Value) : BuildkiteStates.ReadBuild(state, hasEnd: true).Result;
        var wait = (ulong)Math.Clamp(span.Integer("buildkite.job.wait_time_ms") ?? 0, 0, 1L << 40) * TimestampNs.PerMs;
        return new TaskFact
        {
            Key = new TaskKey(id),
            Name = NameOf(span, byId),
            SentSpanId = isSentHere ? span.Row.SpanId : null,
            Worker = span["buildkite.agent.name"] ?? span["buildkite.agent"],
            Url = span["buildkite.job.web_url"],
            Life = span.Life(state is null && exit is null ? null : result) with
            {
                ExitCode = exit,
                CreatedAt = wait > 0 && span.Row.Start.Value > wait ? new TimestampNs(span.Row.Start.Value - wait) : null,
            },
            Attributes = new FurtherFacts().Add("flyball.worker.queue", span["buildkite.agent.queue"]).ToFacts(),
        };
    }

    // The step around a job has the name that stays the same from build to build.
    private static string NameOf(VendorSpan span, Dictionary<(TraceId, SpanId), VendorSpan> byId)
    {
        var parent = byId.GetValueOrDefault((span.Row.TraceId, span.Row.ParentId));
        return span["buildkite.step.key"] ?? parent?["buildkite.step.key"] ?? span["buildkite.job.label"] ?? span["buildkite.job_label"]
            ?? span["buildkite.step.label"] ?? parent?["buildkite.step.label"] ?? "job";
    }

    private static RunResult ResultOf(int exit) => exit switch
    {
        0 => RunResult.Success,
        -1 => RunResult.Error,
        _ => RunResult.Failure,
    };
}
