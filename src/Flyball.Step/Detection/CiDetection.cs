namespace Flyball.Step.Detection;

/// <summary>Finds out from environment variables which CI system runs this step.</summary>
/// <remarks>
/// Jenkins is asked after those with an unmistakable flag, because its variables leak into tools started inside of its builds.
/// <c>CI=true</c> alone says nothing.
/// </remarks>
internal static class CiDetection
{
    /// <summary>The facts of the first system that recognises its variables; null if none does.</summary>
    public static CiFacts? Detect(Variables variables)
    {
        if (variables.Is("BUILDKITE", "true"))
        {
            return Buildkite(variables);
        }

        if (variables.Is("GITHUB_ACTIONS", "true"))
        {
            return GitHub(variables);
        }

        if (variables.Is("GITLAB_CI", "true"))
        {
            return GitLab(variables);
        }

        if (variables["TEKTON_PIPELINERUN_UID"].Length > 0 || variables["TEKTON_TASKRUN_UID"].Length > 0)
        {
            return Tekton(variables);
        }

        return variables["JENKINS_URL"].Length > 0 && variables["BUILD_ID"].Length > 0 ? Jenkins(variables) : null;
    }

    /// <summary>The facts of a run that no CI system runs: what the caller put into variables of ours.</summary>
    public static CiFacts Own(Variables variables) => new()
    {
        System = "step",
        RunId = variables["FLYBALL_RUN_ID"],
        RunAttempt = variables.Number("FLYBALL_RUN_ATTEMPT", 1),
        Pipeline = variables["FLYBALL_PIPELINE"],
        RunNumber = variables["FLYBALL_RUN_NUMBER"],
        RunUrl = variables["FLYBALL_RUN_URL"],
        Commit = variables["FLYBALL_COMMIT"],
        Ref = variables["FLYBALL_BRANCH"],
        RefType = variables["FLYBALL_BRANCH"].Length > 0 ? "branch" : "",
        Repository = variables["FLYBALL_REPOSITORY"],
        Actor = variables.First("FLYBALL_ACTOR", "USER", "LOGNAME"),
        Trigger = variables["FLYBALL_TRIGGER"],
        Environment = variables["FLYBALL_ENVIRONMENT"],
        Worker = variables["FLYBALL_WORKER"].Length > 0 ? variables["FLYBALL_WORKER"] : HostName(),
    };

    private static CiFacts Buildkite(Variables v)
    {
        var tag = v["BUILDKITE_TAG"];
        var change = v["BUILDKITE_PULL_REQUEST"] is "false" ? "" : v["BUILDKITE_PULL_REQUEST"];
        var (job, url) = (v["BUILDKITE_JOB_ID"], v["BUILDKITE_BUILD_URL"]);
        return new CiFacts
        {
            System = "buildkite",
            RunId = v["BUILDKITE_BUILD_ID"],
            Pipeline = v.First("BUILDKITE_PIPELINE_SLUG", "BUILDKITE_PIPELINE_NAME"),
            RunNumber = v["BUILDKITE_BUILD_NUMBER"],
            RunUrl = url,
            TaskName = v.First("BUILDKITE_STEP_KEY", "BUILDKITE_LABEL"),
            TaskId = job,
            TaskAttempt = v.Number("BUILDKITE_RETRY_COUNT", 0) + 1,
            TaskUrl = url.Length > 0 && job.Length > 0 ? url + "#" + job : "",
            Commit = FullCommit(v.First("BUILDKITE_COMMIT_RESOLVED", "BUILDKITE_COMMIT")),
            Ref = tag.Length > 0 ? tag : v["BUILDKITE_BRANCH"],
            RefType = tag.Length > 0 ? "tag" : "branch",
            ChangeId = change,
            BaseRef = change.Length > 0 ? v["BUILDKITE_PULL_REQUEST_BASE_BRANCH"] : "",
            Repository = v["BUILDKITE_REPO"],
            Actor = v.First("BUILDKITE_BUILD_CREATOR", "BUILDKITE_BUILD_AUTHOR"),
            Trigger = v["BUILDKITE_SOURCE"],
            ParentRun = v.First("BUILDKITE_TRIGGERED_FROM_BUILD_ID", "BUILDKITE_REBUILT_FROM_BUILD_ID"),
            Environment = v["BUILDKITE_GITHUB_DEPLOYMENT_ENVIRONMENT"],
            WorkerId = v["BUILDKITE_AGENT_ID"],
            Worker = v["BUILDKITE_AGENT_NAME"],
        };
    }

    private static CiFacts GitHub(Variables v)
    {
        var (server, repository) = (v.First("GITHUB_SERVER_URL") is { Length: > 0 } s ? s : "https://github.com", v["GITHUB_REPOSITORY"]);
        var (run, attempt) = (v["GITHUB_RUN_ID"], v.Number("GITHUB_RUN_ATTEMPT", 1));
        var change = ChangeOf(v["GITHUB_REF"]);
        return new CiFacts
        {
            System = "github",
            Instance = HostOf(server),
            RunId = run,
            RunAttempt = attempt,
            Pipeline = v["GITHUB_WORKFLOW"],
            RunNumber = v["GITHUB_RUN_NUMBER"],
            RunUrl = repository.Length > 0 ? $"{server}/{repository}/actions/runs/{run}/attempts/{attempt}" : "",
            TaskName = v["GITHUB_JOB"],
            TaskId = v["FLYBALL_GITHUB_JOB_ID"],   // set it from ${{ job.check_run_id }}: no variable of GitHub's has it
            TaskAttempt = attempt,
            Commit = v["GITHUB_SHA"],
            Ref = v.First("GITHUB_HEAD_REF", "GITHUB_REF_NAME"),
            RefType = v["GITHUB_HEAD_REF"].Length > 0 ? "branch" : v["GITHUB_REF_TYPE"],
            ChangeId = change,
            BaseRef = v["GITHUB_BASE_REF"],
            Repository = repository.Length > 0 ? $"{server}/{repository}" : "",
            Actor = v.First("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR"),
            Trigger = v["GITHUB_EVENT_NAME"],
            Worker = v["RUNNER_NAME"],
        };
    }

    private static CiFacts GitLab(Variables v)
    {
        var tag = v["CI_COMMIT_TAG"];
        return new CiFacts
        {
            System = "gitlab",
            Instance = v["CI_SERVER_HOST"],
            RunId = v["CI_PIPELINE_ID"],
            Pipeline = v.First("CI_PIPELINE_NAME", "CI_PROJECT_PATH"),
            RunNumber = v["CI_PIPELINE_IID"],
            RunUrl = v["CI_PIPELINE_URL"],
            TaskName = v["CI_JOB_NAME"],
            TaskId = v["CI_JOB_ID"],
            TaskUrl = v["CI_JOB_URL"],
            Commit = v.First("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", "CI_COMMIT_SHA"),
            Ref = tag.Length > 0 ? tag : v.First("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"),
            RefType = tag.Length > 0 ? "tag" : "branch",
            ChangeId = v["CI_MERGE_REQUEST_IID"],
            ChangeTitle = v["CI_MERGE_REQUEST_TITLE"],
            BaseRef = v["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"],
            Repository = v["CI_PROJECT_URL"],
            Actor = v["GITLAB_USER_LOGIN"],
            Trigger = v["CI_PIPELINE_SOURCE"],
            ParentRun = v["CI_UPSTREAM_PIPELINE_ID"],
            Environment = v["CI_ENVIRONMENT_NAME"],
            WorkerId = v["CI_RUNNER_ID"],
            Worker = v["CI_RUNNER_DESCRIPTION"],
        };
    }

    private static CiFacts Tekton(Variables v)
    {
        var retry = v.Number("TEKTON_RETRY_COUNT", 0);
        return new CiFacts
        {
            System = "tekton",
            RunId = v.First("TEKTON_PIPELINERUN_UID", "TEKTON_TASKRUN_UID"),
            Pipeline = v.First("TEKTON_PIPELINE", "TEKTON_PIPELINE_TASK"),
            RunNumber = v.First("TEKTON_PIPELINERUN", "TEKTON_TASKRUN"),
            TaskName = v.First("TEKTON_PIPELINE_TASK", "TEKTON_TASKRUN"),
            TaskId = v["TEKTON_TASKRUN_UID"],
            TaskRetry = retry,
            TaskAttempt = retry + 1,
            Worker = v["HOSTNAME"],
        };
    }

    private static CiFacts Jenkins(Variables v)
    {
        var tag = v["TAG_NAME"];
        return new CiFacts
        {
            System = "jenkins",
            Instance = JenkinsInstance(v["JENKINS_URL"]),
            RunId = $"{v["JOB_NAME"]}#{v.First("BUILD_NUMBER", "BUILD_ID")}",
            Pipeline = v["JOB_NAME"],
            RunNumber = v.First("BUILD_NUMBER", "BUILD_ID"),
            RunUrl = v["BUILD_URL"],
            TaskName = v["STAGE_NAME"],
            TaskUrl = v["BUILD_URL"],
            Commit = v["GIT_COMMIT"],
            Ref = tag.Length > 0 ? tag : WithoutRemote(v.First("CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH")),
            RefType = tag.Length > 0 ? "tag" : "branch",
            ChangeId = v["CHANGE_ID"],
            ChangeTitle = v["CHANGE_TITLE"],
            BaseRef = v["CHANGE_TARGET"],
            Repository = v["GIT_URL"],
            Actor = v.First("BUILD_USER_ID", "CHANGE_AUTHOR"),
            Trigger = v.First("BUILD_CAUSE", "ROOT_BUILD_CAUSE"),
            Worker = v["NODE_NAME"],
        };
    }

    // "HEAD" is what Buildkite says before it has looked.
    private static string FullCommit(string commit) => commit.Length is 40 or 64 ? commit : "";

    // refs/pull/42/merge
    private static string ChangeOf(string reference)
    {
        const string Prefix = "refs/pull/";
        if (!reference.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return "";
        }

        var end = reference.IndexOf('/', Prefix.Length);
        return end < 0 ? reference[Prefix.Length..] : reference[Prefix.Length..end];
    }

    private static string HostOf(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        var end = url.IndexOf('/', start);
        return (end < 0 ? url[start..] : url[start..end]).ToLowerInvariant();
    }

    // Several Jenkins may share a host under different paths, so the path counts.
    private static string JenkinsInstance(string url)
    {
        var start = url.IndexOf("://", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 3 : 0;
        return url[start..].TrimEnd('/');
    }

    private static string WithoutRemote(string branch) =>
        branch.StartsWith("origin/", StringComparison.Ordinal) ? branch[7..] : branch;

    private static string HostName()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        }
        catch (IOException)
        {
            return "";
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }
}

/// <summary>Environment variables that answer "" where they are not set.</summary>
internal readonly struct Variables(IReadOnlyDictionary<string, string> all)
{
    /// <summary>The value of a variable; "" if it is not set.</summary>
    public string this[string name] => all.TryGetValue(name, out var value) ? value : "";

    /// <summary>Whether a variable has a value, letter case aside.</summary>
    public bool Is(string name, string value) => string.Equals(this[name], value, StringComparison.OrdinalIgnoreCase);

    /// <summary>The first that is not empty.</summary>
    public string First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (this[name] is { Length: > 0 } value)
            {
                return value;
            }
        }

        return "";
    }

    /// <summary>A whole number of 0 or more; the fallback where there is none.</summary>
    public int Number(string name, int fallback) =>
        int.TryParse(this[name], System.Globalization.NumberStyles.None, null, out var number) ? number : fallback;
}
