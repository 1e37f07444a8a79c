using System.Runtime.InteropServices;
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

    private static List<Unusually> Unusual(List<Timed> inOrder, int successes, double least)
    {
        var unusual = new List<Unusually>();
        var ofBranch = new List<Baseline?>();
        var ofMain = new List<Baseline?>();
        foreach (var run in inOrder)
        {
            ref var own = ref BaselineOf(ofBranch, run.Branch);
            ref var main = ref BaselineOf(ofMain, run.Pipeline);
            var isOfMain = own is not { IsKnown: true };
            if (run.IsAsked && (isOfMain ? main : own) is { IsKnown: true } usual && run.Seconds > usual.Median
                && usual.ScoreOf(run.Seconds) is var score && score >= least)
            {
                unusual.Add(new Unusually(run, score, usual.Median, usual.Spread(), isOfMain));
            }

            if (run.IsGood)
            {
                (own ??= new Baseline(successes)).Add(run.Seconds);
                if (run.IsMain)
                {
                    (main ??= new Baseline(successes)).Add(run.Seconds);
                }
            }
        }

        return unusual;
    }

    // Groups are numbered from 0 on; one without a success has no baseline yet.
    private static ref Baseline? BaselineOf(List<Baseline?> baselines, int group)
    {
        if (group >= baselines.Count)
        {
            CollectionsMarshal.SetCount(baselines, group + 1);
        }

        return ref CollectionsMarshal.AsSpan(baselines)[group];
    }

    private readonly record struct Timed(ulong Begin, int Pipeline, int Branch, double Seconds, bool IsGood, bool IsMain, bool IsAsked, TraceId Id);

    private sealed record Unusually(Timed Run, double Score, double Usual, double Spread, bool OfMain);
}
