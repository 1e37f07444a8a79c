using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Which share of each task's attempts ended badly, over time.</summary>
/// <remarks>Attempts are counted where their run began, in steps of UTC. Soft failures count: they are the task's, if not the run's.</remarks>
internal sealed class ErrorRate : IQuestion
{
    private const int MostSteps = 1000;

    public string Name => "error-rate";

    public string About => "how often does each task fail, over time?";

    public IReadOnlyList<Parameter> Parameters { get; } =
    [
        new("step", ParameterKind.Duration, "1d", "how much time a row stands for"),
        new("task", ParameterKind.Word, "", "only this task"),
    ];

    public string PromQL =>
        "sum by (pipeline, task) (count_over_time(ci_task_duration_seconds{result=~\"failure|error|timeout\"}[1d])) / sum by (pipeline, task) (count_over_time(ci_task_duration_seconds[1d]))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var step = (ulong)((with.Seconds("step") ?? 0) * 1e9);
        if (step == 0 || (runs.Until.Value - runs.Since.Value) / step > MostSteps)
        {
            throw new UnansweredException($"that are more than {MostSteps} steps; give a longer step, or a later since");
        }

        var wanted = with.Word("task");
        var groups = new RunGroups(RunColumn.Repository, RunColumn.Pipeline, RunColumn.Task);
        var tallies = new List<Dictionary<ulong, (int Attempts, int Failed)>>();
        foreach (var row in runs.Each())
        {
            var at = row.Begin / step;
            for (var task = 0; task < row.TaskCount; task++)
            {
                if (row.ResultOf(task) is not { } result || result == RunResult.Skip)
                {
                    continue;
                }

                var group = groups.Of(row, task);
                while (tallies.Count <= group)
                {
                    tallies.Add([]);
                }

                var known = tallies[group].GetValueOrDefault(at);
                tallies[group][at] = (known.Attempts + 1, known.Failed + (result.IsBad() ? 1 : 0));
            }
        }

        return Table(runs, groups, tallies, step, wanted);
    }

    // The tasks that fail most first, each with all its steps; limit counts tasks.
    private static Answer Table(RunScan runs, RunGroups groups, List<Dictionary<ulong, (int Attempts, int Failed)>> tallies, ulong step, string wanted)
    {
        var tasks = Enumerable.Range(0, tallies.Count)
            .Where(g => wanted.Length == 0 || groups.Text(g, RunColumn.Task) == wanted)
            .OrderByDescending(g => tallies[g].Values.Sum(t => t.Failed)).ThenBy(g => g).ToArray();
        var rows = tasks.Take(runs.Limit).SelectMany(g => tallies[g].OrderBy(t => t.Key).Select(t => (Group: g, At: t.Key, Tally: t.Value))).ToArray();
        var answer = new Answer(
            new("repository"), new("pipeline"), new("task"), new("at", ColumnKind.Time), new("attempts", ColumnKind.Count), new("failed", ColumnKind.Count),
            new("share", ColumnKind.Share)).With(rows, int.MaxValue, r =>
            [
                groups.Text(r.Group, RunColumn.Repository), groups.Text(r.Group, RunColumn.Pipeline), groups.Text(r.Group, RunColumn.Task),
                new TimestampNs(r.At * step), r.Tally.Attempts, r.Tally.Failed, (double)r.Tally.Failed / r.Tally.Attempts,
            ]);
        answer.Total = tasks.Length;
        return answer;
    }
}
