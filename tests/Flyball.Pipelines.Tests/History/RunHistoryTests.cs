using System.Text.Json;
using Flyball.Durable.Files;
using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.GitLab;
using Flyball.Pipelines.History;
using Flyball.Pipelines.Tests.Api;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Flyball.Pipelines.VirtualSeries;
using Flyball.Testing;
using Flyball.Testing.Files;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.History;

public sealed class RunHistoryTests
{
    private static readonly ulong Start = TimestampNs.Now(new TestClock()).Value;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_small_memory_answers_as_a_large_one_does(int seed)
    {
        var files = new FaultyFileSystem();
        using var history = Open(files);
        await using var small = await TrackerBench.StartAsync(options: new RunTrackerOptions { MostRuns = 20 }, history: history);
        await using var large = await TrackerBench.StartAsync();
        var facts = RandomRuns.Facts(seed, 200, Start).ToArray();
        foreach (var fact in Later(seed, facts))
        {
            await small.Tracker.ApplyAsync([fact], Stop);
            await large.Tracker.ApplyAsync([fact], Stop);
        }

        await SealedAsync(history);
        small.Clock.Advance(TimeSpan.FromHours(9));
        large.Clock.Advance(TimeSpan.FromHours(9));

        Assert.InRange(history.Count, 100, 400);
        Assert.Equal(ListOf(large), ListOf(small));
        foreach (var name in SeriesNames.All)
        {
            Assert.Equal(SeriesOf(large, name, null), SeriesOf(small, name, null));
            Assert.Equal(SeriesOf(large, name, ["branch", "result"]).Order(StringComparer.Ordinal), SeriesOf(small, name, ["branch", "result"]).Order(StringComparer.Ordinal));
        }

        foreach (var run in large.Tracker.NewestFirst())
        {
            Assert.Equal(TrackerBench.TextOf(run), TrackerBench.TextOf(small.Tracker.Find(run.TraceId)!));
            Assert.Equal(run.TraceId, small.Tracker.Find(run.Key)!.TraceId);
        }
    }

    [Fact]
    public async Task What_is_told_late_merges_into_a_run_of_the_history_and_shows_it_once()
    {
        using var history = Open(new FaultyFileSystem());
        await using var bench = await TrackerBench.StartAsync(options: new RunTrackerOptions { MostRuns = 10 }, history: history);
        var facts = RandomRuns.Facts(5, 60, Start).ToArray();
        await bench.Tracker.ApplyAsync(facts, Stop);
        await SealedAsync(history);

        var late = new RunFact { Run = facts[0].Run, SourceTime = new(Start * 2), ReceivedAt = new(Start * 2), Actor = "grace" };
        await bench.Tracker.ApplyAsync([late], Stop);
        Assert.Equal("grace", bench.Tracker.Find(facts[0].Run)!.Actor);
        Assert.Equal(60, ListOf(bench).Length);

        await bench.Tracker.ApplyAsync([.. RandomRuns.Facts(6, 90, Start).Skip(60)], Stop);
        await SealedAsync(history);

        Assert.Equal("grace", bench.Tracker.Find(facts[0].Run)!.Actor);
        Assert.Equal(90, ListOf(bench).Length);
        Assert.Single(bench.Changes, c => c.Before is not null);
    }

    [Fact]
    public async Task A_manual_job_of_GitLab_is_played_after_its_pipeline_has_left_memory()
    {
        using var history = Open(new FaultyFileSystem());
        await using var bench = await TrackerBench.StartAsync(options: new RunTrackerOptions { MostRuns = 10 }, history: history);
        var gitlab = new GitLabConnector(() => []);
        await ApplyAsync(bench, gitlab, """
            {"object_kind":"pipeline","object_attributes":{"id":1,"status":"success","created_at":"2026-11-02 14:00:00 UTC","finished_at":"2026-11-02 14:05:00 UTC"},
            "project":{"web_url":"https://gitlab.com/acme/pay","path_with_namespace":"acme/pay"},
            "builds":[{"id":7,"name":"deploy","stage":"deploy","status":"manual","created_at":"2026-11-02 14:00:00 UTC"}]}
            """);
        await bench.Tracker.ApplyAsync([.. RandomRuns.Facts(5, 60, Start)], Stop);
        await SealedAsync(history);
        var key = new RunKey("gitlab", "gitlab.com", "1");
        Assert.Equal(RunResult.Skip, bench.Tracker.Find(key)!.Tasks[0].Result);

        await ApplyAsync(bench, gitlab, Job("running", "null"));
        Assert.Equal(RunState.Executing, bench.Tracker.Find(key)!.Tasks[0].State);
        await ApplyAsync(bench, gitlab, Job("success", "\"2026-11-02 15:01:00 UTC\""));
        await bench.Tracker.ApplyAsync([.. RandomRuns.Facts(6, 60, Start)], Stop);
        await SealedAsync(history);
        await ApplyAsync(bench, gitlab, Job("running", "null"));

        Assert.Equal(RunResult.Success, bench.Tracker.Find(key)!.Tasks[0].Result);

        static string Job(string status, string finished) => $$"""
            {"object_kind":"build","build_id":7,"build_name":"deploy","build_status":"{{status}}","pipeline_id":1,"build_created_at":"2026-11-02 14:00:00 UTC",
            "build_started_at":"2026-11-02 15:00:00 UTC","build_finished_at":{{finished}},"project":{"web_url":"https://gitlab.com/acme/pay"} }
            """;
    }

    [Fact]
    public async Task Children_are_found_by_their_parent_in_the_history_too()
    {
        using var history = Open(new FaultyFileSystem());
        await using var host = await PipelinesHost.StartAsync(tracker: new RunTrackerOptions { MostRuns = 10 }, history: history);
        var parent = new RunKey("buildkite", "", "parent");
        await host.Bench.Tracker.ApplyAsync([Ended(parent, null), Ended(new RunKey("buildkite", "", "child"), parent)], Stop);
        await host.Bench.Tracker.ApplyAsync([.. RandomRuns.Facts(5, 60, Start)], Stop);
        await SealedAsync(history);
        Assert.DoesNotContain(host.Bench.Tracker.NewestFirst(), r => r.Key.System == "buildkite" && r.Key.Run is "parent" or "child");

        var shown = await host.Client.GetStringAsync("/api/flyball/runs/" + parent.DeriveTraceId(), Stop);

        Assert.Contains($"\"related\":[\"{new RunKey("buildkite", "", "child").DeriveTraceId()}\"]", shown.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);

        static RunFact Ended(RunKey run, RunKey? by) => new()
        {
            Run = run,
            SourceTime = new(Start),
            ReceivedAt = new(Start),
            Parent = by,
            Life = new LifeFact { State = RunState.Finished, Result = RunResult.Success, CreatedAt = new(Start), StartedAt = new(Start), FinishedAt = new(Start + 1) },
        };
    }

    [Fact]
    public async Task Facts_leave_the_log_when_their_run_is_on_disk_and_no_run_is_lost_over_a_restart()
    {
        var files = new FaultyFileSystem();
        var log = new MemoryRunLog();
        var facts = RandomRuns.Facts(8, 100, Start).ToArray();
        string[] before;
        using (var history = Open(files))
        {
            await using var bench = await TrackerBench.StartAsync(log, options: new RunTrackerOptions { MostRuns = 12 }, history: history);
            await bench.Tracker.ApplyAsync(facts, Stop);
            await SealedAsync(history);
            await UntilAsync(() => log.Count < 40);
            before = ListOf(bench);
        }

        files.Restart(powerLost: true);
        using var again = Open(files);
        await using var after = await TrackerBench.StartAsync(log, options: new RunTrackerOptions { MostRuns = 12 }, history: again);

        Assert.Equal(before, ListOf(after));
    }

    [Fact]
    public void A_whole_run_comes_back_in_either_form()
    {
        var writer = new RunSnapshotWriter();
        foreach (var run in RandomRuns.Facts(seed: 5, runs: 300, startNs: 1_700_000_000_000_000_000).Select(Merged).Append(Rich()))
        {
            writer.Clear();
            writer.Add(run);
            var json = JsonSerializer.SerializeToUtf8Bytes(run, RunSnapshotJson.Default.PipelineRun);

            Assert.Equivalent(run, RunSnapshotReader.Read(writer.Written), strict: true);
            Assert.Equivalent(run, RunSnapshotReader.Read(json), strict: true);
        }

        static PipelineRun Merged(RunFact fact)
        {
            var record = new RunRecord(fact.Run, fact.ReceivedAt);
            record.Merge(fact);
            return record.Current;
        }
    }

    private static PipelineRun Rich() => new()
    {
        Key = new RunKey("s", "", "r", -1),
        TraceId = new(1, 2),
        SpanId = new(3),
        SpanIsSent = true,
        Number = "n",
        Message = "m",
        Url = "u",
        FirstHeardAt = new(ulong.MaxValue),
        FinalizingAt = new(0),
        EndKnownAt = new(7),
        Cycle = new(8),
        Vcs = new VcsFacts { RepositoryUrl = "", RepositoryName = "a", Owner = "b", Provider = "c", HeadType = "d", CommitTitle = "e", BaseName = "f", ChangeId = "g", ChangeTitle = "h" },
        Trigger = "t",
        Environment = "e",
        Parent = new RunKey("p", "i", "q", 2),
        Links = [new RunKey("l", "", ""), new RunKey("l", "", "2")],
        Attributes = new Dictionary<string, string> { [""] = "", ["ä"] = "ö" },
        Tasks =
        [
            new TaskRun
            {
                Key = new TaskKey("", -2), SpanId = new(0), Attempt = -1, Type = "y", Stage = "g", ErrorType = "x", Message = "m", ExitCode = -9,
                EndKnownAt = new(1), Worker = "w", Url = "u", Attributes = new Dictionary<string, string> { ["k"] = "v" },
                Steps = [new StepRun { Id = "", SpanId = new(9), SpanIsSent = true, Name = "s", State = RunState.Finished, Result = RunResult.Skip, ErrorType = "z", ExitCode = 0, StartedAt = new(1), FinishedAt = new(2) }],
            },
        ],
    };

    [Fact]
    public async Task A_page_with_any_bit_flipped_is_set_aside_or_its_run_refused_and_the_other_pages_answer()
    {
        var files = new FaultyFileSystem();
        using (var history = Open(files))
        {
            history.Take(await RunsAsync(0, 40));
            history.Seal();
            history.Take(await RunsAsync(40, 40));
            history.Seal();
        }

        var path = "/history/00000001.runs";
        var length = files.Length(path);
        for (long offset = 0; offset < length; offset += 1 + (length / 300))
        {
            var damaged = files.Copy();
            damaged.Corrupt(path, offset);
            using var history = Open(damaged);
            using var rows = new RunRows(([], history.View()));
            var read = rows.NewestFirst().Count(r => TryRead(r));

            Assert.InRange(read, 40, 80);
            Assert.NotNull(history.Find(new RunKey("github", "github.com", "run-60", 2)));
        }
    }

    [Fact]
    public async Task A_full_disk_keeps_runs_in_memory_until_there_is_room()
    {
        var files = new FaultyFileSystem();
        using var history = Open(files);
        history.Take(await RunsAsync(0, 40));
        files.Capacity = 100;
        Assert.Throws<IOException>(history.Seal);
        Assert.NotNull(history.Find(new RunKey("github", "github.com", "run-0", 2)));

        files.Capacity = long.MaxValue;
        history.Seal();

        Assert.False(history.HasTaken);
        Assert.NotNull(history.Find(new RunKey("github", "github.com", "run-0", 2)));
    }

    [Fact]
    public async Task Old_pages_go_as_retention_says_and_readers_in_them_end_in_peace()
    {
        var files = new FaultyFileSystem();
        var clock = new TestClock();
        using var history = RunHistory.Open(new RunHistoryOptions { Directory = "/history", KeepFor = TimeSpan.FromDays(30) }, files, clock, log: null);
        history.Take(await RunsAsync(0, 40));
        history.Seal();
        using var rows = new RunRows(([], history.View()));
        clock.Advance(TimeSpan.FromDays(31));
        history.Seal();

        Assert.Equal(0, history.Count);
        Assert.False(files.FileExists("/history/00000001.runs"));
        Assert.Equal(40, rows.NewestFirst().Count(TryRead));
    }

    [Theory]
    [InlineData(new ulong[0])]
    [InlineData(new ulong[] { 0, 0 })]
    [InlineData(new ulong[] { 7, 7, 7 })]
    [InlineData(new ulong[] { 7, 0, 7 })]
    [InlineData(new ulong[] { 1_700_000_000_000_000_000, 0, 1_700_000_003_000_000_000 })]
    [InlineData(new ulong[] { 1_700_000_000_000_000_001, 1_800_000_000_000_000_000, 5 })]
    public void Numbers_come_back(ulong[] values)
    {
        var (bytes, width, start, unit) = NumberColumn.Pack(values);
        var column = new NumberColumn(bytes, width, start, unit);

        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal(values[i], column[i]);
        }
    }

    private static RunHistory Open(IFileSystem files) =>
        RunHistory.Open(new RunHistoryOptions { Directory = "/history", KeepFor = TimeSpan.Zero }, files, new TestClock(), log: null);

    private static async Task<PipelineRun[]> RunsAsync(int from, int count)
    {
        await using var bench = await TrackerBench.StartAsync();
        await bench.Tracker.ApplyAsync([.. RandomRuns.Facts(4, from + count, Start).Skip(from)], Stop);
        return [.. bench.Tracker.NewestFirst()];
    }

    // Every fact, and some of them once more when others have come in between.
    private static IEnumerable<RunFact> Later(int seed, RunFact[] facts)
    {
        var random = new Random(seed);
        for (var i = 0; i < facts.Length; i++)
        {
            yield return facts[i];
            if (random.Next(4) == 0)
            {
                yield return facts[random.Next(i + 1)];
            }
        }
    }

    private static async Task ApplyAsync(TrackerBench bench, GitLabConnector gitlab, string body)
    {
        var request = new HookRequest(new HeaderDictionary(), new QueryCollection(), System.Text.Encoding.UTF8.GetBytes(body), TimestampNs.Now(bench.Clock));
        await bench.Tracker.ApplyAsync(Assert.IsType<HookVerdict.Facts>(gitlab.Read(request)).Of, Stop);
    }

    private static Task SealedAsync(RunHistory history) => UntilAsync(() => !history.HasTaken);

    // The keeper works beside the test; nothing here measures how quickly.
    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private static string[] ListOf(TrackerBench bench)
    {
        using var rows = bench.Tracker.Rows();
        return [.. rows.NewestFirst().Select(r => TrackerBench.TextOf(r.Read()))];
    }

    private static List<string> SeriesOf(TrackerBench bench, string name, string[]? kept)
    {
        var query = new SeriesQuery(TimeRange.All, [new Matcher(MatchOp.Equal, "__name__", name), new Matcher(MatchOp.Regex, "branch", ".*n.*")])
        {
            Hints = new SelectHints(default, default, "") { KeptLabels = kept },
        };
        using var selection = new RunSeriesSource(bench.Tracker, bench.Clock).Select(query, Stop);
        using var samples = new SampleColumns();
        var texts = new List<string>();
        for (var i = 0; i < selection.Count; i++)
        {
            samples.Clear();
            selection.Read(i, samples, Stop);
            texts.Add($"{selection.Labels(i)} {string.Join(' ', samples.TimestampsMs.ToArray())} {string.Join(' ', samples.Values.ToArray())}");
        }

        return texts;
    }

    private static bool TryRead(RunRow row)
    {
        try
        {
            return row.Read().TraceId == row.TraceId;
        }
        catch (DamagedFileException)
        {
            return false;
        }
    }
}
