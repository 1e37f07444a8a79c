using Flyball.Model.Labels;
using Flyball.PromQL.Functions;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>sum</c>, <c>avg</c>: floats or histograms, not both, at one step of one group.</summary>
internal sealed class SumStates(QueryScope scope, bool average, SourceSpan span) : GroupStates(scope)
{
    private readonly List<Group> _groups = [];

    public override void AddGroup() => _groups.Add(new Group(Scope, average));

    public override void Add(int group, SeriesRow row)
    {
        var state = _groups[group];
        if (average)
        {
            state.AddToMean(row.Values);
        }
        else
        {
            state.AddToSum(row.Values);
        }

        if (row.Histograms is not null)
        {
            AddHistograms(state, row);
        }
    }

    public override void Merge(int group, GroupStates other, int otherGroup)
    {
        var state = _groups[group];
        var later = ((SumStates)other)._groups[otherGroup];
        for (var i = 0; later.Histograms is not null && i < Steps; i++)
        {
            MergeHistograms(state, i, later.Histograms[i]);
        }

        state.Merge(later);
    }

    public override SeriesRow Finish(int group, LabelSet labels)
    {
        var state = _groups[group];
        var row = new SeriesRow(labels, state.Result());
        for (var i = 0; state.Histograms is not null && i < Steps; i++)
        {
            if (state.Histograms[i] is not { } sum)
            {
                continue;
            }

            if (!Absent.Is(row.Values[i]))
            {
                Scope.Annotations.Warn(span, "encountered a mix of histograms and floats for aggregation");
                row.Clear(i);
                continue;
            }

            if (sum.Sum is not { } complete)
            {
                continue;
            }

            if (complete.HintsCollide)
            {
                Scope.Annotations.Warn(span, "conflicting counter resets during histogram aggregation");
            }

            row.SetHistogram(i, complete.Result());
        }

        return row;
    }

    private void AddHistograms(Group state, SeriesRow row)
    {
        var metric = row.DropName && !Scope.Query.DelayNames ? "" : row.Labels.MetricName;
        for (var i = 0; i < Steps; i++)
        {
            if (row.Histograms![i] is { } histogram)
            {
                AddHistogram(state, i, histogram, metric);
            }
        }
    }

    private void MergeHistograms(Group state, int step, HistogramState? later)
    {
        if (later is not null && state.Histograms?[step] is null && !state.HasFloat(step))
        {
            (state.Histograms ??= new HistogramState?[Steps])[step] = later;
            return;
        }

        foreach (var histogram in later?.Rows ?? [])
        {
            AddHistogram(state, step, histogram, "");
        }
    }

    private void AddHistogram(Group state, int step, Model.Histograms.NativeHistogram histogram, string metric)
    {
        var sums = state.Histograms ??= new HistogramState?[Steps];
        var sum = sums[step] ??= new HistogramState(average, spoilt: state.HasFloat(step));
        sum.Rows.Add(histogram);
        if (sum.Sum is null)
        {
            return;
        }

        if (!sum.Sum.TryAdd(histogram))
        {
            Scope.Annotations.Warn(span, "vector contains a mix of histograms with exponential and custom buckets schemas for metric name " + GoQuoting.Quote(metric));
            sum.Sum = null;
        }
        else if (sum.Sum.BoundsReconciled)
        {
            Scope.Annotations.Inform(span, "mismatched custom buckets were reconciled during aggregation");
        }
    }

    /// <summary>The histograms of one step.</summary>
    /// <param name="spoilt">Whether a float came first: nothing will come of them, and nobody asks whether they fit together.</param>
    internal sealed class HistogramState(bool average, bool spoilt)
    {
        /// <summary>Null once they turned out not to fit together.</summary>
        public HistogramSumming? Sum { get; set; } = spoilt ? null : new(average);

        public List<Model.Histograms.NativeHistogram> Rows { get; } = [];
    }

    /// <summary>The floats of one group, a column for each part of the state.</summary>
    internal sealed class Group(QueryScope scope, bool average)
    {
        private readonly double[] _sum = scope.NewColumn();
        private readonly double[] _error = new double[scope.Grid.Count];
        private readonly double[] _count = average ? new double[scope.Grid.Count] : [];
        private bool[]? _incremental;

        public HistogramState?[]? Histograms { get; set; }

        public bool HasFloat(int step) => !Absent.Is(_sum[step]);

        public void AddToSum(double[] values)
        {
            for (var i = Kahan.AddColumn(values, _sum, _error); i < _sum.Length; i++)
            {
                var value = values[i];
                if (Absent.Is(value))
                {
                    continue;
                }

                if (Absent.Is(_sum[i]))
                {
                    _sum[i] = value;
                }
                else
                {
                    Kahan.Add(value, ref _sum[i], ref _error[i]);
                }
            }
        }

        public void AddToMean(double[] values)
        {
            for (var i = 0; i < _sum.Length;)
            {
                if (_incremental is null && i <= _sum.Length - Kahan.Lanes && Kahan.TryAddToMean(values, i, _sum, _error, _count))
                {
                    i += Kahan.Lanes;
                    continue;
                }

                if (!Absent.Is(values[i]))
                {
                    AddToMean(i, values[i]);
                }

                i++;
            }
        }

        public void Merge(Group later)
        {
            for (var i = 0; i < _sum.Length; i++)
            {
                if (Absent.Is(later._sum[i]))
                {
                    continue;
                }

                if (Absent.Is(_sum[i]))
                {
                    _sum[i] = later._sum[i];
                    _error[i] = later._error[i];
                    CopyMeanState(later, i);
                }
                else if (_incremental?[i] == true || later._incremental?[i] == true)
                {
                    MergeMeans(later, i);
                }
                else
                {
                    Kahan.Add(later._sum[i], ref _sum[i], ref _error[i]);
                    _error[i] += later._error[i];
                    if (average)
                    {
                        _count[i] += later._count[i];
                    }
                }
            }
        }

        public double[] Result()
        {
            for (var i = 0; i < _sum.Length; i++)
            {
                if (Absent.Is(_sum[i]))
                {
                    continue;
                }

                var value = !average || _incremental?[i] == true
                    ? _sum[i] + _error[i]
                    : (_sum[i] / _count[i]) + (_error[i] / _count[i]);
                _sum[i] = Absent.Present(value);
            }

            return _sum;
        }

        private void AddToMean(int i, double value)
        {
            var count = ++_count[i];
            if (count == 1)
            {
                _sum[i] = value;
                return;
            }

            if (_incremental?[i] != true)
            {
                var (sum, error) = (_sum[i], _error[i]);
                Kahan.Add(value, ref sum, ref error);
                if (!double.IsInfinity(sum))
                {
                    (_sum[i], _error[i]) = (sum, error);
                    return;
                }

                // The sum would overflow: from here on the mean itself is kept.
                (_incremental ??= new bool[_sum.Length])[i] = true;
                _sum[i] /= count - 1;
                _error[i] /= count - 1;
            }

            var share = (count - 1) / count;
            _sum[i] *= share;
            _error[i] *= share;
            Kahan.Add(value / count, ref _sum[i], ref _error[i]);
        }

        private void CopyMeanState(Group later, int i)
        {
            if (!average)
            {
                return;
            }

            _count[i] = later._count[i];
            if (later._incremental?[i] == true)
            {
                (_incremental ??= new bool[_sum.Length])[i] = true;
            }
        }

        private void MergeMeans(Group later, int i)
        {
            var total = _count[i] + later._count[i];
            _sum[i] = (MeanAt(i) * (_count[i] / total)) + (later.MeanAt(i) * (later._count[i] / total));
            _error[i] = 0;
            _count[i] = total;
            (_incremental ??= new bool[_sum.Length])[i] = true;
        }

        private double MeanAt(int i) =>
            _incremental?[i] == true ? _sum[i] + _error[i] : (_sum[i] / _count[i]) + (_error[i] / _count[i]);
    }
}
