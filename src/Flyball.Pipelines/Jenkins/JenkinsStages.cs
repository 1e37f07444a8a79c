using System.Globalization;
using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Jenkins;

/// <summary>Turns stages as the stage view shows them into tasks; parallel branches are stages like others there.</summary>
internal static class JenkinsStages
{
    private const string ExitWords = "exit code ";

    /// <summary>Reads a stage, with its flow nodes as steps where they were asked for.</summary>
    /// <param name="build">How the build stands: an abort is a time-out where the build's is.</param>
    public static TaskFact Read(JsonElement stage, LifeFact build) => new()
    {
        Key = new TaskKey(stage.Text("id")!),
        Name = stage.Text("name"),
        Worker = stage.Text("execNode"),
        Life = Life(stage, build),
        Attributes = new FurtherFacts()
            .Add("flyball.pause_ms", stage.Integer("pauseDurationMillis") is > 0 ? stage.Text("pauseDurationMillis") : null)
            .AddWaiting(stage.Text("status") == "PAUSED_PENDING_INPUT" ? "input" : null).ToFacts(),
        Steps = [.. stage.Items("stageFlowNodes").Where(n => n.Text("id") is not null).Select(n => new StepFact
        {
            Id = n.Text("id")!, Name = n.Text("name"), Life = Life(n, build),
        })],
    };

    private static LifeFact Life(JsonElement node, LifeFact build)
    {
        var started = JenkinsFacts.Milliseconds(node.Integer("startTimeMillis"));
        var (state, result) = Read(node.Text("status"), build);
        var message = node.Text("error", "message");
        var length = (ulong)Math.Clamp(node.Number("durationMillis") ?? 0, 0, 1e15) * TimestampNs.PerMs;
        return new LifeFact
        {
            State = state,
            Result = result,
            ErrorType = result is { } bad && bad.IsBad() ? ErrorOf(node, bad, build) : null,
            Message = message,
            ExitCode = ExitCodeOf(message),
            StartedAt = result == RunResult.Skip ? null : started,
            FinishedAt = state == RunState.Finished && started is { } begin ? new TimestampNs(begin.Value + length) : null,
        };
    }

    private static (RunState State, RunResult? Result) Read(string? status, LifeFact build) => status switch
    {
        "IN_PROGRESS" or "PAUSED_PENDING_INPUT" => (RunState.Executing, null),
        "ABORTED" when build.Result == RunResult.Timeout => (RunState.Finished, RunResult.Timeout),

        // Stages the plugin has no word for: they go on with the build, and end with it.
        null or "" => build.State == RunState.Finished ? (RunState.Finished, build.Result) : (RunState.Executing, null),
        var word => (RunState.Finished, JenkinsFacts.ReadResult(word)),
    };

    private static string ErrorOf(JsonElement node, RunResult result, LifeFact build) =>
        result == RunResult.Timeout ? build.ErrorType ?? "_OTHER"
        : node.Text("error", "type") is { } type ? type[(type.LastIndexOfAny(['.', '$']) + 1)..]
        : node.Text("status") ?? "_OTHER";

    // "script returned exit code 1" is all that is said of it.
    private static int? ExitCodeOf(string? message) =>
        message?.LastIndexOf(ExitWords, StringComparison.Ordinal) is { } at and >= 0
            && int.TryParse(message[(at + ExitWords.Length)..], NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code : null;
}
