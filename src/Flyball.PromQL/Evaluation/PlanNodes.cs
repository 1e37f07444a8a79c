using System.Runtime.CompilerServices;

namespace Flyball.PromQL.Evaluation;

/// <summary>A planned part of a query that yields series.</summary>
internal abstract class VectorNode
{
    /// <summary>Whether all rows bear one metric name, so that dropping it cannot make two of them equal.</summary>
    public virtual bool HasOneName => false;

    /// <summary>Pushes the rows of all series, evaluated at every step of the scope.</summary>
    public abstract void Run(QueryScope scope, RowSink sink);

    /// <summary>All rows at once.</summary>
    public List<SeriesRow> Collect(QueryScope scope)
    {
        EnsureStack();
        var sink = new CollectSink(scope.Budget);
        Run(scope, sink);
        return sink.Rows;
    }

    /// <summary>Runs a child with a change applied to each of its rows.</summary>
    protected static void RunMapped(VectorNode child, QueryScope scope, RowSink sink, Func<SeriesRow, bool> change)
    {
        EnsureStack();
        child.Run(scope, new MapSink(sink, change));
    }

    protected static void EnsureStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new PromQLQueryException(QueryFailure.Execution, "expression is nested too deeply");
        }
    }

    /// <summary>Hands rows on one by one.</summary>
    protected static void Push(List<SeriesRow> rows, RowSink sink)
    {
        foreach (var row in rows)
        {
            sink.Accept(row);
        }
    }
}

/// <summary>A planned part of a query that yields one number per step.</summary>
internal abstract class ScalarNode
{
    /// <summary>The number at every step of the scope.</summary>
    public abstract double[] Evaluate(QueryScope scope);
}
