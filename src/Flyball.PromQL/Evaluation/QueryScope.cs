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
internal readonly record struct QueryScope(QueryContext Query, StepGrid Grid)
{
    public AnnotationSet Annotations => Query.Annotations;

    public QueryBudget Budget => Query.Budget;

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
