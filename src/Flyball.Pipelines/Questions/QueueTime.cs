using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>How long runs, or the tasks in them, wait before they begin.</summary>
internal sealed class QueueTime : IQuestion
{
    public string Name => "queue-time";

    public string About => "how long do runs, or their tasks, wait before they begin?";

    public IReadOnlyList<Parameter> Parameters { get; } = [new("tasks", ParameterKind.YesNo, "false", "look at tasks instead of whole runs")];

    public string PromQL => "histogram_quantile(0.95, sum by (cicd_pipeline_name, le) (rate(cicd_pipeline_run_duration_seconds_bucket{cicd_pipeline_run_state=\"pending\"}[1h])))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var ofTasks = with.Is("tasks");
        RunColumn[] columns = ofTasks ? [RunColumn.Repository, RunColumn.Pipeline, RunColumn.Task] : [RunColumn.Repository, RunColumn.Pipeline];
        var groups = new RunGroups(columns);
        var waits = new List<Waits>();
        foreach (var row in runs.Each())
        {
            for (var task = ofTasks ? 0 : RunRow.Whole; task < (ofTasks ? row.TaskCount : 0); task++)
            {
                var course = ofTasks ? row.Task(task).Course : row.Course;
                var waited = course.QueueSeconds;
                if (waited is null && (course.CreatedAt is null || course.Result is not null))
                {
                    continue;
                }

                var group = groups.Of(row, task);
                while (waits.Count <= group)
                {
                    waits.Add(new Waits(waits.Count));
                }

                waits[group].Add(waited);
            }
        }

        var ordered = waits.OrderByDescending(w => w.Quantile(0.95)).ThenBy(w => w.Group).ToArray();
        return new Answer(
            new("repository"), new("pipeline"), new("task"), new("began", ColumnKind.Count), new("waiting", ColumnKind.Count),
            new("medianSeconds", ColumnKind.Seconds), new("p95Seconds", ColumnKind.Seconds), new("mostSeconds", ColumnKind.Seconds))
            .With(ordered, runs.Limit, w =>
            [
                groups.Text(w.Group, RunColumn.Repository), groups.Text(w.Group, RunColumn.Pipeline), ofTasks ? groups.Text(w.Group, RunColumn.Task) : "",
                w.Began, w.Waiting, w.Quantile(0.5), w.Quantile(0.95), w.Quantile(1),
            ]);
    }

    private sealed class Waits(int group)
    {
        private readonly List<double> _seconds = [];

        public int Group => group;

        public int Began => _seconds.Count;

        public int Waiting { get; private set; }

        public double? Quantile(double q) => Statistics.Quantile(_seconds, q);

        public void Add(double? waited)
        {
            if (waited is { } seconds)
            {
                _seconds.Add(seconds);
            }
            else
            {
                Waiting++;
            }
        }
    }
}
