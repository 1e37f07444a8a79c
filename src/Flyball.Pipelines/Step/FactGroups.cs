using Flyball.Model.Runs;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Step;

/// <summary>Gathers what the spans of a batch tell into few facts: a run of fifty spans tells the same about itself fifty times.</summary>
/// <remarks>Facts that differ only in their time and tasks become one of the latest time, whose tasks keep their own times: merged into a
/// run it changes exactly what they would have changed one by one.</remarks>
internal sealed class FactGroups
{
    // A fact is cut to its first tasks beyond a bound of its own, which must not be met by gathering.
    private const int MostTasks = 100;

    private readonly List<Group> _groups = [];
    private readonly Dictionary<RunFact, Group> _open = [];
    private Group? _latest;

    /// <summary>Adds a fact as it is.</summary>
    public void Add(RunFact fact) => _groups.Add(new Group(fact) { At = fact.SourceTime });

    /// <summary>Adds what a span tells: about its run, and about a task.</summary>
    /// <param name="about">Without a time.</param>
    /// <param name="task">With its time.</param>
    public void Add(RunFact about, TaskFact task)
    {
        var group = GroupOf(about);
        group.Tasks.Add(task);
        group.At = task.SourceTime > group.At ? task.SourceTime.Value : group.At;
    }

    public List<RunFact> ToFacts() =>
        [.. _groups.Select(g => g.Tasks.Count == 0 ? g.About : g.About with { SourceTime = g.At, Tasks = g.Tasks })];

    private Group GroupOf(RunFact about)
    {
        // Spans of a run mostly follow one another, and then what they say of it is one object.
        if (_latest is not null && ReferenceEquals(_latest.About, about) && _latest.Tasks.Count < MostTasks)
        {
            return _latest;
        }

        if (!_open.TryGetValue(about, out var group) || group.Tasks.Count >= MostTasks)
        {
            group = _open[about] = new Group(about);
            _groups.Add(group);
        }

        return _latest = group;
    }

    private sealed class Group(RunFact about)
    {
        public RunFact About { get; } = about;

        public List<TaskFact> Tasks { get; } = [];

        public TimestampNs At { get; set; }
    }
}
