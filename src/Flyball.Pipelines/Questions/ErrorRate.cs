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
        var steps = new SortedDictionary<ulong, StepTally>();
        StepTally? tally = null;
        foreach (var row in runs.Each())
        {
            var at = row.Begin / step;
            if (tally?.At != at && !steps.TryGetValue(at, out tally))
            {
                steps[at] = tally = new StepTally(at);
            }

            for (var task = 0; task < row.TaskCount; task++)
            {
                if (row.ResultOf(task) is not { } result || result == RunResult.Skip)
                {
                    continue;
                }

                tally!.Add(groups.Of(row, task), result.IsBad());
            }
        }

        return Table(runs, groups, [.. steps.Values], step, wanted);
    }

    // The tasks that fail most first, each with all its steps; limit counts tasks.
    private static Answer Table(RunScan runs, RunGroups groups, StepTally[] steps, ulong step, string wanted)
    {
        var failed = new int[groups.Count];
        foreach (var tally in steps)
        {
            tally.AddFailedTo(failed);
        }

        var tasks = Enumerable.Range(0, groups.Count)
            .Where(g => wanted.Length == 0 || groups.Text(g, RunColumn.Task) == wanted)
            .OrderByDescending(g => failed[g]).ThenBy(g => g).ToArray();
        var rows = tasks.Take(runs.Limit)
            .SelectMany(g => steps.Select(s => (Group: g, s.At, Tally: s.Of(g))).Where(r => r.Tally.Attempts > 0)).ToArray();
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

    /// <summary>The attempts of one step by group. Runs come by time, so that one step after the other is in the processor's cache.</summary>
    private sealed class StepTally(ulong at)
    {
        private (int Attempts, int Failed)[] _byGroup = new (int, int)[64];

        public ulong At => at;

        public void Add(int group, bool isBad)
        {
            if (group >= _byGroup.Length)
            {
                Array.Resize(ref _byGroup, Math.Max(group + 1, _byGroup.Length * 2));
            }

            ref var tally = ref _byGroup[group];
            tally.Attempts++;
            tally.Failed += isBad ? 1 : 0;
        }

        public (int Attempts, int Failed) Of(int group) => group < _byGroup.Length ? _byGroup[group] : default;

        public void AddFailedTo(int[] sums)
        {
            for (var group = 0; group < Math.Min(sums.Length, _byGroup.Length); group++)
            {
                sums[group] += _byGroup[group].Failed;
            }
        }
    }
}
