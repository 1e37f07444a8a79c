using Flyball.Model.Labels;

namespace Flyball.PromQL.Evaluation;

/// <summary>Where an operator pushes its rows, one series at a time.</summary>
/// <remarks>For parallel work a sink forks: each fork takes the rows of one stretch of series, from one thread; forks are joined
/// in the order of the stretches, so results do not depend on who was faster.</remarks>
internal abstract class RowSink
{
    /// <summary>Whether rows are only looked at while they are accepted: then their memory may be used for the next one.</summary>
    public virtual bool OnlyLooks => false;

    /// <summary>Whether nobody will look at the name, type and unit of rows: then they need not be taken off.</summary>
    public virtual bool IgnoresMetadata => false;

    /// <summary>Whether nobody will look at the labels of rows at all: then they need not be read.</summary>
    public virtual bool IgnoresLabels => false;

    /// <summary>Takes a row over, or looks at it.</summary>
    public abstract void Accept(SeriesRow row);

    /// <summary>A sink for rows that come after all rows accepted so far.</summary>
    public abstract RowSink Fork();

    /// <summary>Takes over what a fork has gathered.</summary>
    public abstract void Join(RowSink fork);
}

/// <summary>Keeps every row.</summary>
internal sealed class CollectSink(QueryBudget budget) : RowSink
{
    public List<SeriesRow> Rows { get; } = [];

    public override void Accept(SeriesRow row)
    {
        budget.Hold(row.Count);
        Rows.Add(row);
    }

    public override RowSink Fork() => new CollectSink(budget);

    public override void Join(RowSink fork) => Rows.AddRange(((CollectSink)fork).Rows);
}

/// <summary>Changes rows on their way to another sink.</summary>
/// <param name="change">Returns false if nothing is left of the row. Called from several threads.</param>
internal sealed class MapSink(RowSink next, Func<SeriesRow, bool> change) : RowSink
{
    public override bool OnlyLooks => next.OnlyLooks;

    public override void Accept(SeriesRow row)
    {
        if (change(row))
        {
            next.Accept(row);
        }
    }

    public override RowSink Fork() => new MapSink(next.Fork(), change);

    public override void Join(RowSink fork) => next.Join(((MapSink)fork).Next);

    private RowSink Next => next;
}

/// <summary>Hands rows on, none of which may bear the labels of another, whatever their steps.</summary>
internal sealed class UniqueSink(RowSink next) : RowSink
{
    private readonly HashSet<LabelSet> _seen = [];

    public override void Accept(SeriesRow row)
    {
        Claim(row.Labels);
        next.Accept(row);
    }

    public override RowSink Fork() => new UniqueSink(next.Fork());

    public override void Join(RowSink fork)
    {
        var other = (UniqueSink)fork;
        foreach (var labels in other._seen)
        {
            Claim(labels);
        }

        next.Join(other.Next);
    }

    private void Claim(LabelSet labels)
    {
        if (!_seen.Add(labels))
        {
            throw MergeSink.Duplicate();
        }
    }

    private RowSink Next => next;
}

/// <summary>Brings rows of equal labels together; two samples at one step are an error.</summary>
internal sealed class MergeSink(QueryBudget budget) : RowSink
{
    private readonly Dictionary<LabelSet, SeriesRow> _byLabels = [];

    public List<SeriesRow> Rows { get; } = [];

    public override void Accept(SeriesRow row)
    {
        if (_byLabels.TryGetValue(row.Labels, out var known))
        {
            if (!known.TryMerge(row))
            {
                throw Duplicate();
            }

            return;
        }

        budget.Hold(row.Count);
        _byLabels.Add(row.Labels, row);
        Rows.Add(row);
    }

    public override RowSink Fork() => new MergeSink(budget);

    public override void Join(RowSink fork)
    {
        foreach (var row in ((MergeSink)fork).Rows)
        {
            Accept(row);
        }
    }

    public static PromQLQueryException Duplicate() =>
        new(QueryFailure.Execution, "vector cannot contain metrics with the same labelset");
}
