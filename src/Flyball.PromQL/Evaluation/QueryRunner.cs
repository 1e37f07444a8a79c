namespace Flyball.PromQL.Evaluation;

/// <summary>Runs one query: plans it, evaluates it under its limits, shapes the answer.</summary>
internal sealed class QueryRunner(PromQLOptions options, TimeProvider time, QueryJob job)
{
    public QueryResult Run(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _ = (options, time);
        if (job.Expression.Root is Syntax.StringLiteral text)
        {
            return new QueryResult { Kind = ValueKind.String, Text = text.Value, At = job.End, Statistics = new(0, 0, 0, TimeSpan.Zero) };
        }

        throw new PromQLQueryException(QueryFailure.Execution, "this kind of expression is not evaluated yet: " + job.Expression.Root.GetType().Name);
    }
}
