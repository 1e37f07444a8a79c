using Flyball.Model.Runs;
using Flyball.Model.Spans;
using Flyball.Pipelines.History;

namespace Flyball.Pipelines.Questions;

/// <summary>Runs that have not ended although they should have: longer under way than three times what is usual for their pipeline.</summary>
/// <remarks>Usual is the median of the latest 20 successes; never less than ten minutes are granted, and an hour where nothing is known.</remarks>
internal sealed class StuckRuns : IQuestion
{
    private const double Factor = 3;
    private const double LeastSeconds = 600;
    private const double UnknownSeconds = 3600;
    private const int Successes = 20;

    public string Name => "stuck";

    public string About => "which runs seem never to end?";

    public IReadOnlyList<Parameter> Parameters { get; } =
        [new("longer-than", ParameterKind.Duration, "", "what is too long; without it three times the usual, at least 10m")];

    public TimeSpan LooksBack => TimeSpan.FromDays(90);

    public string PromQL => "cicd_pipeline_run_active > 0 unless sum by (cicd_pipeline_name) (increase(cicd_pipeline_run_duration_seconds_count[6h])) > 0";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var groups = new RunGroups(RunColumn.System, RunColumn.Repository, RunColumn.Pipeline);
        var open = new List<Open>();
        foreach (var row in runs.Each())
        {
            if (row.State != RunState.Finished && row.Course.FinishedAt is null)
            {
                var from = row.Course.StartedAt?.Value ?? row.Begin;
                open.Add(new Open(groups.Of(row), row.TraceId, runs.Now.Value > from ? (runs.Now.Value - from) / 1e9 : 0));
            }
        }

        var usual = Usual(runs, groups, open.Select(o => o.Group).ToHashSet());
        var stuck = open.Where(o => o.Seconds > (with.Seconds("longer-than") ?? Allowed(usual.GetValueOrDefault(o.Group))))
            .OrderByDescending(o => o.Seconds).ThenBy(o => o.Id).ToArray();
        return new Answer(
            new("soFarSeconds", ColumnKind.Seconds), new("usualSeconds", ColumnKind.Seconds), new("repository"), new("pipeline"), new("number"), new("branch"),
            new("state"), new("openTasks"), new("at", ColumnKind.Time), new("id", ColumnKind.Run)).With(stuck, runs.Limit, o =>
            {
                var run = runs.Find(o.Id)!;
                var tasks = run.Tasks.Where(t => t.State is RunState.Executing or RunState.Finalizing).Select(t => t.Name);
                return
                [
                    o.Seconds, usual.TryGetValue(o.Group, out var seconds) ? seconds : null, run.Vcs.RepositoryUrl, run.Pipeline, run.Number, run.Vcs.HeadName,
                    RunWords.Of(run.State), string.Join(", ", tasks), new Model.Time.TimestampNs(MemoryRow.BeginOf(run)), o.Id,
                ];
            });
    }

    private static double Allowed(double usual) => usual > 0 ? Math.Max(LeastSeconds, Factor * usual) : UnknownSeconds;

    // Medians of the latest successes, whatever the filter says, of the pipelines that have something open.
    private static Dictionary<int, double> Usual(RunScan runs, RunGroups groups, HashSet<int> wanted)
    {
        var latest = wanted.ToDictionary(g => g, _ => new PriorityQueue<double, ulong>());
        if (wanted.Count > 0)
        {
            foreach (var row in runs.Begun(runs.Since))
            {
                if (latest.TryGetValue(groups.Of(row), out var durations) && row.Course is { Result: RunResult.Success, Seconds: { } seconds })
                {
                    durations.Enqueue(seconds, row.Begin);
                    if (durations.Count > Successes)
                    {
                        durations.Dequeue();
                    }
                }
            }
        }

        return latest.Where(l => l.Value.Count >= Baseline.Fewest)
            .ToDictionary(l => l.Key, l => Statistics.Quantile([.. l.Value.UnorderedItems.Select(d => d.Element)], 0.5)!.Value);
    }

    private sealed record Open(int Group, TraceId Id, double Seconds);
}
