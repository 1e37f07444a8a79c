using Flyball.Model.Runs;

namespace Flyball.Pipelines.Step;

/// <summary>Gathers what the spans of a batch tell into few facts: a run of fifty spans tells the same about itself fifty times.</summary>
/// <remarks>Facts that differ only in their time and tasks become one of the latest time, whose tasks keep their own times: merged into a
/// run it changes exactly what they would have changed one by one.</remarks>
internal sealed class FactGroups
{
    // A fact is cut to its first tasks beyond a bound of its own, which must not be met by gathering.
    private const int MostTasks = 100;

    private readonly List<(RunFact Fact, List<TaskFact> Tasks)> _groups = [];
    private readonly Dictionary<RunFact, int> _open = [];

    /// <summary>Adds a fact as it is.</summary>
    public void Add(RunFact fact) => _groups.Add((fact, []));

    /// <summary>Adds what a span tells: about its run, and about a task.</summary>
    public void Add(RunFact about, TaskFact task)
    {
        var timeless = about with { SourceTime = default };
        if (!_open.TryGetValue(timeless, out var at) || _groups[at].Tasks.Count == MostTasks)
        {
            at = _open[timeless] = _groups.Count;
            _groups.Add((about, []));
        }

        var (fact, tasks) = _groups[at];
        tasks.Add(task with { SourceTime = about.SourceTime });
        if (about.SourceTime > fact.SourceTime)
        {
            _groups[at] = (about, tasks);
        }
    }

    public List<RunFact> ToFacts() => [.. _groups.Select(g => g.Tasks.Count == 0 ? g.Fact : g.Fact with { Tasks = g.Tasks })];
}
