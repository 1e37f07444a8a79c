using Flyball.Testing;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>No payload is forgotten: each has a golden file or another test, or a reason why nothing reads it.</summary>
public sealed class CoverageTests
{
    // The longest prefix counts.
    private static readonly (string Prefix, string Where)[] Known =
    [
        ("buildkite/eventbridge/", "golden buildkite-eventbridge-alone"),
        ("buildkite/rest/build-", "golden buildkite-rest"),
        ("buildkite/rest/agents-list-docs", "not read: agents are known by their events"),
        ("buildkite/rest/job-trigger-docs", "golden buildkite-rest"),
        ("buildkite/rest/jobs-list-docs", "not read: builds are asked for with their jobs inside"),
        ("buildkite/metrics/", "not read: the agents' API is Buildkite's exporter's to ask, which Flyball can scrape"),
        ("buildkite/webhooks/", "golden buildkite-webhooks-alone"),
        ("buildkite/webhooks/run-42", "golden buildkite-run-42"),
        ("buildkite/webhooks/run-43", "golden buildkite-run-43"),
        ("buildkite/webhooks/agent", "golden buildkite-agent"),
        ("buildkite/signature/", "BuildkiteConnectorTests"),
        ("github/webhooks/", "golden github-webhooks-alone"),
        ("github/webhooks/conclusions", "golden github-webhooks-conclusions-alone"),
        ("github/webhooks/rerun", "golden github-rerun"),
        ("github/rest/", "golden github-rest"),
        ("github/signature/", "GitHubConnectorTests"),
        ("gitlab/webhooks/", "golden gitlab-webhooks-alone"),
        ("gitlab/webhooks/failure-reasons", "golden gitlab-webhooks-failure-reasons-alone"),
        ("gitlab/webhooks/run-5500", "golden gitlab-run-5500"),
        ("gitlab/rest/", "golden gitlab-rest"),
        ("gitlab/rest/devlake-deployment-", "not read: environment, tier and result stand in the job that deploys"),
        ("gitlab/signature/", "GitLabConnectorTests"),
        ("jenkins/build/", "golden jenkins-rest"),
        ("jenkins/wfapi/", "golden jenkins-wfapi"),
        ("jenkins/notification/", "golden jenkins-notification-alone"),
        ("jenkins/notification/build-58", "golden jenkins-build-58"),
        ("jenkins/queue/", "not read: an item has no build yet, and the build tells how long it waited"),
        ("tekton/cloudevents/", "golden tekton-cloudevents-alone"),
        ("tekton/cloudevents/run-7xk2p", "golden tekton-run-7xk2p-success-with-retry"),
        ("tekton/cloudevents/run-c4nc1", "golden tekton-run-c4nc1-cancelled"),
        ("tekton/cloudevents/run-t1m3o", "golden tekton-run-t1m3o-timeout"),
        ("tekton/kube-api/list-", "golden tekton-kube-api"),
        ("tekton/kube-api/watch-", "golden tekton-watch"),
        ("tekton/objects/", "golden tekton-objects, tekton-objects-yaml"),
        ("tekton/results-api/", "golden tekton-results-api"),
        ("junit/", "golden TestReports/junit.golden.txt"),
        ("otlp/", "OtlpPayloadTests in tests/Flyball.Server.Tests"),
        ("falco/", "not read: alerts of a running system, not runs; falcosidekick sends them to Alertmanager's API"),
        ("SOURCES.md", "not a payload"),
    ];

    [Fact]
    public void Every_payload_has_a_golden_or_another_test_or_a_reason()
    {
        var root = Path.GetDirectoryName(SharedData.Require("data/ci/SOURCES.md"))!;
        var payloads = Directory.GetFiles(root, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".headers", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(root, f)).ToArray();

        Assert.Equal([], payloads.Where(p => WhereOf(p) is null));
        Assert.Empty(Known.Select(k => k.Prefix).Except(payloads.Select(p => Known.Where(k => p.StartsWith(k.Prefix, StringComparison.Ordinal)).MaxBy(k => k.Prefix.Length).Prefix)));
    }

    [Fact]
    public void Every_golden_file_is_one_of_those_named()
    {
        var folder = Path.Combine(SharedData.Repository, "tests/Flyball.Pipelines.Tests/Goldens");
        var named = Known.Where(k => k.Where.StartsWith("golden ", StringComparison.Ordinal)).SelectMany(k => k.Where["golden ".Length..].Split(", ")).ToHashSet();

        Assert.Empty(Directory.GetFiles(folder, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Except(named));
        Assert.Equal([], named.Where(n => !n.Contains('/', StringComparison.Ordinal) && !File.Exists(Path.Combine(folder, n + ".txt"))));
    }

    private static string? WhereOf(string payload) =>
        Known.Where(k => payload.StartsWith(k.Prefix, StringComparison.Ordinal)).MaxBy(k => k.Prefix.Length).Where;
}
