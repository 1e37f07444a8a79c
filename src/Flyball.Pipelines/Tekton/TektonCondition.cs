using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.Tekton;

/// <summary>The Succeeded condition of a status, with the state and result it means.</summary>
internal sealed record TektonCondition(string? Status, string Reason, string Message, TimestampNs? Since, RunState State, RunResult? Result)
{
    public static TektonCondition Read(JsonElement status, string specMessage)
    {
        var condition = status.Items("conditions").FirstOrDefault(c => c.Text("type") is null or "Succeeded");
        var value = condition.Text("status");
        var reason = condition.Text("reason") ?? "";
        var message = condition.Text("message") ?? "";
        var finallyStarted = status.Time("finallyStartTime") is not null;
        var (state, result) = TektonReasons.Read(value, reason, message + " " + specMessage, finallyStarted);
        return new TektonCondition(value, reason, message, condition.Time("lastTransitionTime"), state, result);
    }

    /// <summary>The life this tells of.</summary>
    public LifeFact ToLife(JsonElement status, TimestampNs? created, TimestampNs seen) => new()
    {
        State = State,
        Result = Result,
        ErrorType = Result is { } result && result.IsBad() ? (Reason.Length > 0 ? Reason : "_OTHER") : null,
        Message = State == RunState.Finished && Message.Length > 0 ? Message : null,
        CreatedAt = created,
        StartedAt = status.Time("startTime"),
        FinalizingAt = status.Time("finallyStartTime"),
        FinishedAt = State == RunState.Finished ? status.Time("completionTime") ?? Since ?? seen : null,
    };
}
