using Flyball.Model.Samples;

namespace Flyball.PromQL.Evaluation;

/// <summary>What every operator of a query shares.</summary>
internal sealed record QueryContext(
    ISeriesSource Source,
    PromQLFeatures Features,
    long LookbackMs,
    int Workers,
    QueryBudget Budget,
    AnnotationSet Annotations)
{
    /// <summary>Whether names go away at the end instead of at once.</summary>
    public bool DelayNames => Features.DelayedNameRemoval;
}

/// <summary>Where an operator is evaluated: the query, and the steps of this part of it.</summary>
/// <param name="Uses">How many steps use each step of the grid: more than one inside parts that are evaluated once, none inside subqueries.</param>
/// <param name="PerStep">Counts the samples of each step, when somebody asked.</param>
internal readonly record struct QueryScope(QueryContext Query, StepGrid Grid, long Uses = 1, StepCounts? PerStep = null)
{
    public AnnotationSet Annotations => Query.Annotations;

    public QueryBudget Budget => Query.Budget;

    /// <summary>The same at a single step that stands for all.</summary>
    public QueryScope Once() => this with
    {
        Grid = StepGrid.Instant(Grid.StartMs), Uses = Uses * Grid.Count, PerStep = PerStep?.ForInvariant(Grid.Count),
    };

    /// <summary>The same at the steps of a subquery.</summary>
    /// <param name="isCounted">Whether samples touched inside count; not where a function will count those of its windows.</param>
    public QueryScope Inside(StepGrid grid, bool isCounted) =>
        this with { Grid = grid, Uses = isCounted ? Uses : 0, PerStep = isCounted ? PerStep?.ForSubquery() : null };

    /// <summary>A fresh column without samples.</summary>
    public double[] NewColumn()
    {
        var column = GC.AllocateUninitializedArray<double>(Grid.Count);
        column.AsSpan().Fill(Absent.Value);
        return column;
    }

    /// <summary>A column of one value.</summary>
    public double[] Constant(double value)
    {
        var column = GC.AllocateUninitializedArray<double>(Grid.Count);
        column.AsSpan().Fill(value);
        return column;
    }
}
