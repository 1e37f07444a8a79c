using Flyball.Model.Time;

namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>How an evaluation went.</summary>
/// <param name="At">When it began; null = there was none yet.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Error">Why it failed; "" = it did not.</param>
internal sealed record EvaluationOutcome(TimestampMs? At, TimeSpan Took, string Error)
{
    public static readonly EvaluationOutcome Never = new(null, default, "");

    public string Health => At is null ? "unknown" : Error.Length > 0 ? "err" : "ok";
}
