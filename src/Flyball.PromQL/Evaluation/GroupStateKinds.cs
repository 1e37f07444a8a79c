using Flyball.Model.Labels;
using Flyball.PromQL.Syntax;

namespace Flyball.PromQL.Evaluation;

/// <summary><c>min</c>, <c>max</c>: NaN only if nothing else is there.</summary>
internal sealed class ExtremeStates(QueryScope scope, bool max, SourceSpan span) : GroupStates(scope)
{
    private readonly List<double[]> _best = [];

    public override void AddGroup() => _best.Add(Scope.NewColumn());

    public override void Add(int group, SeriesRow row)
    {
        IgnoreHistograms(Scope, row, max ? "max" : "min", span);
        Fold(_best[group], row.Values);
    }

    public override void Merge(int group, GroupStates other, int otherGroup) =>
        Fold(_best[group], ((ExtremeStates)other)._best[otherGroup]);

    public override SeriesRow Finish(int group, LabelSet labels) => new(labels, _best[group]);

    private void Fold(double[] best, double[] values)
    {
        for (var i = 0; i < best.Length; i++)
        {
            var value = values[i];
            if (!Absent.Is(value) && (double.IsNaN(best[i]) || (max ? best[i] < value : best[i] > value)))
            {
                best[i] = value;
            }
        }
    }
}

/// <summary><c>count</c>, <c>group</c>: floats and histograms alike.</summary>
internal sealed class CountStates(QueryScope scope, bool onlyPresence) : GroupStates(scope)
{
    private readonly List<double[]> _counts = [];

    public override void AddGroup() => _counts.Add(new double[Steps]);

    public override void Add(int group, SeriesRow row)
    {
        var counts = _counts[group];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += row.IsPresent(i) ? 1 : 0;
        }
    }

    public override void Merge(int group, GroupStates other, int otherGroup)
    {
        var counts = _counts[group];
        var others = ((CountStates)other)._counts[otherGroup];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] += others[i];
        }
    }

    public override SeriesRow Finish(int group, LabelSet labels)
    {
        var counts = _counts[group];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = counts[i] == 0 ? Absent.Value : onlyPresence ? 1 : counts[i];
        }

        return new SeriesRow(labels, counts);
    }
}

/// <summary><c>stddev</c>, <c>stdvar</c>: Welford's running moments.</summary>
internal sealed class VarianceStates(QueryScope scope, bool root, SourceSpan span) : GroupStates(scope)
{
    private readonly List<Moments> _groups = [];

    public override void AddGroup() => _groups.Add(new Moments(Steps));

    public override void Add(int group, SeriesRow row)
    {
        IgnoreHistograms(Scope, row, root ? "stddev" : "stdvar", span);
        var m = _groups[group];
        for (var i = 0; i < Steps; i++)
        {
            var value = row.Values[i];
            if (Absent.Is(value))
            {
                continue;
            }

            m.Count[i]++;
            if (m.Count[i] == 1)
            {
                m.Mean[i] = value;
                m.Squares[i] = double.IsFinite(value) ? 0 : double.NaN;
                continue;
            }

            var delta = value - m.Mean[i];
            m.Mean[i] += delta / m.Count[i];
            m.Squares[i] += delta * (value - m.Mean[i]);
        }
    }

    public override void Merge(int group, GroupStates other, int otherGroup)
    {
        var m = _groups[group];
        var o = ((VarianceStates)other)._groups[otherGroup];
        for (var i = 0; i < Steps; i++)
        {
            if (o.Count[i] == 0)
            {
                continue;
            }

            // Chan's formula for joining two sets of moments.
            var count = m.Count[i] + o.Count[i];
            var delta = o.Mean[i] - m.Mean[i];
            m.Squares[i] = m.Count[i] == 0 ? o.Squares[i] : m.Squares[i] + o.Squares[i] + (delta * delta * m.Count[i] * o.Count[i] / count);
            m.Mean[i] = m.Count[i] == 0 ? o.Mean[i] : m.Mean[i] + (delta * o.Count[i] / count);
            m.Count[i] = count;
        }
    }

    public override SeriesRow Finish(int group, LabelSet labels)
    {
        var m = _groups[group];
        for (var i = 0; i < Steps; i++)
        {
            var variance = m.Squares[i] / m.Count[i];
            m.Mean[i] = m.Count[i] == 0 ? Absent.Value : Absent.Present(root ? Math.Sqrt(variance) : variance);
        }

        return new SeriesRow(labels, m.Mean);
    }

    private sealed class Moments(int steps)
    {
        public readonly double[] Count = new double[steps];
        public readonly double[] Mean = new double[steps];
        public readonly double[] Squares = new double[steps];
    }
}

/// <summary><c>quantile</c>: keeps every row.</summary>
internal sealed class QuantileStates(QueryScope scope, double[] q, SourceSpan span) : GroupStates(scope)
{
    private const int Block = 8;

    private readonly List<List<double[]>> _groups = [];

    public override bool KeepsRows => true;

    public override void AddGroup() => _groups.Add([]);

    public override void Add(int group, SeriesRow row)
    {
        IgnoreHistograms(Scope, row, "quantile", span);
        Scope.Budget.Hold(row.Count);
        _groups[group].Add(row.Values);
    }

    public override void Merge(int group, GroupStates other, int otherGroup) =>
        _groups[group].AddRange(((QuantileStates)other)._groups[otherGroup]);

    public override SeriesRow Finish(int group, LabelSet labels)
    {
        var rows = _groups[group];
        var result = Scope.NewColumn();
        // A few steps at a time: one step of every row would fetch a cache line for each value.
        var values = new double[Block * rows.Count];
        Span<int> counts = stackalloc int[Block];
        for (var first = 0; first < Steps; first += Block)
        {
            Scope.Budget.ThrowIfDone();
            counts.Clear();
            var steps = Math.Min(Block, Steps - first);
            foreach (var row in rows)
            {
                for (var i = 0; i < steps; i++)
                {
                    if (!Absent.Is(row[first + i]))
                    {
                        values[(i * rows.Count) + counts[i]++] = row[first + i];
                    }
                }
            }

            for (var i = 0; i < steps; i++)
            {
                if (counts[i] > 0)
                {
                    result[first + i] = Absent.Present(
                        Functions.Quantiles.Of(q[first + i], values.AsSpan(i * rows.Count, counts[i])));
                }
            }
        }

        return new SeriesRow(labels, result);
    }
}
