using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.Jenkins;

namespace Flyball.Pipelines.Step;

/// <summary>Builds as Jenkins' OpenTelemetry plugin sends them: the root has <c>ci.pipeline.*</c>, stages are steps of the type "stage".</summary>
/// <remarks>The build's address and number name the same run as notifications and the REST API do.</remarks>
internal static class JenkinsSpans
{
    public static IEnumerable<RunFact> Read(IReadOnlyList<VendorSpan> spans)
    {
        var runs = new Dictionary<TraceId, RunKey>();
        foreach (var root in spans.Where(s => s.Own("ci.pipeline.run.number") is not null && s.Own("ci.pipeline.run.url") is not null))
        {
            if (JenkinsFacts.SplitAddress(root["ci.pipeline.run.url"], null) is { } place)
            {
                var key = runs[root.Row.TraceId] = new RunKey(JenkinsFacts.System, place.Instance, $"{place.Job}#{root["ci.pipeline.run.number"]}");
                yield return ReadRun(root, key, place.Job);
            }
        }

        foreach (var stage in spans.Where(s => s["jenkins.pipeline.step.type"] is "stage" && s["jenkins.pipeline.step.id"] is not null))
        {
            if (runs.TryGetValue(stage.Row.TraceId, out var key))
            {
                yield return VendorSpans.About(key, stage) with { Tasks = [ReadStage(stage)] };
            }
        }
    }

    private static RunFact ReadRun(VendorSpan root, RunKey key, string job)
    {
        var word = root["ci.pipeline.run.result"];
        var life = root.Life(word is null ? null : JenkinsFacts.ReadResult(word));
        return VendorSpans.About(key, root) with
        {
            Pipeline = job,
            Number = root["ci.pipeline.run.number"],
            Url = root["ci.pipeline.run.url"],
            Actor = root["ci.pipeline.run.user"],
            Vcs = JenkinsFacts.Code(root["git.repository"] ?? root["vcs.repository.url.full"]) with
            {
                HeadName = JenkinsFacts.BranchOf(root["git.branch"]),
                ChangeId = JenkinsFacts.ChangeOf(job),
            },
            Life = word is not null && life.Result is { } bad && bad.IsBad() ? life with { ErrorType = word } : life,
        };
    }

    private static TaskFact ReadStage(VendorSpan stage)
    {
        var word = stage["jenkins.pipeline.step.result"];
        return new TaskFact
        {
            Key = new TaskKey(stage["jenkins.pipeline.step.id"]!),
            Name = stage["jenkins.pipeline.step.name"] ?? stage.Name,
            Life = stage.Life(word is null ? null : JenkinsFacts.ReadResult(word)),
        };
    }
}
