using System.Runtime.InteropServices;
using Flyball.Model.Runs;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>How a task of a run went over all its attempts.</summary>
internal enum TaskOutcome
{
    Held,
    HeldAfterFailing,
    Failed,
}

/// <summary>The outcomes of the tasks of one run after the other.</summary>
internal sealed class TaskOutcomes
{
    private readonly List<(int Group, TaskOutcome Outcome)> _all = [];

    /// <summary>The tasks of the last run read that have a verdict.</summary>
    public ReadOnlySpan<(int Group, TaskOutcome Outcome)> All => CollectionsMarshal.AsSpan(_all);

    /// <summary>Reads the attempts of a run, which come in order of start.</summary>
    /// <param name="groups">Of tasks.</param>
    public void Read(RunRow row, RunGroups groups)
    {
        _all.Clear();
        for (var task = 0; task < row.TaskCount; task++)
        {
            if (row.ResultOf(task) is not { } result || (result != RunResult.Success && !result.IsBad()))
            {
                continue;
            }

            var group = groups.Of(row, task);
            var at = IndexOf(group);
            if (at < 0)
            {
                _all.Add((group, result.IsBad() ? TaskOutcome.Failed : TaskOutcome.Held));
            }
            else
            {
                _all[at] = (group, After(_all[at].Outcome, result.IsBad()));
            }
        }
    }

    private int IndexOf(int group)
    {
        for (var i = 0; i < _all.Count; i++)
        {
            if (_all[i].Group == group)
            {
                return i;
            }
        }

        return -1;
    }

    private static TaskOutcome After(TaskOutcome before, bool isBad) =>
        isBad ? TaskOutcome.Failed : before == TaskOutcome.Held ? TaskOutcome.Held : TaskOutcome.HeldAfterFailing;
}
