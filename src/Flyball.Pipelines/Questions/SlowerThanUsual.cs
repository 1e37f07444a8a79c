using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Runs that took much longer than the latest good ones of their pipeline and branch before them.</summary>
/// <remarks>
/// score = (duration − median) / (1.4826 · MAD), over the latest N successes of the same repository, pipeline and branch that began
/// before; while the branch has fewer than five, over those of the main branch. The filter says which runs are shown, not what is usual.
/// </remarks>
internal sealed class SlowerThanUsual : IQuestion
{
    // What was usual at the begin of the window is known from before it.
    private static readonly TimeSpan BaselinesLookBack = TimeSpan.FromDays(30);

    private static readonly RunColumn[] Pipelines = [RunColumn.System, RunColumn.Repository, RunColumn.Pipeline];

    public string Name => "slower-than-usual";

    public string About => "which runs took much longer than their pipeline usually does?";

    public IReadOnlyList<Parameter> Parameters { get; } =
    [
        new("score", ParameterKind.Number, "3", "least distance from the usual, in spreads (1.4826 · MAD)"),
        new("successes", ParameterKind.Count, "20", "how many successes before make the usual"),
        new("main", ParameterKind.Word, "main", "the branch that is compared with while the run's own has too few"),
    ];

    public string PromQL =>
        "max_over_time(ci_run_duration_seconds[1d]) > on (pipeline) group_left () 2 * quantile by (pipeline) (0.5, max_over_time(ci_run_duration_seconds{result=\"success\",branch=\"main\"}[30d]))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var unusual = Unusual(InOrder(runs, with.Word("main")), with.Count("successes"), with.Number("score"))
            .OrderByDescending(u => u.Score).ThenBy(u => u.Run.Id).ToArray();
        var glances = runs.Glances(unusual.Take(runs.Limit).Select(u => u.Run.Id));
        return new Answer(
            new("score", ColumnKind.Number), new("durationSeconds", ColumnKind.Seconds), new("usualSeconds", ColumnKind.Seconds),
            new("spreadSeconds", ColumnKind.Seconds), new("usualOf"), new("repository"), new("pipeline"), new("number"), new("branch"), new("outcome"),
            new("at", ColumnKind.Time), new("id", ColumnKind.Run)).With(unusual, runs.Limit, u =>
            {
                var run = glances[u.Run.Id];
                return
                [
                    u.Score, u.Run.Seconds, u.Usual, u.Spread, u.OfMain ? with.Word("main") : run.Branch, run.Repository, run.Pipeline, run.Number, run.Branch,
                    run.Outcome, run.At, u.Run.Id,
                ];
            });
    }

    private static List<Timed> InOrder(RunScan runs, string main)
    {
        var pipelines = new RunGroups(Pipelines);
        var branches = new RunGroups([.. Pipelines, RunColumn.Branch]);
        var timed = new List<Timed>();
        var since = runs.Since.Value - Math.Min(runs.Since.Value, (ulong)BaselinesLookBack.Ticks * 100);
        foreach (var row in runs.Begun(new TimestampNs(since)))
        {
            var course = row.Course;
            if (course.Seconds is { } seconds && course.Result is { } result and not RunResult.Skip and not RunResult.Cancellation)
            {
                var branch = branches.Of(row);
                timed.Add(new Timed(
                    row.Begin, pipelines.Of(row), branch, seconds, result == RunResult.Success,
                    branches.Text(branch, RunColumn.Branch) == main, runs.IsAsked(row), row.TraceId));
            }
        }

        timed.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.Id.CompareTo(b.Id));
        return timed;
    }

    private static IEnumerable<Unusually> Unusual(List<Timed> inOrder, int successes, double least)
    {
        var ofBranch = new Dictionary<int, Baseline>();
        var ofMain = new Dictionary<int, Baseline>();
        foreach (var run in inOrder)
        {
            var own = BaselineOf(ofBranch, run.Branch, successes);
            var main = BaselineOf(ofMain, run.Pipeline, successes);
            var usual = own.IsKnown ? own : main;
            if (run.IsAsked && usual.IsKnown && run.Seconds > usual.Median && usual.ScoreOf(run.Seconds) is var score && score >= least)
            {
                yield return new Unusually(run, score, usual.Median, usual.Spread(), !own.IsKnown);
            }

            if (run.IsGood)
            {
                own.Add(run.Seconds);
                if (run.IsMain)
                {
                    main.Add(run.Seconds);
                }
            }
        }
    }

    private static Baseline BaselineOf(Dictionary<int, Baseline> baselines, int group, int successes)
    {
        if (!baselines.TryGetValue(group, out var baseline))
        {
            baselines[group] = baseline = new Baseline(successes);
        }

        return baseline;
    }

    private readonly record struct Timed(ulong Begin, int Pipeline, int Branch, double Seconds, bool IsGood, bool IsMain, bool IsAsked, TraceId Id);

    private sealed record Unusually(Timed Run, double Score, double Usual, double Spread, bool OfMain);
}
