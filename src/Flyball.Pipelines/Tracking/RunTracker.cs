using System.Diagnostics.Metrics;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Spans;
using Flyball.Model.Time;
using Flyball.Pipelines.History;
using Flyball.Pipelines.VirtualSeries;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Pipelines.Tracking;

/// <summary>How the tracker is set.</summary>
public sealed record RunTrackerOptions
{
    /// <summary>Runs kept in memory; beyond that the ones nobody spoke of for longest move to the history, finished ones first. At
    /// least 10.</summary>
    public int MostRuns { get; init; } = 6_000;

    /// <summary>Attempts of tasks kept in memory with them, whatever the number of runs; counts only where there is a history. At least 100.</summary>
    public int MostTasks { get; init; } = 30_000;

    /// <summary>How often the metrics of runs are written even if nothing changes.</summary>
    public TimeSpan MetricsInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A run nobody spoke of for this long is no longer counted as active.</summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>A run that goes on this long after it was first heard of counts in <c>cicd_pipeline_run_stuck</c>.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Pipelines with metrics of their own; the runs of further ones count under the name <c>_OTHER</c>.</summary>
    public int MostPipelines { get; init; } = 500;
}

/// <summary>Follows every pipeline run: takes facts in any order, keeps them, and tells what changed.</summary>
/// <remarks>
/// How a fact travels: 1. It is cut to bounds and written to the run log. 2. It is merged into its run (rules: docs/runs.md).
/// 3. If the run changed, observers are told, in order. 4. Spans and metrics follow from a loop of their own, so that no sender waits
/// for them; after a restart those of recent runs are written again, which changes nothing where they had arrived.
/// Safe from many threads.
/// </remarks>
public sealed class RunTracker : IAsyncDisposable
{
    private readonly IRunLog _runLog;
    private readonly RunBook _book;
    private readonly RunExports _exports;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly Meter _meter = new("Flyball.Pipelines");
    private readonly Counter<long> _facts;
    private readonly CancellationTokenSource _stopping = new();
    private IRunObserver[] _observers = [];
    private readonly RunHistory? _history;
    private readonly HistoryKeeper? _keeper;
    private Task _loops = Task.CompletedTask;

    /// <summary>Makes a tracker; call <see cref="StartAsync"/> before anything else.</summary>
    /// <param name="runLog">Where facts survive a restart.</param>
    /// <param name="spans">Where spans go that are made from runs; null = nowhere.</param>
    /// <param name="samples">Where the metrics of runs go; null = nowhere.</param>
    /// <param name="history">Where runs go that memory has no place for; null = nowhere. The caller disposes it, after the tracker.</param>
    public RunTracker(
        RunTrackerOptions options, IRunLog runLog, ISpanSink? spans, ISampleSink? samples, TimeProvider time, ILogger<RunTracker>? log = null,
        RunHistory? history = null)
    {
        _runLog = runLog;
        _time = time;
        _log = log ?? NullLogger<RunTracker>.Instance;
        _history = history;
        _book = new RunBook(Math.Max(10, options.MostRuns), Math.Max(100, options.MostTasks), history);
        _keeper = history is null ? null : new HistoryKeeper(history, _book, runLog, time, _log);
        _exports = new RunExports(options, _book, Find, spans, samples, time, _log);
        _facts = _meter.CreateCounter<long>("flyball_pipelines_facts_total", null, "Facts about runs that were merged.");
        _meter.CreateObservableGauge("flyball_pipelines_runs", () => _book.Count, null, "Runs in memory.");
        _meter.CreateObservableCounter("flyball_pipelines_runs_evicted_total", () => _book.Evicted, null, "Runs that gave way to newer ones.");
        _meter.CreateObservableGauge("flyball_pipelines_history_runs", () => history?.Count ?? 0, null, "Runs in the history.");
        _meter.CreateObservableGauge("flyball_pipelines_history_bytes", () => history?.Bytes ?? 0, null, "Bytes of the history on disk.");
    }

    /// <summary>Reads the run log and begins to write spans and metrics.</summary>
    /// <exception cref="IOException">The log cannot be read.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var fact in _runLog.ReadAsync(cancellationToken))
        {
            _book.Merge(fact, onChange: null);
            count++;
        }

        PipelinesLog.Restored(_log, count, _book.Count);
        _exports.Restore(TimestampNs.Now(_time));
        _loops = Task.WhenAll(_exports.RunAsync(_stopping.Token), _keeper?.RunAsync(_stopping.Token) ?? Task.CompletedTask);
    }

    /// <summary>Adds somebody who wants to know of changes. Told in order, on the thread of whoever brought the fact.</summary>
    public void AddObserver(IRunObserver observer)
    {
        lock (_exports)
        {
            _observers = [.. _observers, observer];
        }
    }

    /// <summary>Takes facts.</summary>
    /// <returns>Completes when they are durable and merged.</returns>
    /// <exception cref="IOException">They could not be kept; nothing changed, the sender should try again.</exception>
    public async ValueTask ApplyAsync(IReadOnlyList<RunFact> facts, CancellationToken cancellationToken)
    {
        if (facts.Count == 0)
        {
            return;
        }

        var trimmed = new RunFact[facts.Count];
        for (var i = 0; i < trimmed.Length; i++)
        {
            trimmed[i] = FactLimits.Trim(facts[i]);
        }

        await _runLog.AppendAsync(trimmed, cancellationToken);
        foreach (var fact in trimmed)
        {
            _book.Merge(fact, (before, after) => OnChange(before, after, fact.ReceivedAt));
        }

        _facts.Add(trimmed.Length);
    }

    /// <summary>A run by the trace it is, in memory or in the history; null when it is not known.</summary>
    /// <exception cref="IOException">The history cannot be read.</exception>
    public PipelineRun? Find(TraceId trace) => _book.Find(trace) ?? _history?.Find(trace);

    /// <summary>A run by its name in its system, in memory or in the history; null when it is not known.</summary>
    /// <exception cref="IOException">The history cannot be read.</exception>
    public PipelineRun? Find(RunKey key) => _book.Find(key) ?? _history?.Find(key);

    /// <summary>Every run, row by row.</summary>
    internal RunRows Rows() => new(_book.View());

    /// <summary>All runs in memory, newest first; the list never changes.</summary>
    public IReadOnlyList<PipelineRun> NewestFirst() => _book.NewestFirst();

    /// <summary>Writes what is due and ends the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loops;
        _stopping.Dispose();
        _exports.Dispose();
        _meter.Dispose();
    }

    private void OnChange(PipelineRun? before, PipelineRun after, TimestampNs causedAt)
    {
        _exports.Note(before, after);
        var observers = _observers;
        if (observers.Length == 0)
        {
            return;
        }

        var change = new RunChange(before, after, ChangedSeries.Between(before, after), causedAt);
        foreach (var observer in observers)
        {
            observer.OnRunChanged(change);
        }
    }
}
