using System.Text;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Tasks that fail and hold on the same code.</summary>
/// <remarks>
/// Two kinds of evidence: a run in which a failed attempt was followed by a good one, and a commit on which the task's last attempt failed in
/// one run and held in another. flakiness = runs of either kind / runs with a verdict; ordered by what it is at least (Wilson, 95 %), so that
/// one unlucky run does not come before a task that fails every tenth time.
/// </remarks>
internal sealed class FlakyTasks : IQuestion
{
    public string Name => "flaky-tasks";

    public string About => "which tasks fail and then hold on the same commit?";

    public TimeSpan LooksBack => TimeSpan.FromDays(14);

    public string PromQL =>
        "count by (pipeline, task) (count by (pipeline, task, commit) (count_over_time(ci_task_duration_seconds{result=\"success\"}[14d])) and count by (pipeline, task, commit) (count_over_time(ci_task_duration_seconds{result=\"failure\"}[14d])))";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var groups = new RunGroups(RunColumn.Repository, RunColumn.Pipeline, RunColumn.Task);
        var tallies = new Tallies();
        var attempts = new TaskOutcomes();
        foreach (var row in runs.Each())
        {
            attempts.Read(row, groups);
            foreach (var (group, outcome) in attempts.All)
            {
                tallies.Add(row, group, outcome);
            }
        }

        AddGoodSides(runs, groups, attempts, tallies);
        var flaky = tallies.Failing.Where(t => t.Flaky > 0).OrderByDescending(t => Statistics.WilsonLowerBound(t.Flaky, tallies.RunsOf(t.Group))).ThenBy(t => t.Group).ToArray();
        return new Answer(
            new("repository"), new("pipeline"), new("task"), new("flakiness", ColumnKind.Share), new("atLeast", ColumnKind.Share), new("runs", ColumnKind.Count),
            new("failed", ColumnKind.Count), new("retried", ColumnKind.Count), new("mixedCommits", ColumnKind.Count), new("at", ColumnKind.Time))
            .With(flaky, runs.Limit, t =>
            [
                groups.Text(t.Group, RunColumn.Repository), groups.Text(t.Group, RunColumn.Pipeline), groups.Text(t.Group, RunColumn.Task),
                (double)t.Flaky / tallies.RunsOf(t.Group), Statistics.WilsonLowerBound(t.Flaky, tallies.RunsOf(t.Group)), tallies.RunsOf(t.Group), t.Failed, t.Retried, t.MixedCommits, new TimestampNs(t.LastFlakyAt),
            ]);
    }

    // Few commits failed anywhere; only for those is it worth knowing where they held.
    private static void AddGoodSides(RunScan runs, RunGroups groups, TaskOutcomes attempts, Tallies tallies)
    {
        // By their hashes: a commit is mostly another one in every run, and making a text of each would cost more than the rest.
        var failed = tallies.Failing.SelectMany(t => t.FailedCommits).Select(c => LabelSet.HashOf(Encoding.UTF8.GetBytes(c))).ToHashSet();
        if (failed.Count == 0)
        {
            return;
        }

        foreach (var row in runs.Each())
        {
            if (failed.Contains(row.TextHash(RunColumn.Commit)))
            {
                attempts.Read(row, groups);
                foreach (var (group, outcome) in attempts.All)
                {
                    tallies.AddGoodSide(row, group, outcome);
                }
            }
        }
    }

    /// <summary>How many runs each task had, and more of those that ever failed.</summary>
    private sealed class Tallies
    {
        private readonly Dictionary<int, Tally> _failing = [];
        private int[] _runs = new int[64];

        public IEnumerable<Tally> Failing => _failing.Values;

        public int RunsOf(int group) => _runs[group];

        public void Add(RunRow row, int group, TaskOutcome outcome)
        {
            if (group >= _runs.Length)
            {
                Array.Resize(ref _runs, Math.Max(group + 1, _runs.Length * 2));
            }

            _runs[group]++;
            if (outcome == TaskOutcome.Held)
            {
                return;
            }

            if (!_failing.TryGetValue(group, out var tally))
            {
                _failing[group] = tally = new Tally(group);
            }

            tally.Add(row, outcome);
        }

        public void AddGoodSide(RunRow row, int group, TaskOutcome outcome)
        {
            if (outcome != TaskOutcome.Failed && _failing.TryGetValue(group, out var tally))
            {
                tally.AddGoodSide(row);
            }
        }
    }

    private sealed class Tally(int group)
    {
        private readonly Dictionary<string, (int Failed, ulong At, bool Held)> _failed = new(StringComparer.Ordinal);
        private ulong _retriedAt;

        public int Group => group;

        public int Failed { get; private set; }

        public int Retried { get; private set; }

        public IEnumerable<string> FailedCommits => _failed.Keys;

        public int MixedCommits => _failed.Values.Count(c => c.Held);

        public int Flaky => Retried + _failed.Values.Where(c => c.Held).Sum(c => c.Failed);

        public ulong LastFlakyAt => _failed.Values.Where(c => c.Held).Select(c => c.At).Append(_retriedAt).Max();

        public void Add(RunRow row, TaskOutcome outcome)
        {
            if (outcome == TaskOutcome.HeldAfterFailing)
            {
                Retried++;
                _retriedAt = Math.Max(_retriedAt, row.Begin);
            }
            else if (outcome == TaskOutcome.Failed)
            {
                Failed++;
                if (row.Text(RunColumn.Commit) is { Length: > 0 } commit)
                {
                    var known = _failed.GetValueOrDefault(commit);
                    _failed[commit] = (known.Failed + 1, Math.Max(known.At, row.Begin), false);
                }
            }
        }

        public void AddGoodSide(RunRow row)
        {
            var commit = row.Text(RunColumn.Commit);
            if (_failed.TryGetValue(commit, out var known))
            {
                _failed[commit] = known with { Held = true };
            }
        }
    }
}
