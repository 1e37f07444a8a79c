using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Tekton;
using Flyball.Testing;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>What objects as the APIs show them become; see <see cref="GoldenTests"/>.</summary>
public sealed class RestGoldenTests
{
    private static readonly TimestampNs Now = TimestampNs.From(TestClock.DefaultStart);

    [Fact]
    public Task Objects_of_Tekton() => CheckAsync("tekton-objects", "tekton/objects", (root, _) =>
    [
        TektonFacts.Read(root.Text("kind") ?? (root.At("spec", "pipelineRef").ValueKind == JsonValueKind.Object ? "PipelineRun" : "TaskRun"), root, null, Now, out var _),
    ]);

    [Fact]
    public Task Objects_of_Tekton_as_people_write_them() => CheckAsync("tekton-objects-yaml", "tekton/objects", (root, _) =>
        [TektonFacts.Read(root.Text("kind") ?? "PipelineRun", root, null, Now, out var _)], "*.yaml");

    [Fact]
    public Task Changes_watched_in_Kubernetes() => CheckAsync("tekton-watch", "tekton/kube-api", (root, _) =>
        [.. root.Items().Where(e => e.Text("type") is "ADDED" or "MODIFIED").Select(e => TektonFacts.Read("PipelineRun", e.At("object"), null, Now, out var _))], "*.ndjson");

    [Fact]
    public Task Records_of_Tekton_Results() => CheckAsync("tekton-results-api", "tekton/results-api", (root, _) =>
        [.. root.Items("records").Select(TektonResultsReader.Read)]);

    [Fact]
    public Task Lists_of_Kubernetes() => CheckAsync("tekton-kube-api", "tekton/kube-api", (root, _) =>
        [.. root.Items("items").Select(i => TektonFacts.Read("TaskRun", i, null, Now, out var _))]);

    [Fact]
    public Task Builds_of_Buildkite() => CheckAsync("buildkite-rest", "buildkite/rest", (root, name) =>
    {
        // A job alone has no build around it; one that has ended stands in.
        using var around = JsonDocument.Parse($$"""
            {"id": "stand-in", "state": "passed", "finished_at": "2015-05-09T21:08:59.874Z", "jobs": [{{root.GetRawText()}}]}
            """);
        return name.StartsWith("build-", StringComparison.Ordinal) ? [BuildkiteFacts.ReadRest(root, Now)]
            : name.StartsWith("job-", StringComparison.Ordinal) ? [BuildkiteFacts.ReadRest(around.RootElement, Now)]
            : [];
    });

    [Fact]
    public Task Runs_and_jobs_of_GitHub() => CheckAsync("github-rest", "github/rest", (root, name) =>
        root.ValueKind != JsonValueKind.Object ? []
        : root.At("jobs").ValueKind == JsonValueKind.Array ? [.. root.Items("jobs").Select(j => Annotated(GitHubFacts.ReadJob(j, default, Now), name))]
        : root.Text("run_id") is not null ? [GitHubFacts.ReadJob(root, default, Now)] : [GitHubFacts.ReadRun(root, root, Now)]);

    [Fact]
    public Task Pipelines_and_jobs_of_GitLab() => CheckAsync("gitlab-rest", "gitlab/rest", (root, name) =>
        name.Contains("pipeline", StringComparison.Ordinal) ? [GitLabRest.Read(root, default, [], [], Now)]
        : name.Contains("job", StringComparison.Ordinal) ? [GitLabRest.Read(root.At("pipeline"), default, [root], [], Now)]
        : name.Contains("bridge", StringComparison.Ordinal) ? [GitLabRest.Read(root.At("pipeline"), default, [], [root], Now)] : []);

    [Fact]
    public Task Builds_of_Jenkins() => CheckAsync("jenkins-rest", "jenkins/build", (root, name) =>
    {
        var beside = SharedData.Require("data/ci/jenkins/wfapi/multibranch-main-2-describe.json")
            .Replace("multibranch-main-2-describe", name[..name.LastIndexOf('-')] + "-describe", StringComparison.Ordinal);
        using var describe = JsonDocument.Parse(File.Exists(beside) ? File.ReadAllText(beside) : "{}");
        return [JenkinsBuilds.Read(root, "ci.example.com", "acme/" + name, describe.RootElement, Now)];
    });

    [Fact]
    public Task Stage_views_of_Jenkins() => CheckAsync("jenkins-wfapi", "jenkins/wfapi", (root, name) =>
    {
        // A stage view alone has no build around it; the one of its example stands in.
        using var build = JsonDocument.Parse("""{"number": 1, "timestamp": 1413461275770, "building": true}""");
        // So does a view around a stage that was asked for alone.
        using var around = JsonDocument.Parse($$"""{"stages": [{{root.GetRawText()}}]}""");
        var views = root.ValueKind == JsonValueKind.Array ? root.Items() : root.At("stages").ValueKind == JsonValueKind.Array ? [root] : [around.RootElement];
        return [.. views.Select((v, i) => JenkinsBuilds.Read(build.RootElement, "ci.example.com", $"acme/{name}-{i}", v, Now))];
    });

    // GitHub keeps the reason of a job's end beside it.
    private static RunFact? Annotated(RunFact? fact, string name)
    {
        var folder = SharedData.Require("data/ci/github/rest");
        var repository = name[..name.IndexOf("-actions-", StringComparison.Ordinal)];
        var beside = Path.Combine(folder, $"{repository}-check-runs-{fact?.Tasks[0].Key.Id}-annotations.json");
        if (fact is null || !File.Exists(beside))
        {
            return fact;
        }

        using var annotations = JsonDocument.Parse(File.ReadAllText(beside));
        return GitHubAnnotations.Apply(fact, annotations.RootElement);
    }

    private static string JsonOfYaml(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Of(stream.Documents[0].RootNode);

        static string Of(YamlNode node) => node switch
        {
            YamlMappingNode map => $"{{{string.Join(',', map.Children.Select(c => $"{JsonSerializer.Serialize(c.Key.ToString())}:{Of(c.Value)}"))}}}",
            YamlSequenceNode list => $"[{string.Join(',', list.Children.Select(Of))}]",
            YamlScalarNode { Style: ScalarStyle.Plain, Value: "" or "null" or "~" } => "null",
            YamlScalarNode { Style: ScalarStyle.Plain, Value: { } value } when value is "true" or "false" || long.TryParse(value, out _) => value,
            _ => JsonSerializer.Serialize(node.ToString()),
        };
    }

    private static async Task CheckAsync(string golden, string folder, Func<JsonElement, string, IReadOnlyList<RunFact?>> read, string files = "*.json")
    {
        var text = new List<string>();
        foreach (var file in Directory.GetFiles(SharedData.Require("data/ci/" + folder), files).Order(StringComparer.Ordinal))
        {
            var content = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            using var document = JsonDocument.Parse(Path.GetExtension(file) switch
            {
                ".yaml" => JsonOfYaml(content),
                ".ndjson" => $"[{string.Join(',', content.Split('\n', StringSplitOptions.RemoveEmptyEntries))}]",
                _ => content,
            });
            var facts = read(document.RootElement, Path.GetFileNameWithoutExtension(file));
            if (facts.Count > 0)
            {
                text.Add($"object {Path.GetFileName(file)}\n" + (facts.All(f => f is null) ? "no run: it has no id" : await GoldenStream.TellAsync(facts)));
            }
        }

        GoldenTests.Check(golden, string.Join("\n\n", text));
    }
}
