using System.Diagnostics.Metrics;
using System.Text;
using Flyball.Model.Runs;
using Flyball.Pipelines.Api;
using Flyball.Pipelines.Connectors;
using Flyball.Pipelines.Tests.Tracking;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.Tests.Connectors;

/// <summary>Sends one event through a hook of its own and tells what became of it, as its sender and the counters see it.</summary>
internal static class HookTrial
{
    /// <summary>What becomes of an event: the status, then the runs, the worker's state, or the reason that was counted.</summary>
    public static async Task<string> SendAsync(string system, string body, params (string Name, string Value)[] headers)
    {
        await using var bench = await TrackerBench.StartAsync();
        using var workers = new WorkerRegister();
        using var metrics = new HookMetrics();
        using var counted = new Counted();
        var connector = new Renamed(HookEndpoints.Connectors(new HookOptions()).Single(c => c.System == system), counted.System);
        var door = new HookDoor(connector, bench.Tracker, new HookOptions(), metrics, workers, bench.Clock, NullLogger.Instance);

        var status = await TakeAsync(door, body, headers);

        var runs = bench.Tracker.NewestFirst();
        var what = Assert.Single(counted.Ends);
        if (what != "accepted")
        {
            Assert.Empty(runs);
            Assert.Empty(bench.Log.Facts);
            return $"{status} {what}";
        }

        return $"{status} " + (runs.Count > 0 ? string.Join("; ", runs.Select(TextOf)) : "worker " + StateOf(workers, counted.System));
    }

    private static async Task<int> TakeAsync(HookDoor door, string body, (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        context.Response.Body = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        await door.TakeAsync(context);
        return context.Response.StatusCode;
    }

    private static string TextOf(PipelineRun run) => string.Join(
        ' ', [$"{run.Key.Run}#{run.Key.Attempt}", StandOf(run.State, run.Result), .. run.Tasks.Select(t => $"{t.Name}:{StandOf(t.State, t.Result)}")]);

    private static string StandOf(RunState state, RunResult? result) => result is null ? RunWords.Of(state) : RunWords.Of(result);

    private static string StateOf(WorkerRegister workers, string system) =>
        ((string[])["available", "busy", "offline"]).FirstOrDefault(s => workers.CountOf(system, s) == 1) ?? "gone";

    // All doors of the process count with the same instruments: a name of its own tells this one's counts.
    private sealed class Renamed(IConnector inner, string name) : IConnector
    {
        public string System => name;

        public HookVerdict Read(HookRequest request) => inner.Read(request);
    }

    private sealed class Counted : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Counted()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name.StartsWith("flyball_hooks_", StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument.Name, tags));
            _listener.Start();
        }

        public string System { get; } = $"trial-{Guid.NewGuid():N}";

        /// <summary>How the event ended: <c>accepted</c>, <c>ignored: reason</c>, <c>rejected: reason</c>.</summary>
        public List<string> Ends { get; } = [];

        public void Dispose() => _listener.Dispose();

        private void Note(string instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var end = instrument["flyball_hooks_".Length..^"_total".Length];
            if (end != "received" && tags[0].Value is string system && system == System)
            {
                Ends.Add(tags.Length > 1 ? $"{end}: {tags[1].Value}" : end);
            }
        }
    }
}
