using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Which tasks make pipelines take the time they take: those with the most time on the critical paths of their runs.</summary>
internal sealed class Bottleneck : IQuestion
{
    public string Name => "bottleneck";

    public string About => "which task makes a pipeline slow?";

    public string PromQL => "topk by (pipeline) (1, avg by (pipeline, task) (avg_over_time(ci_task_duration_seconds[7d])))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var groups = new RunGroups(RunColumn.Repository, RunColumn.Pipeline, RunColumn.Task);
        var tallies = new List<Tally>();
        var path = new List<PathPart>();
        var total = 0.0;
        foreach (var row in runs.Each())
        {
            if (row.TaskCount == 0 || runs.SecondsOf(row.Course) is null)
            {
                continue;
            }

            CriticalPath.Find(row, runs.Now.Value, path, out _);
            var longest = path.Count == 0 ? -1 : path.MaxBy(p => p.UntilNs - p.FromNs).Task;
            foreach (var part in path)
            {
                var group = groups.Of(row, part.Task);
                while (tallies.Count <= group)
                {
                    tallies.Add(new Tally(tallies.Count));
                }

                tallies[group].Add(part, part.Task == longest);
                total += part.Seconds;
            }
        }

        var ordered = tallies.OrderByDescending(t => t.Seconds).ToArray();
        return new Answer(
            new("repository"), new("pipeline"), new("task"), new("pathSeconds", ColumnKind.Seconds), new("share", ColumnKind.Share),
            new("meanSeconds", ColumnKind.Seconds), new("meanGapSeconds", ColumnKind.Seconds), new("onPath", ColumnKind.Count), new("longestOf", ColumnKind.Count))
            .With(ordered, runs.Limit, t =>
            [
                groups.Text(t.Group, RunColumn.Repository), groups.Text(t.Group, RunColumn.Pipeline), groups.Text(t.Group, RunColumn.Task), t.Seconds,
                total == 0 ? 0 : t.Seconds / total, t.Seconds / t.OnPath, t.GapSeconds / t.OnPath, t.OnPath, t.LongestOf,
            ]);
    }

    private sealed class Tally(int group)
    {
        public int Group => group;

        public double Seconds { get; private set; }

        public double GapSeconds { get; private set; }

        public int OnPath { get; private set; }

        public int LongestOf { get; private set; }

        public void Add(PathPart part, bool isLongest)
        {
            Seconds += part.Seconds;
            GapSeconds += part.GapSeconds;
            OnPath++;
            LongestOf += isLongest ? 1 : 0;
        }
    }
}
