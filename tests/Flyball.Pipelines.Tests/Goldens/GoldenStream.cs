using Flyball.Model.Runs;
using Flyball.Model.Time;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Flyball.Pipelines.Tracking;
using Flyball.Testing;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Tests.Goldens;

/// <summary>Sends payloads through a connector into a tracker of their own and tells what became of them.</summary>
internal static class GoldenStream
{
    /// <summary>Payloads of one story: one tracker, what it holds at the end.</summary>
    public static async Task<string> TellAsync(IConnector connector, IEnumerable<string> files)
    {
        var text = new List<string>();
        IReadOnlyList<PipelineRun> runs;
        var shelf = new GoldenShelf();
        var clock = new TestClock();
        await using (var tracker = new RunTracker(new RunTrackerOptions(), new MemoryRunLog(), shelf, shelf, clock))
        {
            await tracker.StartAsync(CancellationToken.None);
            foreach (var file in files)
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                text.Add($"event {Path.GetFileName(file)}: {await TakeAsync(tracker, connector.Read(Request(file)))}");
            }

            runs = tracker.NewestFirst();
        }

        return string.Join('\n', [.. text, .. runs.Select(RunText.Of), shelf.ToText(runs)]);
    }

    /// <summary>Facts read by other ways than a hook.</summary>
    public static async Task<string> TellAsync(IEnumerable<RunFact?> facts)
    {
        var shelf = new GoldenShelf();
        IReadOnlyList<PipelineRun> runs;
        await using (var tracker = new RunTracker(new RunTrackerOptions(), new MemoryRunLog(), shelf, shelf, new TestClock()))
        {
            await tracker.StartAsync(CancellationToken.None);
            await tracker.ApplyAsync([.. facts.OfType<RunFact>()], CancellationToken.None);
            runs = tracker.NewestFirst();
        }

        return string.Join('\n', [.. runs.Select(RunText.Of), shelf.ToText(runs)]);
    }

    private static async Task<string> TakeAsync(RunTracker tracker, HookVerdict verdict)
    {
        if (verdict is HookVerdict.Facts facts)
        {
            await tracker.ApplyAsync(facts.Of, CancellationToken.None);
        }

        return verdict switch
        {
            HookVerdict.Facts => "taken",
            HookVerdict.Worker worker => $"worker {worker.Of.Id} {(worker.Of.State.Length == 0 ? "gone" : worker.Of.State)} {worker.Of.ErrorType}".TrimEnd(),
            HookVerdict.Ignored ignored => $"ignored: {ignored.Reason}",
            HookVerdict.Refused refused => $"refused {refused.Status}: {refused.Reason}",
            _ => "?",
        };
    }

    private static HookRequest Request(string file)
    {
        var headers = new HeaderDictionary();
        var beside = Path.ChangeExtension(file, ".headers");
        foreach (var line in File.Exists(beside) ? File.ReadAllLines(beside) : [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        return new HookRequest(headers, new QueryCollection(), File.ReadAllBytes(file), TimestampNs.From(TestClock.DefaultStart));
    }
}
