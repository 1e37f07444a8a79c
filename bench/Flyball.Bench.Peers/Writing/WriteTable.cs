using Flyball.Bench.Peers.Tables;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Writing;

/// <summary>Prints figures of writing, with the ratio of Flyball to the better of the others.</summary>
internal static class WriteTable
{
    public static void Print(DatasetFacts facts, List<WriteFigures> results)
    {
        var o = facts.Options;
        Console.WriteLine();
        Console.WriteLine(
            $"{o.Series} active series ({o.Profile}), {facts.SeriesEver} ever, {o.History.TotalHours:0.##} h every {o.Interval.TotalSeconds:0} s: "
            + $"{facts.MainSamples + facts.MainMarkers} samples in {facts.MainRequests} requests, {facts.TailSamples} more before the kill.");
        Console.WriteLine();
        var table = new MarkdownTable(["", .. results.Select(r => r.Name), "ratio to the better peer", "goal"]);
        Row(table, results, "samples per CPU second, whole run", r => r.Whole.SamplesPerCpuSecond, "F0", higherIsBetter: true, "≥ 2");
        Row(table, results, "samples per CPU second, second half", r => r.SecondHalf.SamplesPerCpuSecond, "F0", higherIsBetter: true, "");
        Row(table, results, "samples per second, wall", r => r.Whole.Samples / r.Whole.Wall.TotalSeconds, "F0", higherIsBetter: true, "");
        Row(table, results, "RSS at rest, MiB", r => r.Settled.Resident / 1048576.0, "F0", higherIsBetter: false, "≤ 1");
        Row(table, results, "PSS at rest, MiB", r => r.Settled.Proportional / 1048576.0, "F0", higherIsBetter: false, "≤ 1");
        Row(table, results, "RSS at peak, MiB", r => r.Settled.Peak / 1048576.0, "F0", higherIsBetter: false, "");
        Row(table, results, "RSS per active series, bytes", r => r.Settled.Resident / (double)o.Series, "F0", higherIsBetter: false, "≤ 1");
        Row(table, results, "scan of one metric, samples per second", r => r.Scan.SamplesPerSecond, "F0", higherIsBetter: true, "≥ 3");
        Row(table, results, "scan of one metric, CPU ns per sample", r => r.Scan.CpuMs * 1e6 / r.Scan.Samples, "F1", higherIsBetter: false, "");
        Row(table, results, "ready after kill -9, ms", r => r.Ready.TotalMilliseconds, "F0", higherIsBetter: false, "≤ 0.33 of those who lost nothing", r => r.Lost == 0);
        Row(table, results, "samples lost at kill -9", r => r.Lost, "F0", higherIsBetter: false, "0");
        Row(table, results, "RSS when ready again, MiB", r => r.AfterStart.Resident / 1048576.0, "F0", higherIsBetter: false, "");
        Row(table, results, "bytes per sample after compaction", r => r.BytesPerSample, "F3", higherIsBetter: false, "≤ 0.8");
        Row(table, results, "CPU seconds of compaction", r => r.Compacting.TotalSeconds, "F1", higherIsBetter: false, "");
        Console.WriteLine(table);
    }

    private static void Row(
        MarkdownTable table, List<WriteFigures> results, string name, Func<WriteFigures, double> figure, string format, bool higherIsBetter, string goal,
        Func<WriteFigures, bool>? counts = null)
    {
        var others = results.Where(r => r.Name != "Flyball" && counts?.Invoke(r) != false).Select(figure).ToList();
        var own = results.FirstOrDefault(r => r.Name == "Flyball") is { } flyball ? figure(flyball) : double.NaN;
        var better = others.Count == 0 ? double.NaN : higherIsBetter ? others.Max() : others.Min();
        var ratio = double.IsFinite(own / better) ? (own / better).ToString("F2") : "–";
        table.Add([name, .. results.Select(r => figure(r).ToString(format)), ratio, goal]);
    }
}
