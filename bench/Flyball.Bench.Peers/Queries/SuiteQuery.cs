using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Queries;

/// <summary>One question of the suite.</summary>
/// <param name="Text">PromQL; <c>$all</c> stands for the length of the whole history.</param>
/// <param name="IsRange">Asked for every step of the history, else only at its end.</param>
internal sealed record SuiteQuery(string Name, string Text, bool IsRange)
{
    // What a dashboard panel of one hour asks for; longer histories get as many points.
    private const int Steps = 120;

    /// <summary>The path to ask.</summary>
    public Uri Path(WorkloadOptions workload, string parameters)
    {
        var seconds = (long)workload.History.TotalSeconds;
        var text = Uri.EscapeDataString(Text.Replace("$all", $"{seconds}s", StringComparison.Ordinal));
        var end = workload.EndMs / 1000;
        var path = IsRange
            ? $"/api/v1/query_range?query={text}&start={end - seconds}&end={end}&step={Math.Max(1, seconds / Steps)}"
            : $"/api/v1/query?query={text}&time={end}";
        return new Uri($"{path}&timeout=120s{parameters}", UriKind.Relative);
    }
}
