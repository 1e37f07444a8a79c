using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tekton;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Tekton;

public sealed class TektonConnectorTests
{
    private const string Event = "run-7xk2p-success-with-retry/08-taskrun-fetch-successful.json";

    [Fact]
    public void Every_sample_event_is_understood()
    {
        foreach (var file in Directory.GetFiles(SharedData.Require("data/ci/tekton/cloudevents"), "*.json", SearchOption.AllDirectories))
        {
            var fact = Assert.Single(TektonStream.Facts(file));
            Assert.Equal("tekton", fact.Run.System);
            Assert.False(string.IsNullOrEmpty(fact.Pipeline) && fact.Tasks.Count == 0, file);
        }
    }

    [Theory]
    [InlineData("taskrun-failed-stepoom.json", RunResult.Error, "StepOOM")]
    [InlineData("taskrun-failed-taskrunimagepullfailed.json", RunResult.Error, "TaskRunImagePullFailed")]
    [InlineData("customrun-failed-timeout-retried.json", RunResult.Timeout, "CustomRunTimedOut")]
    public void Reasons_of_a_bad_end_become_results(string file, RunResult result, string errorType)
    {
        var fact = Assert.Single(TektonStream.Facts(SharedData.Require("data/ci/tekton/cloudevents/" + file)));
        var life = fact.Tasks[^1].Life!;

        Assert.Equal((RunState.Finished, result, errorType), (life.State, life.Result, life.ErrorType));
    }

    [Fact]
    public void Structured_and_batch_mode_tell_the_same_as_binary_mode()
    {
        var file = SharedData.Require("data/ci/tekton/cloudevents/" + Event);
        var binary = TektonStream.Facts(file);
        var structured = new JsonObject { ["type"] = "dev.tekton.event.taskrun.successful.v1", ["data"] = JsonNode.Parse(File.ReadAllText(file)) };
        var encoded = new JsonObject { ["type"] = "x", ["data_base64"] = Convert.ToBase64String(File.ReadAllBytes(file)) };

        Assert.Equivalent(binary, Read("application/cloudevents+json; charset=utf-8", structured.ToJsonString()), strict: true);
        Assert.Equivalent(binary, Read("application/cloudevents+json", encoded.ToJsonString()), strict: true);
        Assert.Equivalent(
            binary.Concat(binary), Read("application/cloudevents-batch+json", $"[{structured.ToJsonString()},{encoded.ToJsonString()}]"), strict: true);
    }

    [Theory]
    [InlineData("", 400, "malformed")]
    [InlineData("{", 400, "malformed")]
    [InlineData("null", 400, "malformed")]
    [InlineData("[]", 400, "malformed")]
    [InlineData("{\"taskRun\":[]}", 400, "malformed")]
    [InlineData("{\"taskRun\":{}}", 422, "no_identity")]
    [InlineData("{\"pipelineRun\":{\"metadata\":{\"uid\":7.5e999}}}", 202, "")]
    [InlineData("{\"taskRun\":{\"metadata\":{\"uid\":\"\\ud800\"}}}", 422, "no_identity")]
    [InlineData("\u0000\u0001\u0002", 400, "malformed")]
    public void What_is_no_event_is_refused(string body, int status, string reason)
    {
        var verdict = TektonStream.Read(TektonStream.Request(Encoding.UTF8.GetBytes(body)));

        Assert.Equal((status, reason), verdict is HookVerdict.Refused no ? (no.Status, no.Reason) : (202, ""));
    }

    [Fact]
    public void Truncated_and_mutated_events_never_throw()
    {
        var file = SharedData.Require("data/ci/tekton/cloudevents/run-7xk2p-success-with-retry/13-taskrun-unit-test-successful.json");
        var good = File.ReadAllBytes(file);
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var bad = good.AsSpan(0, i % 3 == 0 ? random.Next(good.Length) : good.Length).ToArray();
            for (var n = random.Next(8); n > 0 && bad.Length > 0; n--)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            TektonStream.Read(TektonStream.Request(bad));
        }
    }

    [Fact]
    public void Values_of_any_type_in_any_place_never_throw()
    {
        var file = SharedData.Require("data/ci/tekton/cloudevents/run-7xk2p-success-with-retry/13-taskrun-unit-test-successful.json");
        string[] strange = ["null", "7", "-1e99", "\"\"", "[]", "{}", "[[]]", "true", "\"2026-13-45T99:99:99Z\""];
        foreach (var path in Paths(JsonNode.Parse(File.ReadAllText(file))!))
        {
            foreach (var value in strange)
            {
                var root = JsonNode.Parse(File.ReadAllText(file))!;
                Replace(root, path, JsonNode.Parse(value));
                TektonStream.Read(TektonStream.Request(JsonSerializer.SerializeToUtf8Bytes(root)));
            }
        }
    }

    [Theory]
    [InlineData("", "", false)]
    [InlineData("s3cret", "", true)]
    [InlineData("s3cre", "", false)]
    [InlineData("old", "", true)]
    [InlineData("", "Bearer s3cret", true)]
    [InlineData("", "Bearer wrong", false)]
    public void A_configured_token_must_be_given(string query, string authorization, bool accepted)
    {
        var headers = new HeaderDictionary { ["Authorization"] = authorization };
        var body = File.ReadAllBytes(SharedData.Require("data/ci/tekton/cloudevents/" + Event));
        var request = TektonStream.Request(body, headers) with
        {
            Query = new QueryCollection(new Dictionary<string, Microsoft.Extensions.Primitives.StringValues> { ["token"] = query }),
        };

        var verdict = TektonStream.Read(request, "s3cret", "old");

        Assert.Equal(accepted, verdict is HookVerdict.Facts);
        Assert.Equal(accepted ? 202 : 401, verdict is HookVerdict.Refused no ? no.Status : 202);
    }

    [Fact]
    public void Events_of_triggers_are_none_of_our_business()
    {
        var headers = new HeaderDictionary { ["Ce-Type"] = "dev.tekton.event.triggers.done.v1" };

        Assert.IsType<HookVerdict.Ignored>(TektonStream.Read(TektonStream.Request("null"u8.ToArray(), headers)));
    }

    [Theory]
    [InlineData("Unknown", "Started", RunState.Executing, null)]
    [InlineData("Unknown", "PipelineRunPending", RunState.Pending, null)]
    [InlineData("Unknown", "ToBeRetried", RunState.Pending, null)]
    [InlineData("Unknown", "CancelledRunningFinally", RunState.Finalizing, null)]
    [InlineData("Unknown", "SomethingOfTomorrow", RunState.Executing, null)]
    [InlineData("True", "Completed", RunState.Finished, RunResult.Success)]
    [InlineData("False", "Failed", RunState.Finished, RunResult.Failure)]
    [InlineData("False", "PodEvicted", RunState.Finished, RunResult.Error)]
    [InlineData("False", "SomethingOfTomorrow", RunState.Finished, RunResult.Error)]
    [InlineData("False", "TaskRunTimeout", RunState.Finished, RunResult.Timeout)]
    [InlineData("False", "Cancelled", RunState.Finished, RunResult.Cancellation)]
    [InlineData(null, "", RunState.Pending, null)]
    public void Conditions_become_states(string? status, string reason, RunState state, RunResult? result) =>
        Assert.Equal((state, result), TektonReasons.Read(status, reason, "", finallyStarted: false));

    [Fact]
    public void A_task_cancelled_because_its_run_timed_out_has_timed_out() => Assert.Equal(
        RunResult.Timeout,
        TektonReasons.Read("False", "TaskRunCancelled", "cancelled as the PipelineRun it belongs to has timed out.", false).Result);

    private static IReadOnlyList<RunFact> Read(string contentType, string body)
    {
        var headers = new HeaderDictionary { ["Content-Type"] = contentType };
        return Assert.IsType<HookVerdict.Facts>(TektonStream.Read(TektonStream.Request(Encoding.UTF8.GetBytes(body), headers))).Of;
    }

    private static IEnumerable<string> Paths(JsonNode node)
    {
        var children = node switch
        {
            JsonObject o => o.Select(p => p.Value),
            JsonArray a => a,
            _ => [],
        };
        foreach (var child in children.OfType<JsonNode>())
        {
            yield return child.GetPath();
            foreach (var path in Paths(child))
            {
                yield return path;
            }
        }
    }

    private static void Replace(JsonNode root, string path, JsonNode? value) => All(root).First(n => n.GetPath() == path).ReplaceWith(value);

    private static IEnumerable<JsonNode> All(JsonNode node)
    {
        yield return node;
        var children = node is JsonObject o ? o.Select(p => p.Value) : node as JsonArray ?? [];
        foreach (var found in children.OfType<JsonNode>().SelectMany(All))
        {
            yield return found;
        }
    }
}
