using Flyball.Model.Runs;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>One branch against another, by pipeline and by task: how often they hold and how long they take.</summary>
internal sealed class BranchComparison : IQuestion
{
    public string Name => "branches";

    public string About => "how does this branch compare with that one?";

    public IReadOnlyList<Parameter> Parameters { get; } =
    [
        new("this", ParameterKind.Word, "", "the branch in question"),
        new("that", ParameterKind.Word, "main", "what it is compared with"),
    ];

    public string PromQL =>
        "avg by (pipeline) (avg_over_time(ci_run_duration_seconds{branch=\"topic\"}[7d])) / avg by (pipeline) (avg_over_time(ci_run_duration_seconds{branch=\"main\"}[7d]))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var (mine, theirs) = (with.Word("this"), with.Word("that"));
        if (mine.Length == 0 || mine == theirs)
        {
            throw new UnansweredException("that is no comparison; give two branches: this, and that (main by default)");
        }

        var branches = new RunGroups(RunColumn.Branch);
        var pipelines = new RunGroups(RunColumn.Repository, RunColumn.Pipeline);
        var tasks = new RunGroups(RunColumn.Repository, RunColumn.Pipeline, RunColumn.Task);
        var (ofPipelines, ofTasks) = (new List<Pair>(), new List<Pair>());
        foreach (var row in runs.Each())
        {
            var branch = branches.Text(branches.Of(row), RunColumn.Branch);
            if (branch != mine && branch != theirs)
            {
                continue;
            }

            var isMine = branch == mine;
            At(ofPipelines, pipelines.Of(row)).Of(isMine).Add(row.Course);
            for (var task = 0; task < row.TaskCount; task++)
            {
                At(ofTasks, tasks.Of(row, task)).Of(isMine).Add(row.Task(task).Course);
            }
        }

        var rows = ofPipelines.Select((pair, g) => (pair, Repository: pipelines.Text(g, RunColumn.Repository), Pipeline: pipelines.Text(g, RunColumn.Pipeline), Task: ""))
            .Concat(ofTasks.Select((pair, g) => (pair, Repository: tasks.Text(g, RunColumn.Repository), Pipeline: tasks.Text(g, RunColumn.Pipeline), Task: tasks.Text(g, RunColumn.Task))))
            .Where(r => r.pair.This.Ended > 0)
            .OrderBy(r => r.Repository, StringComparer.Ordinal).ThenBy(r => r.Pipeline, StringComparer.Ordinal).ThenBy(r => r.Task, StringComparer.Ordinal).ToArray();
        return new Answer(
            new("repository"), new("pipeline"), new("task"), new("thisEnded", ColumnKind.Count), new("thatEnded", ColumnKind.Count),
            new("thisFailed", ColumnKind.Share), new("thatFailed", ColumnKind.Share), new("thisSeconds", ColumnKind.Seconds), new("thatSeconds", ColumnKind.Seconds),
            new("times", ColumnKind.Number)).With(rows, runs.Limit, r =>
            {
                var (here, there) = (r.pair.This.Median, r.pair.That.Median);
                return
                [
                    r.Repository, r.Pipeline, r.Task, r.pair.This.Ended, r.pair.That.Ended, r.pair.This.FailedShare, r.pair.That.FailedShare, here, there,
                    there > 0 ? here / there : null,
                ];
            });
    }

    private static Pair At(List<Pair> pairs, int group)
    {
        while (pairs.Count <= group)
        {
            pairs.Add(new Pair());
        }

        return pairs[group];
    }

    private sealed class Pair
    {
        public Side This { get; } = new();

        public Side That { get; } = new();

        public Side Of(bool isMine) => isMine ? This : That;
    }

    /// <summary>What is known of one branch; durations are those of successes, since failures end early.</summary>
    private sealed class Side
    {
        private readonly List<double> _seconds = [];
        private int _failed;

        public int Ended { get; private set; }

        public double? FailedShare => Ended == 0 ? null : (double)_failed / Ended;

        public double? Median => Statistics.Quantile(_seconds, 0.5);

        public void Add(in Course course)
        {
            if (course.Result is not { } result || result is RunResult.Skip or RunResult.Cancellation)
            {
                return;
            }

            Ended++;
            _failed += result.IsBad() ? 1 : 0;
            if (result == RunResult.Success && course.Seconds is { } seconds)
            {
                _seconds.Add(seconds);
            }
        }
    }
}
