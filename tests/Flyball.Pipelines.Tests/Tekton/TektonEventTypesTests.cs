using Flyball.Pipelines.Tests.Connectors;

namespace Flyball.Pipelines.Tests.Tekton;

/// <summary>What each type of Tekton's CloudEvents becomes, in all three modes.</summary>
public sealed class TektonEventTypesTests
{
    private const string Prefix = "dev.tekton.event.";

    [Theory]
    [InlineData("pipelinerun.queued.v1", "pipelineRun", "", "202 u1#1 pending")]
    [InlineData("pipelinerun.started.v1", "pipelineRun", "Unknown Started", "202 u1#1 executing")]
    [InlineData("pipelinerun.running.v1", "pipelineRun", "Unknown Running", "202 u1#1 executing")]
    [InlineData("pipelinerun.unknown.v1", "pipelineRun", "Unknown PipelineRunStopping", "202 u1#1 finalizing")]
    [InlineData("pipelinerun.unknown.v1", "pipelineRun", "Unknown ReasonOfTomorrow", "202 u1#1 executing")]
    [InlineData("pipelinerun.successful.v1", "pipelineRun", "True Completed", "202 u1#1 success")]
    [InlineData("pipelinerun.failed.v1", "pipelineRun", "False Failed", "202 u1#1 failure")]
    [InlineData("pipelinerun.failed.v1", "pipelineRun", "False PipelineRunTimeout", "202 u1#1 timeout")]
    [InlineData("pipelinerun.of_tomorrow.v2", "pipelineRun", "True Completed", "202 u1#1 success")]
    [InlineData("taskrun.queued.v1", "taskRun", "", "202 u1#1 pending lint:pending")]
    [InlineData("taskrun.started.v1", "taskRun", "Unknown Started", "202 u1#1 executing lint:executing")]
    [InlineData("taskrun.running.v1", "taskRun", "Unknown Running", "202 u1#1 executing lint:executing")]
    [InlineData("taskrun.unknown.v1", "taskRun", "Unknown Pending", "202 u1#1 pending lint:pending")]
    [InlineData("taskrun.unknown.v1", "taskRun", "Unknown PullImageFailed", "202 u1#1 pending lint:pending")]
    [InlineData("taskrun.successful.v1", "taskRun", "True Succeeded", "202 u1#1 success lint:success")]
    [InlineData("taskrun.failed.v1", "taskRun", "False TaskRunCancelled", "202 u1#1 cancellation lint:cancellation")]
    [InlineData("taskrun.failed.v1", "taskRun", "False PodEvicted", "202 u1#1 error lint:error")]
    [InlineData("customrun.started.v1", "customRun", "", "202 u1#1 pending lint:pending")]
    [InlineData("customrun.running.v1", "customRun", "Unknown Running", "202 u1#1 executing lint:executing")]
    [InlineData("customrun.successful.v1", "customRun", "True Succeeded", "202 u1#1 success lint:success")]
    [InlineData("customrun.failed.v1", "customRun", "False CustomRunTimedOut", "202 u1#1 timeout lint:timeout")]
    [InlineData("run.running.v1", "run", "Unknown Running", "202 u1#1 executing lint:executing")]
    public async Task Each_type_of_a_run_is_taken(string type, string member, string condition, string expected)
    {
        var words = condition.Split(' ');
        var conditions = words.Length < 2 ? "" : $$"""{"type": "Succeeded", "status": "{{words[0]}}", "reason": "{{words[1]}}"}""";
        var data = $$"""{"{{member}}": {"metadata": {"uid": "u1", "name": "lint", "namespace": "ci"}, "status": {"conditions": [{{conditions}}] } } }""";

        Assert.Equal([expected, expected, expected], await InAllModesAsync(Prefix + type, data));
    }

    [Theory]
    [InlineData(Prefix + "triggers.started.v1", """{"User-Agent": ["curl"]}""", "202 ignored: trigger")]
    [InlineData(Prefix + "triggers.done.v1", "null", "202 ignored: trigger")]
    [InlineData(Prefix + "thing.of_tomorrow.v1", """{"thing": {"metadata": {"uid": "u1"}}}""", "202 ignored: other_type")]
    [InlineData("dev.cdevents.pipelinerun.started.0.2.0", """{"context": {}, "subject": {"id": "lint"}}""", "202 ignored: other_type")]
    [InlineData("com.example.race.finished", """{"run": {"distance": 10}}""", "202 ignored: other_type")]
    [InlineData(Prefix + "taskrun.running.v1", """{"taskRun": {"metadata": {"name": "lint"}}}""", "422 rejected: no_identity")]
    [InlineData(Prefix + "taskrun.running.v1", """{"taskRun": null}""", "400 rejected: malformed")]
    [InlineData(Prefix + "pipelinerun.running.v1", "{}", "400 rejected: malformed")]
    public async Task The_others_make_no_run(string type, string data, string expected)
    {
        var modes = await InAllModesAsync(type, data);

        // Of a batch it is the events that count, not their reasons.
        Assert.Equal([expected, expected, expected.Contains("ignored", StringComparison.Ordinal) ? "202 ignored: empty_batch" : expected], modes);
    }

    [Theory]
    [InlineData("application/cloudevents-batch+json", "[]", "202 ignored: empty_batch")]
    [InlineData("application/cloudevents-batch+json", "{}", "400 rejected: malformed")]
    [InlineData("application/cloudevents-batch+json", "[7, null]", "400 rejected: malformed")]
    [InlineData("application/cloudevents+json", "[]", "400 rejected: malformed")]
    [InlineData("application/cloudevents+json", """{"type": "dev.tekton.event.taskrun.running.v1", "data_base64": "?"}""", "400 rejected: malformed")]
    [InlineData("application/cloudevents+xml", "<event/>", "400 rejected: malformed")]
    [InlineData("application/json", "{}", "400 rejected: malformed")]
    public async Task What_is_no_CloudEvent_is_refused(string mode, string body, string expected) =>
        Assert.Equal(expected, await HookTrial.SendAsync("tekton", body, ("Content-Type", mode)));

    private static async Task<string[]> InAllModesAsync(string type, string data)
    {
        var structured = $$"""{"specversion": "1.0", "id": "1", "source": "/x", "type": "{{type}}", "data": {{data}}}""";
        return
        [
            await HookTrial.SendAsync("tekton", data, ("Content-Type", "application/json"), ("Ce-Type", type)),
            await HookTrial.SendAsync("tekton", structured, ("Content-Type", "application/cloudevents+json; charset=utf-8")),
            await HookTrial.SendAsync("tekton", $"[{structured}]", ("Content-Type", "application/cloudevents-batch+json")),
        ];
    }
}
