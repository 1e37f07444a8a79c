using Flyball.Model.Histograms;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary>What a selector yields of the sample it finds.</summary>
internal enum SampleAspect
{
    Value,

    /// <summary>Its time in seconds, for <c>timestamp()</c>.</summary>
    Time,

    /// <summary>The start of its counter in seconds, for <c>start_timestamp()</c>.</summary>
    Start,

    /// <summary>Its time in milliseconds, for <c>info()</c>, which prefers the newest.</summary>
    TimeMs,
}

/// <summary>An instant selector: for every step the newest sample within the lookback.</summary>
internal sealed class InstantSelectorNode(SelectorPlan plan, SampleAspect aspect) : VectorNode
{
    public SelectorPlan Plan => plan;

    public override bool HasOneName => plan.HasOneName;

    public override void Run(QueryScope scope, RowSink sink)
    {
        var lookback = scope.Query.LookbackMs;
        if (plan.Edges == EdgeMode.Smoothed)
        {
            var wide = plan.Timing.Query(plan, scope, lookback, lookback, 0, "smoothed");
            SeriesScan.Run(scope, wide, sink, () => new SmoothedWorker(plan, scope));
            return;
        }

        var query = (plan.Fetched ?? plan.Timing).Query(plan, scope, lookback, afterMs: 0, windowMs: 0, "");
        SeriesScan.Run(scope, query, sink, () => new LookbackWorker(plan, aspect, scope));
    }

    private sealed class LookbackWorker(SelectorPlan plan, SampleAspect aspect, QueryScope scope) : SeriesWorker
    {
        private readonly SampleOfStep _places = new();
        private double[]? _spare;

        public override void Recycle(SeriesRow row) => _spare = row.Values;

        public override SeriesRow? Process(LabelSet labels, SampleColumns samples)
        {
            if (aspect != SampleAspect.Value || samples.HasHistograms || scope.PerStep is not null || scope.Grid.Count == 1
                || SampleOfStep.HasMarks(samples.Values))
            {
                return ProcessAny(labels, samples);
            }

            _places.Find(samples.TimestampsMs, scope.Grid, plan.Timing, scope.Query.LookbackMs);
            scope.Budget.CountQueryable(_places.Found * scope.Uses);
            if (_places.Found == 0)
            {
                return null;
            }

            var column = _spare ?? GC.AllocateUninitializedArray<double>(scope.Grid.Count);
            _spare = null;
            _places.Pick(samples.Values, column);
            return new SeriesRow(labels, column);
        }

        private SeriesRow? ProcessAny(LabelSet labels, SampleColumns samples)
        {
            var times = samples.TimestampsMs;
            var values = samples.Values;
            var histograms = samples.Histograms;
            SeriesRow? row = null;
            var next = 0;
            long found = 0;
            for (var step = 0; step < scope.Grid.Count; step++)
            {
                var reference = plan.Timing.ReferenceOf(scope.Grid.At(step));
                while (next < times.Length && times[next] <= reference)
                {
                    next++;
                }

                var at = next - 1;
                if (at < 0 || times[at] <= reference - scope.Query.LookbackMs || StaleMarker.Is(values[at]))
                {
                    continue;
                }

                row ??= new SeriesRow(labels, scope.NewColumn());
                found++;
                scope.PerStep?.Add(step, 1);
                if (aspect != SampleAspect.Value)
                {
                    row.Values[step] = AspectOf(labels, samples, at);
                }
                else if (!histograms.IsEmpty && histograms[at] is { } histogram)
                {
                    row.SetHistogram(step, plan.OnlyStatistics ? RangeSamples.StatisticsOf(histogram, at > 0 ? histograms[at - 1] : null) : histogram);
                }
                else
                {
                    row.Values[step] = Absent.Present(values[at]);
                }
            }

            scope.Budget.CountQueryable(found * scope.Uses);
            return row;
        }

        private double AspectOf(LabelSet labels, SampleColumns samples, int at) => aspect switch
        {
            SampleAspect.Time => samples.TimestampsMs[at] / 1000.0,
            SampleAspect.TimeMs when !samples.Histograms.IsEmpty && samples.Histograms[at] is not null =>
                throw new PromQLQueryException(QueryFailure.Execution, "this should be an info metric, with float samples: " + ErrorLabels.Format(labels)),
            SampleAspect.TimeMs => samples.TimestampsMs[at],
            _ => samples.StartTimestampsMs.IsEmpty ? 0 : samples.StartTimestampsMs[at] / 1000.0,
        };
    }

    /// <summary>Interpolates between the neighbours of a step.</summary>
    private sealed class SmoothedWorker(SelectorPlan plan, QueryScope scope) : SeriesWorker
    {
        private readonly RangeSamples _samples = new();

        public override SeriesRow? Process(LabelSet labels, SampleColumns samples)
        {
            _samples.Load(samples);
            var row = new SeriesRow(labels, scope.NewColumn());
            for (var step = 0; step < scope.Grid.Count; step++)
            {
                Fill(row, step, plan.Timing.ReferenceOf(scope.Grid.At(step)));
            }

            return row.HasAny() ? row : null;
        }

        private void Fill(SeriesRow row, int step, long reference)
        {
            var lookback = scope.Query.LookbackMs;
            var (lo, hi) = WindowBounds.Find(_samples.FloatTimes, reference - lookback, reference + lookback);
            var (hlo, hhi) = WindowBounds.Find(_samples.HistogramTimes, reference - lookback, reference + lookback);
            if (hi > lo && hhi > hlo)
            {
                scope.Annotations.Warn(plan.Span, "encountered a mix of histograms and floats for metric name " + GoQuoting.Quote(row.Labels.MetricName));
            }
            else if (hi > lo)
            {
                FillFloat(row, step, reference, lo, hi);
            }
            else if (hhi > hlo)
            {
                FillHistogram(row, step, reference, hlo, hhi);
            }
        }

        private void FillFloat(SeriesRow row, int step, long reference, int lo, int hi)
        {
            var times = _samples.FloatTimes;
            var at = WindowBounds.FirstAtOrAfter(times, lo, hi, reference);
            if (at < hi && times[at] == reference)
            {
                row.Values[step] = _samples.Floats[at];
            }
            else if (at > lo && at < hi)
            {
                row.Values[step] = Interpolation.Between(
                    times[at - 1], _samples.Floats[at - 1], times[at], _samples.Floats[at], reference, isCounter: false);
            }
            else if (at > lo)
            {
                row.Values[step] = _samples.Floats[at - 1];
            }
        }

        private void FillHistogram(SeriesRow row, int step, long reference, int lo, int hi)
        {
            var times = _samples.HistogramTimes;
            var at = WindowBounds.FirstAtOrAfter(times, lo, hi, reference);
            NativeHistogram? value = null;
            if (at < hi && times[at] == reference)
            {
                value = _samples.Histograms[at];
            }
            else if (at > lo && at < hi)
            {
                var (before, after) = (_samples.Histograms[at - 1], _samples.Histograms[at]);
                var isCounter = after.ResetHint != CounterResetHint.Gauge;
                value = Interpolation.Between(times[at - 1], before, times[at], after, reference, isCounter);
                if (value is null)
                {
                    scope.Annotations.Warn(plan.Span, "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " + GoQuoting.Quote(row.Labels.MetricName));
                }
            }
            else if (at > lo)
            {
                value = _samples.Histograms[at - 1];
            }

            if (value is not null)
            {
                row.SetHistogram(step, value);
            }
        }
    }
}
