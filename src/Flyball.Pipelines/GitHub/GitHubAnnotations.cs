using System.Text.Json;
using Flyball.Model.Runs;
using Flyball.Pipelines.Connectors;

namespace Flyball.Pipelines.GitHub;

/// <summary>Tells a runner's failure from a test's: GitHub's conclusion is the same, only the texts beside it differ.</summary>
internal static class GitHubAnnotations
{
    private static readonly (string Words, RunResult Result, string ErrorType)[] Known =
    [
        ("exceeded the maximum execution time", RunResult.Timeout, "maximum_execution_time"),
        ("has received a shutdown signal", RunResult.Error, "runner_shutdown"),
        ("lost communication with the server", RunResult.Error, "runner_lost"),
        ("runner lost communication", RunResult.Error, "runner_lost"),
        ("No space left on device", RunResult.Error, "no_space_left"),
        ("was not acquired by Runner", RunResult.Error, "runner_not_acquired"),
    ];

    /// <summary>The fact about a job, mended by what its annotations say.</summary>
    public static RunFact Apply(RunFact fact, JsonElement annotations)
    {
        var failures = annotations.Items().Where(a => a.Text("annotation_level") == "failure").Select(a => a.Text("message") ?? "").ToArray();
        foreach (var (words, result, errorType) in Known)
        {
            if (failures.FirstOrDefault(m => m.Contains(words, StringComparison.OrdinalIgnoreCase)) is { } message)
            {
                return With(fact, life => life with { Result = result, ErrorType = errorType, Message = message });
            }
        }

        return failures.Length == 0 ? fact : With(fact, life => life with { Message = failures[0] });
    }

    private static RunFact With(RunFact fact, Func<LifeFact, LifeFact> change)
    {
        var task = fact.Tasks[0];
        var life = change(task.Life!);

        // The webhook of the same second knew less: this is said as of a moment later.
        return fact with { Tasks = [task with { Life = life, SourceTime = new(fact.SourceTime.Value + 1) }] };
    }
}
