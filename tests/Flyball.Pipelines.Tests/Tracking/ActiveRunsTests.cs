using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Tracking;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Pipelines.Tests.Tracking;

public sealed class ActiveRunsTests
{
    [Fact]
    public void Counting_at_changes_equals_counting_all_runs_again() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<(byte Kind, byte Run, byte State, byte Heard)[]>(),
            steps =>
            {
                var active = new ActiveRuns();
                var all = new Dictionary<RunKey, PipelineRun>();
                var heard = new Dictionary<RunKey, ulong>();
                ulong lost = 0;
                foreach (var (kind, number, state, at) in steps)
                {
                    var key = new RunKey("s", "", $"{number % 8}");
                    switch (kind % 8)
                    {
                        case 0:
                            active.Remove(key);
                            all.Remove(key);
                            break;
                        case 1:
                            lost = Math.Max(lost, at / 4u);
                            active.LoseBefore(new TimestampNs(lost));
                            active.ForgetEmpty();
                            break;
                        default:
                            // A run is first heard of once.
                            heard.TryAdd(key, at);
                            all[key] = Run(key, (RunState)(state % 4), $"p{at % 3}", heard[key]);
                            active.Set(all[key]);
                            break;
                    }
                }

                var again = all.Values.Where(r => r.State != RunState.Finished && r.FirstHeardAt.Value > lost)
                    .CountBy(r => new ActiveGroup("s", "", r.Pipeline, r.State)).ToDictionary();
                return active.Counts.Where(c => c.Value != 0).ToDictionary().OrderBy(c => c.Key.ToString(), StringComparer.Ordinal)
                    .SequenceEqual(again.OrderBy(c => c.Key.ToString(), StringComparer.Ordinal));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(60));

    [Fact]
    public void What_many_ended_runs_leave_behind_is_cleared_away()
    {
        var active = new ActiveRuns();
        for (var i = 0; i < 10_000; i++)
        {
            var key = new RunKey("s", "", $"{i}");
            active.Set(Run(key, RunState.Executing, "p", 1));
            active.Set(Run(key, RunState.Finished, "p", 1));
        }

        active.Set(Run(new RunKey("s", "", "last"), RunState.Pending, "p", 5));
        active.LoseBefore(default);

        Assert.Equal([new(new ActiveGroup("s", "", "p", RunState.Pending), 1)], active.Counts.Where(c => c.Value > 0));
    }

    private static PipelineRun Run(RunKey key, RunState state, string pipeline, ulong heard) => new()
    {
        Key = key,
        TraceId = default,
        SpanId = default,
        State = state,
        Pipeline = pipeline,
        FirstHeardAt = new TimestampNs(heard),
    };
}
