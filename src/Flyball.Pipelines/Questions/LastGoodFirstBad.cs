using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Pipelines that broke: the last good run, the first bad one after it, and what is different between them.</summary>
/// <remarks>By repository, pipeline and branch. Cancelled and skipped runs say nothing. A run that never was good has no last good one.</remarks>
internal sealed class LastGoodFirstBad : IQuestion
{
    public string Name => "last-good-first-bad";

    public string About => "what changed between the last good and the first bad run?";

    public IReadOnlyList<Parameter> Parameters { get; } = [new("healed", ParameterKind.YesNo, "false", "also what is good again since")];

    public TimeSpan LooksBack => TimeSpan.FromDays(30);

    public string PromQL => "max by (pipeline, branch, commit, run_id) (ci_run_failed) == 1";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var groups = new RunGroups(RunColumn.System, RunColumn.Repository, RunColumn.Pipeline, RunColumn.Branch);
        var breaks = new List<Break>();
        foreach (var row in runs.NewestFirst())
        {
            if (row.Course.Result is not { } result || (result != RunResult.Success && !result.IsBad()))
            {
                continue;
            }

            var group = groups.Of(row);
            while (breaks.Count <= group)
            {
                breaks.Add(new Break(breaks.Count));
            }

            breaks[group].AddEarlier(row, result.IsBad());
        }

        var shown = breaks.Where(b => b.Bad > 0 && (!b.IsHealed || with.Is("healed"))).OrderByDescending(b => b.FirstBadAt).ToArray();
        return new Answer(
            new("repository"), new("pipeline"), new("branch"), new("state"), new("badRuns", ColumnKind.Count), new("at", ColumnKind.Time),
            new("lastGoodCommit", ColumnKind.Commit), new("firstBadCommit", ColumnKind.Commit), new("failedTasks"), new("changed"),
            new("lastGood", ColumnKind.Run), new("firstBad", ColumnKind.Run)).With(shown, runs.Limit, b =>
            {
                var good = b.LastGood is { } id ? runs.Find(id) : null;
                var bad = runs.Find(b.FirstBad);
                return
                [
                    groups.Text(b.Group, RunColumn.Repository), groups.Text(b.Group, RunColumn.Pipeline), groups.Text(b.Group, RunColumn.Branch),
                    b.IsHealed ? "good again" : "bad", b.Bad, new Model.Time.TimestampNs(b.FirstBadAt), good?.Vcs.Commit, bad?.Vcs.Commit,
                    bad is null ? null : string.Join(", ", RunDifference.FailedTasks(bad)),
                    good is null || bad is null ? null : string.Join("; ", RunDifference.Between(good, bad)), b.LastGood, b.FirstBad,
                ];
            });
    }

    /// <summary>The latest time a pipeline broke; runs are told from the newest to the oldest.</summary>
    private sealed class Break(int group)
    {
        public int Group => group;

        public int Bad { get; private set; }

        public bool IsHealed { get; private set; }

        public TraceId FirstBad { get; private set; }

        public ulong FirstBadAt { get; private set; }

        public TraceId? LastGood { get; private set; }

        public void AddEarlier(RunRow row, bool isBad)
        {
            if (LastGood is not null)
            {
                return;
            }

            if (isBad)
            {
                Bad++;
                FirstBad = row.TraceId;
                FirstBadAt = row.Begin;
            }
            else if (Bad > 0)
            {
                LastGood = row.TraceId;
            }
            else
            {
                IsHealed = true;
            }
        }
    }
}
