namespace Flyball.PromQL.Testing;

/// <summary>Runs test scripts in the language of Prometheus' <c>promqltest</c> package: what <c>flyball test promql</c> does.</summary>
public static class PromQLTestScript
{
    /// <summary>Runs a whole script.</summary>
    /// <param name="text">The script.</param>
    /// <param name="time">The clock for time-outs.</param>
    /// <returns>How many evaluations passed, and what is wrong with the others, each with its line.</returns>
    /// <exception cref="FormatException">The script is malformed; the message has the line.</exception>
    public static async Task<ScriptReport> RunAsync(string text, TimeProvider time, CancellationToken cancellationToken)
    {
        var commands = ScriptParser.Parse(text);
        var runner = new ScriptRunner(time);
        var failures = new List<string>();
        var passed = 0;
        foreach (var command in commands)
        {
            var problem = await runner.RunAsync(command, cancellationToken);
            if (problem is not null)
            {
                failures.Add(problem);
            }
            else if (command is EvalCommand)
            {
                passed++;
            }
        }

        return new ScriptReport(passed, failures);
    }
}

/// <summary>The outcome of a script.</summary>
/// <param name="Passed">Evaluations with the expected result.</param>
/// <param name="Failures">What is wrong with the others.</param>
public sealed record ScriptReport(int Passed, IReadOnlyList<string> Failures);
