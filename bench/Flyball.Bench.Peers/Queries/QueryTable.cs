using Flyball.Bench.Peers.Tables;
using Flyball.Bench.Peers.Workload;

namespace Flyball.Bench.Peers.Queries;

/// <summary>Prints what questions cost, with the ratio of Flyball to the better of the others (below 1 = faster).</summary>
internal static class QueryTable
{
    public static void Print(DatasetFacts facts, List<SuiteQuery> queries, List<(string Peer, List<QueryFigures> Figures)> results)
    {
        Console.WriteLine();
        Console.WriteLine($"{facts.Options.Series} active series ({facts.Options.Profile}), {facts.Options.History.TotalHours:0.##} h every {facts.Options.Interval.TotalSeconds:0} s; milliseconds");
        Console.WriteLine();
        var table = new MarkdownTable(
            ["query", "", .. results.Select(r => r.Peer), "ratio", .. results.Select(r => $"{r.Peer} CPU"), "ratio", .. results.Select(r => $"{r.Peer} cold"), "ratio", "equal"]);
        var ratios = new List<double>();
        var cpuRatios = new List<double>();
        var coldRatios = new List<double>();
        for (var i = 0; i < queries.Count; i++)
        {
            var row = results.Select(r => (r.Peer, Figures: r.Figures[i])).ToList();
            ratios.Add(Ratio(row, f => f.WarmMs));
            cpuRatios.Add(Ratio(row, f => f.CpuMs));
            coldRatios.Add(Ratio(row, f => f.ColdMs));
            table.Add([
                queries[i].Name, queries[i].IsRange ? "range" : "instant",
                .. row.Select(r => Write(r.Figures.WarmMs)), Write(ratios[^1], "F2"),
                .. row.Select(r => Write(r.Figures.CpuMs)), Write(cpuRatios[^1], "F2"),
                .. row.Select(r => Write(r.Figures.ColdMs)), Write(coldRatios[^1], "F2"),
                Equality(row)]);
        }

        Console.WriteLine(table);
        Summarise("warm, wall", queries, ratios);
        Summarise("warm, CPU", queries, cpuRatios);
        Summarise("cold, wall", queries, coldRatios);
        foreach (var (peer, figures) in results)
        {
            foreach (var (query, one) in queries.Zip(figures).Where(p => p.Second.Problem is not null))
            {
                Console.WriteLine($"{peer} refuses \"{query.Name}\": {one.Problem}");
            }
        }
    }

    private static void Summarise(string what, List<SuiteQuery> queries, List<double> ratios)
    {
        var known = ratios.Select((ratio, i) => (Ratio: ratio, queries[i].Name)).Where(r => double.IsFinite(r.Ratio)).OrderByDescending(r => r.Ratio).ToList();
        if (known.Count > 0)
        {
            Console.WriteLine(
                $"{what}: geometric mean of ratios to the better peer {Figures.GeometricMean(known.Select(r => r.Ratio)):F3}, "
                + $"slower on {known.Count(r => r.Ratio > 1)} of {known.Count}; worst {string.Join(", ", known.Take(8).Select(r => $"{r.Name} {r.Ratio:F2}"))}");
        }
    }

    private static double Ratio(List<(string Peer, QueryFigures Figures)> row, Func<QueryFigures, double> figure)
    {
        var own = row.Where(r => r.Peer == "Flyball").Select(r => figure(r.Figures)).FirstOrDefault(double.NaN);
        return own / row.Where(r => r.Peer != "Flyball").Select(r => figure(r.Figures)).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
    }

    private static string Equality(List<(string Peer, QueryFigures Figures)> row)
    {
        var expected = row.FirstOrDefault(r => r.Peer == "Prometheus").Figures?.Answer;
        var actual = row.FirstOrDefault(r => r.Peer == "Flyball").Figures?.Answer;
        return expected is null || actual is null ? "–" : actual.DifferenceFrom(expected) ?? "yes";
    }

    private static string Write(double value, string format = "") =>
        !double.IsFinite(value) ? "–" : format.Length > 0 ? value.ToString(format) : Figures.Milliseconds(value);
}
