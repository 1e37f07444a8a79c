using System.Diagnostics;
using System.Text.RegularExpressions;
using Flyball.Testing;
using YamlDotNet.RepresentationModel;

namespace Flyball.Pipelines.Tests.Deploy;

/// <summary>What deploy/ offers can be read by whom it is for, as far as that can be told without them.</summary>
public sealed partial class DeployTests
{
    [Fact]
    public void The_watcher_may_list_and_watch_runs_and_nothing_else()
    {
        var role = Documents("tekton/rbac.yaml").Single(d => Text(d, "kind") == "ClusterRole");
        var rule = Assert.Single(List(role, "rules"));

        Assert.Equal(["tekton.dev"], Texts(rule, "apiGroups"));
        Assert.Equal(["pipelineruns", "taskruns", "customruns"], Texts(rule, "resources"));
        Assert.Equal(["list", "watch"], Texts(rule, "verbs"));
        var binding = Documents("tekton/rbac.yaml").Single(d => Text(d, "kind") == "ClusterRoleBinding");
        Assert.Equal(Text(role, "metadata", "name"), Text(binding, "roleRef", "name"));
        Assert.Equal(Text(Documents("tekton/rbac.yaml")[0], "metadata", "name"), Text(List(binding, "subjects").Single(), "name"));
    }

    [Fact]
    public void The_pipeline_gives_its_task_what_the_task_asks_for()
    {
        var task = Documents("tekton/task.yaml").Single();
        var pipeline = Documents("tekton/pipeline.yaml").Single();
        Assert.Equal(("tekton.dev/v1", "Task"), (Text(task, "apiVersion"), Text(task, "kind")));
        Assert.Equal(("tekton.dev/v1", "Pipeline"), (Text(pipeline, "apiVersion"), Text(pipeline, "kind")));
        var used = List(pipeline, "spec", "tasks").Single(t => Text(t, "taskRef", "name") == Text(task, "metadata", "name"));
        var declared = List(task, "spec", "params").ToDictionary(p => Text(p, "name"), p => Has(p, "default"));
        var given = List(used, "params").Select(p => Text(p, "name")).ToArray();

        Assert.Empty(given.Except(declared.Keys));
        Assert.Empty(declared.Where(d => !d.Value).Select(d => d.Key).Except(given));
        Assert.Empty(List(used, "workspaces").Select(w => Text(w, "name")).Except(List(task, "spec", "workspaces").Select(w => Text(w, "name"))));
        Assert.Equal("$(context.pipelineRun.uid)", Text(List(used, "params").Single(p => Text(p, "name") == "pipeline-run-uid"), "value"));
    }

    [Theory]
    [InlineData("tekton/task.yaml")]
    [InlineData("tekton/pipeline.yaml")]
    public void Every_substitution_names_something_there_is(string file)
    {
        var spec = Documents(file).Single();
        var known = List(spec, "spec", "params").Select(p => "params." + Text(p, "name"))
            .Concat(List(spec, "spec", "workspaces").Select(w => $"workspaces.{Text(w, "name")}.path"))
            .Concat(List(spec, "spec", "results").Select(r => $"results.{Text(r, "name")}.path"))
            .Concat(["context.taskRun.name", "context.taskRun.uid", "context.taskRun.namespace"])
            .Concat(["context.pipeline.name", "context.pipelineRun.name", "context.pipelineRun.uid"]).ToHashSet();

        var values = Scalars(spec).SelectMany(s => Substitution().Matches(s).Select(m => m.Groups[1].Value))
            .Where(v => !v.StartsWith("context.pipelineRun.uid) of", StringComparison.Ordinal));

        Assert.Empty(values.Except(known));
    }

    [Fact]
    public void Events_go_to_the_hook_of_Tekton()
    {
        var map = Documents("tekton/config-events.yaml").Single();

        Assert.Equal(("config-events", "tektonv1"), (Text(map, "metadata", "name"), Text(map, "data", "formats")));
        Assert.Equal("/hooks/tekton", new Uri(Text(map, "data", "sink")).AbsolutePath);
    }

    [Fact]
    public void The_action_passes_inputs_by_the_environment_only()
    {
        var action = Documents("github/action.yml").Single();
        var step = Assert.Single(List(action, "runs", "steps"));
        var inputs = ((YamlMappingNode)At(action, "inputs")!).Children.Keys.Select(k => k.ToString()).ToHashSet();
        var named = Scalars(action).SelectMany(s => Expression().Matches(s).Select(m => m.Groups[1].Value)).Where(e => e.StartsWith("inputs.", StringComparison.Ordinal));

        Assert.Equal("composite", Text(action, "runs", "using"));
        Assert.Empty(named.Select(e => e["inputs.".Length..]).Except(inputs));
        Assert.DoesNotContain("${{", Text(step, "run"), StringComparison.Ordinal);
        Assert.Contains("job.check_run_id", Text(step, "env", "FLYBALL_GITHUB_JOB_ID"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_template_is_a_hidden_job()
    {
        var template = Documents("gitlab/flyball.gitlab-ci.yml").Single();

        Assert.StartsWith(".", Assert.Single(((YamlMappingNode)template).Children).Key.ToString(), StringComparison.Ordinal);
        Assert.Single(Texts(template, ".flyball", "before_script"));
    }

    [Theory]
    [InlineData("buildkite/hooks/command", "bash")]
    [InlineData("jenkins/resources/flyball-step.sh", "sh")]
    [InlineData("github/action.yml", "bash")]
    [InlineData("gitlab/flyball.gitlab-ci.yml", "sh")]
    public async Task Scripts_can_be_read_by_their_shell(string file, string shell)
    {
        var script = file switch
        {
            "github/action.yml" => Text(List(Documents(file).Single(), "runs", "steps")[0], "run"),
            "gitlab/flyball.gitlab-ci.yml" => Texts(Documents(file).Single(), ".flyball", "before_script").Single(),
            _ => await File.ReadAllTextAsync(PathOf(file), TestContext.Current.CancellationToken),
        };

        Assert.Equal((0, "", ""), await RunAsync(shell, ["-n"], script, []));
    }

    [Theory]
    [InlineData("buildkite/hooks/command", "bash", "BUILDKITE_COMMAND")]
    [InlineData("jenkins/resources/flyball-step.sh", "sh", "FLYBALL_STEP_COMMAND")]
    [InlineData("github/action.yml", "bash", "FLYBALL_COMMAND")]
    public async Task Without_the_wrapper_the_command_runs_as_it_is(string file, string shell, string variable)
    {
        var script = file == "github/action.yml"
            ? Text(List(Documents(file).Single(), "runs", "steps")[0], "run")
            : await File.ReadAllTextAsync(PathOf(file), TestContext.Current.CancellationToken);

        var (code, output, error) = await RunAsync(shell, ["-s"], script, new()
        {
            [variable] = "echo \"it's $((40 + 2))\"; exit 7",
            ["FLYBALL_STEP"] = "/nowhere/flyball-step", ["FLYBALL_STEP_NAME"] = "n", ["FLYBALL_STEP_TYPE"] = "",
        });

        Assert.Equal(7, code);
        Assert.EndsWith("it's 42\n", output, StringComparison.Ordinal);
        Assert.Contains("without it", output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("buildkite/hooks/command", "bash", "BUILDKITE_COMMAND", "--name unit --type test -- /bin/bash -e -c make it")]
    [InlineData("jenkins/resources/flyball-step.sh", "sh", "FLYBALL_STEP_COMMAND", "--name unit --type test -- sh -e -c make it")]
    [InlineData("github/action.yml", "bash", "FLYBALL_COMMAND", "--name unit --type test -- bash -e -o pipefail -c make it")]
    public async Task The_wrapper_gets_options_it_knows(string file, string shell, string variable, string arguments)
    {
        var script = file == "github/action.yml"
            ? Text(List(Documents(file).Single(), "runs", "steps")[0], "run")
            : await File.ReadAllTextAsync(PathOf(file), TestContext.Current.CancellationToken);

        var (code, output, _) = await RunAsync(shell, ["-s"], script, new()
        {
            [variable] = "make it", ["FLYBALL_STEP"] = "echo", ["FLYBALL_STEP_NAME"] = "unit", ["FLYBALL_STEP_TYPE"] = "test",
            ["BUILDKITE_STEP_KEY"] = "unit", ["FLYBALL_TYPE"] = "test",
        });

        Assert.Equal((0, arguments + "\n"), (code, output));
    }

    [Theory]
    [InlineData("tekton")]
    [InlineData("buildkite")]
    [InlineData("github")]
    [InlineData("gitlab")]
    [InlineData("jenkins")]
    public void Each_folder_says_how_to_use_it(string system)
    {
        var text = File.ReadAllText(PathOf(system + "/README.md"));

        Assert.Contains("hooks:", text, StringComparison.Ordinal);
        Assert.Contains("flyball-step", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_rules_about_pipelines_fire_as_their_own_test_says()
    {
        using var promtool = TryStart("promtool", "test", "rules", PathOf("rules/pipelines_test.yml"));
        Assert.SkipWhen(promtool is null, "promtool is not installed");

        await promtool!.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(promtool.ExitCode == 0, await promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static Process? TryStart(string program, params string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string PathOf(string file) => Path.Combine(SharedData.Repository, "deploy", file);

    private static YamlNode[] Documents(string file)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(PathOf(file));
        stream.Load(reader);
        return [.. stream.Documents.Select(d => d.RootNode)];
    }

    private static YamlNode? At(YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = node is YamlMappingNode map && map.Children.TryGetValue(key, out var child) ? child : null;
        }

        return node;
    }

    private static bool Has(YamlNode node, string key) => At(node, key) is not null;

    private static string Text(YamlNode node, params ReadOnlySpan<string> path) => (At(node, path) as YamlScalarNode)?.Value ?? "";

    private static YamlNode[] List(YamlNode node, params ReadOnlySpan<string> path) => At(node, path) is YamlSequenceNode list ? [.. list.Children] : [];

    private static string[] Texts(YamlNode node, params ReadOnlySpan<string> path) => [.. List(node, path).Select(n => n.ToString())];

    private static IEnumerable<string> Scalars(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.SelectMany(c => Scalars(c.Value)),
        YamlSequenceNode list => list.Children.SelectMany(Scalars),
        YamlScalarNode scalar => [scalar.Value ?? ""],
        _ => [],
    };

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string shell, string[] arguments, string script, Dictionary<string, string> variables)
    {
        var start = new ProcessStartInfo(shell, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    [GeneratedRegex(@"\$\(([a-zA-Z][a-zA-Z0-9.\-]*)\)")]
    private static partial Regex Substitution();

    [GeneratedRegex(@"\$\{\{\s*([a-z_.]+)\s*\}\}")]
    private static partial Regex Expression();
}
