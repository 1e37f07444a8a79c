using Flyball.Step.CommandLine;
using Flyball.Step.Contexts;
using Flyball.Step.Detection;

namespace Flyball.Step.Tests.Detection;

public sealed class CiDetectionTests
{
    private static readonly Dictionary<string, string> Buildkite = new()
    {
        ["BUILDKITE"] = "true",
        ["BUILDKITE_BUILD_ID"] = "0199f2a4-012a-4c3d-9a1b-5f2e7d8c012a",
        ["BUILDKITE_JOB_ID"] = "0199f2a4-0201-4c3d-9a1b-5f2e7d8c0201",
        ["BUILDKITE_BUILD_NUMBER"] = "42",
        ["BUILDKITE_BUILD_URL"] = "https://buildkite.com/acme/payments/builds/42",
        ["BUILDKITE_PIPELINE_SLUG"] = "payments",
        ["BUILDKITE_STEP_KEY"] = "test",
        ["BUILDKITE_RETRY_COUNT"] = "1",
        ["BUILDKITE_COMMIT"] = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        ["BUILDKITE_BRANCH"] = "main",
        ["BUILDKITE_PULL_REQUEST"] = "false",
        ["BUILDKITE_REPO"] = "git@github.com:acme/payments.git",
        ["BUILDKITE_BUILD_CREATOR"] = "ada",
        ["BUILDKITE_SOURCE"] = "webhook",
        ["BUILDKITE_AGENT_NAME"] = "agent-1",
    };

    private static readonly Dictionary<string, string> GitHub = new()
    {
        ["GITHUB_ACTIONS"] = "true",
        ["GITHUB_SERVER_URL"] = "https://github.com",
        ["GITHUB_REPOSITORY"] = "acme/payments",
        ["GITHUB_RUN_ID"] = "7700001",
        ["GITHUB_RUN_ATTEMPT"] = "2",
        ["GITHUB_RUN_NUMBER"] = "101",
        ["GITHUB_WORKFLOW"] = "ci",
        ["GITHUB_JOB"] = "unit",
        ["GITHUB_SHA"] = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        ["GITHUB_REF"] = "refs/pull/7/merge",
        ["GITHUB_REF_NAME"] = "7/merge",
        ["GITHUB_REF_TYPE"] = "branch",
        ["GITHUB_HEAD_REF"] = "fix-rounding",
        ["GITHUB_BASE_REF"] = "main",
        ["GITHUB_ACTOR"] = "bob",
        ["GITHUB_TRIGGERING_ACTOR"] = "ada",
        ["GITHUB_EVENT_NAME"] = "pull_request",
        ["RUNNER_NAME"] = "runner-3",
    };

    private static readonly Dictionary<string, string> GitLab = new()
    {
        ["GITLAB_CI"] = "true",
        ["CI_SERVER_HOST"] = "gitlab.com",
        ["CI_PIPELINE_ID"] = "5500",
        ["CI_PIPELINE_IID"] = "12",
        ["CI_PROJECT_PATH"] = "acme/payments",
        ["CI_PROJECT_URL"] = "https://gitlab.com/acme/payments",
        ["CI_PIPELINE_URL"] = "https://gitlab.com/acme/payments/-/pipelines/5500",
        ["CI_JOB_NAME"] = "unit",
        ["CI_JOB_ID"] = "6600",
        ["CI_COMMIT_SHA"] = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        ["CI_COMMIT_TAG"] = "v1.2",
        ["GITLAB_USER_LOGIN"] = "ada",
        ["CI_PIPELINE_SOURCE"] = "push",
    };

    private static readonly Dictionary<string, string> Jenkins = new()
    {
        ["JENKINS_URL"] = "https://jenkins.example.com/",
        ["BUILD_ID"] = "58",
        ["BUILD_NUMBER"] = "58",
        ["JOB_NAME"] = "acme/payments/main",
        ["BUILD_URL"] = "https://jenkins.example.com/job/acme/job/payments/job/main/58/",
        ["STAGE_NAME"] = "Test",
        ["GIT_COMMIT"] = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        ["GIT_BRANCH"] = "origin/main",
        ["GIT_URL"] = "https://ada:secret@git.example.com/acme/payments.git",
    };

    private static readonly Dictionary<string, string> Tekton = new()
    {
        ["TEKTON_PIPELINE"] = "payments",
        ["TEKTON_PIPELINERUN_UID"] = "3f1b3c52-8f0e-4a47-9c1d-5e7d1f0c7a10",
        ["TEKTON_TASKRUN_UID"] = "a1000000-0000-4000-8000-000000000002",
        ["TEKTON_PIPELINE_TASK"] = "unit",
        ["TEKTON_RETRY_COUNT"] = "1",
        ["HOSTNAME"] = "payments-unit-pod-retry1",
    };

    public static TheoryData<string, string, string, string> Ids => new()
    {
        // system, trace id, span id of the run, parent of a step in the job: the published vectors of the id formula
        { "buildkite", "7c61c9d79554d5106f08967838d51639", "7ec8d335dd024970", "54ad65d5594b94b4" },
        { "github", "c758a5db134de83ea8f9c289989ff461", "", "" },
        { "gitlab", "aff9d315f1117ee9e8eab0f989a993d2", "1c6c1e3ea77a931f", "" },
        { "tekton", "5314f0e11a8ec61211a0000686e14050", "98aca5c7934da61d", "b758e4adb4fffbe5" },
        { "jenkins", "4a57e205e5c75f8696f4879ab849d27d", "338033018df9358f", "338033018df9358f" },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_step_joins_the_trace_that_the_systems_own_events_open(string system, string trace, string run, string parent)
    {
        var who = Decide(system);

        Assert.Equal(trace, who.Context.TraceId);
        Assert.Equal(run.Length == 0 ? who.RunSpanId : run, who.RunSpanId);
        Assert.Equal(parent.Length == 0 ? who.ParentSpanId : parent, who.ParentSpanId);
    }

    [Fact]
    public void The_first_attempt_of_a_github_run_is_another_trace()
    {
        var variables = new Dictionary<string, string>(GitHub) { ["GITHUB_RUN_ATTEMPT"] = "1", ["FLYBALL_GITHUB_JOB_ID"] = "8800001" };

        var who = Decide(variables);

        Assert.Equal("60a06d47aa580f71292f4c977246d07e", who.Context.TraceId);
        Assert.Equal("b27fcebfaf400b33", who.RunSpanId);
        Assert.Equal("da8dd1e2a81c5b36", who.ParentSpanId);
    }

    [Theory]
    [InlineData("buildkite", "payments", "test", "", "main", "branch", "ada", "webhook", "agent-1", 2)]
    [InlineData("github", "ci", "unit", "7", "fix-rounding", "branch", "ada", "pull_request", "runner-3", 2)]
    [InlineData("gitlab", "acme/payments", "unit", "", "v1.2", "tag", "ada", "push", "", 1)]
    [InlineData("tekton", "payments", "unit", "", "", "", "", "", "payments-unit-pod-retry1", 2)]
    [InlineData("jenkins", "acme/payments/main", "Test", "", "main", "branch", "", "", "", 1)]
    public void Facts_come_from_the_systems_variables(
        string system, string pipeline, string task, string change, string reference, string type, string actor, string trigger, string worker, int attempt)
    {
        var facts = CiDetection.Detect(new Variables(Environment(system)))!;

        Assert.Equal(
            (system, pipeline, task, change, reference, type),
            (facts.System, facts.Pipeline, facts.TaskName, facts.ChangeId, facts.Ref, facts.RefType));
        Assert.Equal((actor, trigger, worker, attempt), (facts.Actor, facts.Trigger, facts.Worker, facts.TaskAttempt));
    }

    [Theory]
    [InlineData("buildkite", "jenkins")]
    [InlineData("github", "jenkins")]
    [InlineData("gitlab", "jenkins")]
    [InlineData("tekton", "jenkins")]
    [InlineData("buildkite", "github")]
    public void The_first_in_the_table_wins_where_variables_leak(string winner, string loser)
    {
        var both = new Dictionary<string, string>(Environment(loser));
        foreach (var (name, value) in Environment(winner))
        {
            both[name] = value;
        }

        Assert.Equal(winner, CiDetection.Detect(new Variables(both))!.System);
    }

    [Theory]
    [InlineData("CI=true")]
    [InlineData("GITHUB_RUN_ID=5")]
    [InlineData("JENKINS_URL=https://jenkins.example.com/")]
    [InlineData("BUILDKITE=false")]
    public void Lesser_signs_prove_nothing(string variable)
    {
        var (name, value) = (variable.Split('=')[0], variable.Split('=', 2)[1]);

        Assert.Null(CiDetection.Detect(new Variables(new Dictionary<string, string> { [name] = value })));
    }

    [Fact]
    public void A_context_from_outside_is_the_parent_and_the_systems_own_trace_is_linked()
    {
        var outer = new SpanContext(new string('a', 32), new string('b', 16), 1, "");

        var who = Decide(Buildkite, outer);

        Assert.Equal((outer.TraceId, outer.SpanId), (who.Context.TraceId, who.ParentSpanId));
        Assert.Equal(("7c61c9d79554d5106f08967838d51639", "54ad65d5594b94b4"), (who.DerivedElsewhere!.TraceId, who.DerivedElsewhere.SpanId));
    }

    private static StepIdentity Decide(string system) => Decide(Environment(system));

    private static StepIdentity Decide(Dictionary<string, string> environment, SpanContext? outer = null)
    {
        var variables = new Variables(environment);
        return StepIdentity.Decide(new StepOptions(), CiDetection.Detect(variables)!, variables, outer, "make", () => 4711);
    }

    private static Dictionary<string, string> Environment(string system) => system switch
    {
        "buildkite" => Buildkite,
        "github" => GitHub,
        "gitlab" => GitLab,
        "tekton" => Tekton,
        _ => Jenkins,
    };
}
