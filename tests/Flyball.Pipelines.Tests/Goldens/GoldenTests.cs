using Flyball.Pipelines.Buildkite;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitHub;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.Jenkins;
using Flyball.Pipelines.Tekton;
using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>Every payload beside the repository gives the run, the trace and the metrics that stand in a file here, read once by a person
/// against the tables of docs/specs.</summary>
/// <remarks>Rewrite them with <c>FLYBALL_REWRITE_GOLDENS=1</c> and read the difference; under <c>CI=true</c> that is refused.</remarks>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("tekton", "cloudevents/run-7xk2p-success-with-retry")]
    [InlineData("tekton", "cloudevents/run-c4nc1-cancelled")]
    [InlineData("tekton", "cloudevents/run-t1m3o-timeout")]
    [InlineData("buildkite", "webhooks/run-42")]
    [InlineData("buildkite", "webhooks/run-43")]
    [InlineData("buildkite", "webhooks/agent")]
    [InlineData("github", "webhooks/rerun")]
    [InlineData("gitlab", "webhooks/run-5500")]
    [InlineData("jenkins", "notification/build-58")]
    public async Task A_story_gives_its_trace_and_metrics(string system, string folder)
    {
        var files = FilesIn(SharedData.Require($"data/ci/{system}/{folder}"));

        Check($"{system}-{Path.GetFileName(folder)}", await GoldenStream.TellAsync(ConnectorOf(system), files));
    }

    [Theory]
    [InlineData("tekton", "cloudevents")]
    [InlineData("buildkite", "webhooks")]
    [InlineData("buildkite", "eventbridge")]
    [InlineData("github", "webhooks")]
    [InlineData("github", "webhooks/conclusions")]
    [InlineData("gitlab", "webhooks")]
    [InlineData("gitlab", "webhooks/failure-reasons")]
    [InlineData("jenkins", "notification")]
    public async Task Each_event_alone_gives_what_it_can(string system, string folder)
    {
        var text = new List<string>();
        foreach (var file in FilesIn(SharedData.Require($"data/ci/{system}/{folder}")))
        {
            text.Add(await GoldenStream.TellAsync(ConnectorOf(system), [file]));
        }

        Check($"{system}-{folder.Replace('/', '-')}-alone", string.Join("\n\n", text));
    }

    private static string[] FilesIn(string folder) => [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal)];

    private static IConnector ConnectorOf(string system) => system switch
    {
        "tekton" => new TektonConnector(() => []),
        "buildkite" => new BuildkiteConnector(() => []),
        "github" => new GitHubConnector(() => []),
        "gitlab" => new GitLabConnector(() => []),
        _ => new JenkinsConnector(() => []),
    };

    internal static void Check(string name, string actual)
    {
        var path = Path.Combine(SharedData.Repository, "tests/Flyball.Pipelines.Tests/Goldens", name + ".txt");
        actual += "\n";
        if (Environment.GetEnvironmentVariable("FLYBALL_REWRITE_GOLDENS") == "1")
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") != "true", "goldens are rewritten by people, not by continuous integration");
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"there is no {path}; write it with FLYBALL_REWRITE_GOLDENS=1 and read it");
        Assert.Equal(File.ReadAllText(path), actual);
    }
}
