using Flyball.Model.Spans;

namespace Flyball.Pipelines.Questions;

/// <summary>Runs longer than X, the longest first; those that still go on with their time so far.</summary>
internal sealed class LongestRuns : IQuestion
{
    public string Name => "longest";

    public string About => "which runs took longest, or longer than X?";

    public IReadOnlyList<Parameter> Parameters { get; } = [new("longer-than", ParameterKind.Duration, "0", "only runs longer than that")];

    public string PromQL => "topk(20, max_over_time(ci_run_duration_seconds[7d])) > 600";

    public Answer Ask(RunScan runs, Arguments with)
    {
        var least = with.Seconds("longer-than") ?? 0;
        var longest = new PriorityQueue<TraceId, double>();
        var total = 0;
        foreach (var row in runs.Each())
        {
            if (runs.SecondsOf(row.Course) is not { } seconds || seconds <= least)
            {
                continue;
            }

            total++;
            longest.Enqueue(row.TraceId, seconds);
            if (longest.Count > runs.Limit)
            {
                longest.Dequeue();
            }
        }

        var shown = longest.UnorderedItems.OrderByDescending(r => r.Priority).ThenBy(r => r.Element).ToArray();
        var glances = runs.Glances(shown.Select(r => r.Element));
        var answer = new Answer(
            new("durationSeconds", ColumnKind.Seconds), new("repository"), new("pipeline"), new("number"), new("branch"), new("outcome"),
            new("at", ColumnKind.Time), new("id", ColumnKind.Run)).With(shown, runs.Limit, r =>
            {
                var run = glances[r.Element];
                return [r.Priority, run.Repository, run.Pipeline, run.Number, run.Branch, run.Outcome, run.At, r.Element];
            });
        answer.Total = total;
        return answer;
    }
}
