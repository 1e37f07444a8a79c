namespace Flyball.Alerting.Rules.Evaluation;

/// <summary>A rule was evaluated, but its result cannot be used.</summary>
internal sealed class RuleEvaluationException(string message) : Exception(message);
