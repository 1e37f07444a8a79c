using Flyball.Model.Runs;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Questions;
using FsCheck;
using FsCheck.Fluent;
using static Flyball.Pipelines.Tests.Questions.RunStory;

namespace Flyball.Pipelines.Tests.Questions;

public sealed class QuestionPropertyTests
{
    [Fact]
    public void Attempts_and_gaps_of_a_critical_path_are_as_long_as_the_run() =>
        Prop.ForAll(ArbMap.Default.ArbFor<(byte From, byte Length)[]>(), tasks =>
        {
            var run = Run("1", 20, 200, RunResult.Success, [.. tasks.Select((t, i) => Task($"t{i}", t.From, t.From + t.Length))]);
            var path = new List<PathPart>();

            CriticalPath.Find(new MemoryRow(run), At(9999).Value, path, out var lastGap);

            var whole = path.Sum(p => (long)(p.UntilNs - p.FromNs)) + path.Sum(p => (long)p.GapNs) + (long)lastGap;
            return whole == 200_000_000_000 && path.Zip(path.Skip(1)).All(p => p.First.UntilNs + p.Second.GapNs == p.Second.FromNs);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_baseline_is_the_median_and_the_deviation_of_its_latest_values() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(), (values, size) =>
        {
            var most = 1 + (size % 9);
            var baseline = new Baseline(most);
            foreach (var value in values)
            {
                baseline.Add(value);
            }

            var latest = values.TakeLast(most).Select(v => (double)v).ToList();
            if (latest.Count == 0)
            {
                return baseline.Count == 0;
            }

            var median = Statistics.Quantile(latest, 0.5)!.Value;
            var mad = Statistics.Quantile([.. latest.Select(v => Math.Abs(v - median))], 0.5)!.Value;
            return baseline.Median == median && baseline.Spread() >= 1.4826 * mad
                && baseline.Spread() <= Math.Max(1.4826 * mad, Math.Max(median * 0.01, 0.001));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Wilson_never_promises_more_than_was_seen() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte>(), ArbMap.Default.ArbFor<byte>(), (hits, more) =>
        {
            var bound = Statistics.WilsonLowerBound(hits, hits + more);
            return bound >= 0 && (hits + more == 0 ? bound == 0 : bound <= (double)hits / (hits + more));
        }).QuickCheckThrowOnFailure();
}
