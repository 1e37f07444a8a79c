using Flyball.Model.Labels;
using Flyball.Model.Runs;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Pipelines.Tracking;

/// <summary>The metrics of runs by the OpenTelemetry CI/CD conventions, with bounded labels.</summary>
/// <remarks>
/// <c>cicd_pipeline_run_duration_seconds</c> is a histogram per state: one run is observed once pending, once executing, once
/// finalizing. Counted is a change of state, never the arrival of an event. Counters begin at 0 with the process, and say so by a
/// sample of 0 just before their first increase: otherwise <c>increase()</c> would not see it.
/// </remarks>
internal sealed class RunMetrics(RunTrackerOptions options, ISampleSink sink) : IDisposable
{
    private const int MostLastEnds = 20_000;
    private const string Other = "_OTHER";
    private const string DurationName = "cicd_pipeline_run_duration_seconds";
    private const string ActiveName = "cicd_pipeline_run_active";
    private const string StuckName = "cicd_pipeline_run_stuck";
    private const string ErrorsName = "cicd_pipeline_run_errors_total";

    // Taken while the book's lock is held, so nothing below it may ask the book.
    private readonly Lock _gate = new();
    private readonly Dictionary<RunKey, TimestampNs> _lastEnds = [];
    private readonly HashSet<(string, string, string)> _pipelines = [];
    private readonly ActiveRuns _active = new();
    private readonly Dictionary<ActiveGroup, LabelSet> _activeLabels = [];
    private Dictionary<ActiveGroup, int> _stuck = [];
    private readonly MetricSeries _series = new();
    private readonly SemaphoreSlim _writing = new(1);
    private bool _described;
    private TimestampMs _lastWrite;
    private TimestampMs _lastFullWrite;

    /// <summary>Takes note of a run as it is now, whether or not that is news.</summary>
    public void Follow(PipelineRun run)
    {
        lock (_gate)
        {
            _active.Set(run);
        }
    }

    /// <summary>Takes note that runs have left memory.</summary>
    public void Leave(IEnumerable<RunKey> runs)
    {
        lock (_gate)
        {
            foreach (var run in runs)
            {
                _active.Remove(run);
            }
        }
    }

    /// <summary>Counts what a change means.</summary>
    public void Observe(PipelineRun? before, PipelineRun after)
    {
        lock (_gate)
        {
            ObservePending(before, after);
            ObserveFinalizing(before, after);
            ObserveEnd(before, after);
        }
    }

    /// <summary>Writes what has changed, and once per interval every series: what is silent for minutes counts as gone.</summary>
    /// <exception cref="IOException">Nothing was written; the counts stay, and next time every series is written.</exception>
    public async Task WriteAsync(TimestampMs now, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var batch = new SampleBatch();
            var isFull = now - _lastFullWrite >= DurationMs.From(options.MetricsInterval);
            lock (_gate)
            {
                // Two writes in one millisecond would be two values for one time.
                _lastWrite = now > _lastWrite + new DurationMs(1) ? now : _lastWrite + new DurationMs(2);
                CountActive(_lastWrite, isFull);
                _series.AppendTo(batch, _lastWrite, isFull);
            }

            var last = isFull ? now : _lastFullWrite;

            // Should it fail, everything is due.
            _lastFullWrite = default;
            if (batch.SampleCount > 0)
            {
                Describe(batch);
                await sink.AppendAsync(batch, AppendMode.StoreWhatFits, cancellationToken);
                lock (_gate)
                {
                    _series.Remember(batch);
                }
            }

            _lastFullWrite = last;
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private void ObservePending(PipelineRun? before, PipelineRun after)
    {
        // A task may come before its run: then what the run waited is told later. Of a run that is reopened no wait counts again.
        if (!HasWaited(before) && HasWaited(after) && !_lastEnds.ContainsKey(after.Key)
            && after.CreatedAt is { } created && after.StartedAt is { } started)
        {
            Duration(after, RunState.Pending, null).Observe(Seconds(created, started));
        }
    }

    private static bool HasWaited(PipelineRun? run) => run is { State: >= RunState.Executing, CreatedAt: not null, StartedAt: not null };

    private void ObserveFinalizing(PipelineRun? before, PipelineRun after)
    {
        if (after.State == RunState.Finalizing && (before is null || before.State < RunState.Finalizing)
            && after.StartedAt is { } started && after.FinalizingAt is { } finalizing)
        {
            Duration(after, RunState.Executing, null).Observe(Seconds(started, finalizing));
        }
    }

    private void ObserveEnd(PipelineRun? before, PipelineRun after)
    {
        // A mended result of a run that had ended already is not another end; the end of another life is.
        if (after.FinishedAt is not { } end || (before?.State == RunState.Finished && !(after.Cycle > before.Cycle && end > before.FinishedAt)))
        {
            return;
        }

        var state = RunState.Executing;
        var start = after.StartedAt;
        if (after.FinalizingAt is { } finalizing)
        {
            if (start is { } began && (before?.State is null or < RunState.Finalizing))
            {
                Duration(after, RunState.Executing, null).Observe(Seconds(began, finalizing));
            }

            (state, start) = (RunState.Finalizing, finalizing);
        }

        // Of a reopened run only the new part counts: from where its last end was.
        if (_lastEnds.Remove(after.Key, out var last) && start < last)
        {
            start = last;
        }

        if (start is { } from)
        {
            Duration(after, state, after.Result).Observe(Seconds(from, end));
        }

        CountError(after);
        RememberEnd(after.Key, end);
    }

    private void CountError(PipelineRun run)
    {
        if (run.Result is { } result && result.IsBad())
        {
            var labels = Labels(run, ErrorsName);
            labels.Set("error_type", ErrorType(run));
            _series.Counter(labels.Build()).Add(1);
        }
    }

    // Only runs that can be reopened need it, and those are reopened soon or never: forgetting some distorts one observation.
    private void RememberEnd(RunKey run, TimestampNs end)
    {
        if (_lastEnds.Count > MostLastEnds)
        {
            _lastEnds.Clear();
        }

        _lastEnds[run] = end;
    }

    private Histogram Duration(PipelineRun run, RunState state, RunResult? result)
    {
        var labels = Labels(run, DurationName);
        labels.Set("cicd_pipeline_run_state", RunWords.Of(state));
        labels.Set("cicd_pipeline_result", RunWords.Of(result));
        if (result is { } bad && bad.IsBad())
        {
            labels.Set("error_type", ErrorType(run));
        }

        return _series.Histogram(labels.Build());
    }

    private void CountActive(TimestampMs now, bool isFull)
    {
        _series.ClearGauges();
        _active.LoseBefore(TimestampNs.From(now - DurationMs.From(options.LostAfter)));
        foreach (var (group, count) in _active.Counts)
        {
            if (count > 0)
            {
                _series.Gauge(LabelsOf(group), now).Value += count;
            }
        }

        _active.ForgetEmpty();
        if (isFull)
        {
            // Time alone makes a run one that is stuck: it is looked for once an interval.
            _stuck = _active.CountOlderThan(TimestampNs.From(now - DurationMs.From(options.StuckAfter)));
        }

        foreach (var (group, count) in _stuck)
        {
            _series.Gauge(Labels(group.System, group.Instance, group.Pipeline, StuckName).Build(), now).Value += count;
        }
    }

    private LabelSet LabelsOf(ActiveGroup group)
    {
        if (_activeLabels.TryGetValue(group, out var known))
        {
            return known;
        }

        var labels = Labels(group.System, group.Instance, group.Pipeline, ActiveName)
            .Set("cicd_pipeline_run_state", RunWords.Of(group.State)).Build();
        if (_pipelines.Contains((group.System, group.Instance, group.Pipeline)))
        {
            // Those of further pipelines are without bound.
            _activeLabels[group] = labels;
        }

        return labels;
    }

    private LabelSetBuilder Labels(PipelineRun run, string name) => Labels(run.Key.System, run.Key.Instance, run.Pipeline, name);

    private LabelSetBuilder Labels(string system, string instance, string pipeline, string name)
    {
        var key = (system, instance, pipeline);
        var known = _pipelines.Contains(key) || (_pipelines.Count < options.MostPipelines && _pipelines.Add(key));
        return new LabelSetBuilder()
            .Set(LabelSet.MetricNameLabel, name)
            .Set("cicd_pipeline_name", known ? pipeline : Other)
            .Set("flyball_system", system)
            .Set("flyball_instance", known ? instance : "");
    }

    // Vendors' reasons are few; something longer than a word is text and would make a series of its own each time.
    private static string ErrorType(PipelineRun run) =>
        run.ErrorType.Length is > 0 and <= 64 && !run.ErrorType.Contains(' ', StringComparison.Ordinal) ? run.ErrorType : Other;

    private static double Seconds(TimestampNs from, TimestampNs until) => until > from ? (until.Value - from.Value) / 1e9 : 0;

    private void Describe(SampleBatch batch)
    {
        if (_described)
        {
            return;
        }

        _described = true;
        batch.AddMetadata(new MetricMetadata(DurationName, MetricType.Histogram, "Duration of pipeline runs by state.", "seconds"));
        batch.AddMetadata(new MetricMetadata(ActiveName, MetricType.Gauge, "Pipeline runs that have not ended, by state.", ""));
        batch.AddMetadata(new MetricMetadata(StuckName, MetricType.Gauge, "Pipeline runs that have not ended long after they were first heard of.", ""));
        batch.AddMetadata(new MetricMetadata(ErrorsName, MetricType.Counter, "Pipeline runs that ended badly, by reason.", ""));
    }
}
