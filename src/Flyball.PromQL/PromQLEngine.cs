using Flyball.Model.Samples;
using Flyball.Model.Time;
using Flyball.PromQL.Explaining;

namespace Flyball.PromQL;

/// <summary>Evaluates PromQL over any source of series. Safe from many threads.</summary>
/// <remarks>Semantics: Prometheus 3.14. How it works: docs/promql.md.</remarks>
public sealed class PromQLEngine
{
    private readonly TimeProvider _time;

    /// <summary>Makes an engine; it has no state of its own.</summary>
    public PromQLEngine(PromQLOptions options, TimeProvider time)
    {
        Options = options;
        _time = time;
        EngineMeter.Show(options.MaxConcurrent);
    }

    /// <summary>The settings it was made with.</summary>
    public PromQLOptions Options { get; }

    /// <summary>Counts how long a caller kept a query waiting for its turn, as the slice <c>queue_time</c> of
    /// <c>prometheus_engine_query_duration_seconds</c>.</summary>
    public static void CountWaiting(TimeSpan inQueue) => EngineMeter.Waited(inQueue);

    /// <summary>Parses a query with the features of this engine.</summary>
    /// <exception cref="PromQLSyntaxException">It is not valid.</exception>
    public PromQLExpression Parse(string text) => PromQLExpression.Parse(text, Options.Features);

    /// <summary>Evaluates a query at one point in time.</summary>
    /// <exception cref="PromQLQueryException">It failed, took too long or was cancelled.</exception>
    public ValueTask<QueryResult> QueryInstantAsync(
        ISeriesSource source, PromQLExpression expression, TimestampMs at, QueryLimits limits, CancellationToken cancellationToken) =>
        QueryInstantAsync(source, expression, at, limits, QueryInspection.None, cancellationToken);

    /// <summary>Evaluates a query at one point in time, and watches it.</summary>
    /// <param name="inspection">What to find out beside the answer.</param>
    /// <exception cref="PromQLQueryException">It failed, took too long or was cancelled.</exception>
    public ValueTask<QueryResult> QueryInstantAsync(
        ISeriesSource source,
        PromQLExpression expression,
        TimestampMs at,
        QueryLimits limits,
        QueryInspection inspection,
        CancellationToken cancellationToken) =>
        RunAsync(new QueryJob(source, expression, at, at, default, limits, IsRange: false, inspection), cancellationToken);

    /// <summary>Evaluates a query at every step from start to end, both included.</summary>
    /// <param name="step">Distance of the steps, above zero.</param>
    /// <exception cref="PromQLQueryException">It failed, took too long or was cancelled.</exception>
    public ValueTask<QueryResult> QueryRangeAsync(
        ISeriesSource source,
        PromQLExpression expression,
        TimestampMs start,
        TimestampMs end,
        DurationMs step,
        QueryLimits limits,
        CancellationToken cancellationToken) =>
        QueryRangeAsync(source, expression, start, end, step, limits, QueryInspection.None, cancellationToken);

    /// <summary>Evaluates a query at every step from start to end, both included, and watches it.</summary>
    /// <param name="step">Distance of the steps, above zero.</param>
    /// <param name="inspection">What to find out beside the answer.</param>
    /// <exception cref="PromQLQueryException">It failed, took too long or was cancelled.</exception>
    public ValueTask<QueryResult> QueryRangeAsync(
        ISeriesSource source,
        PromQLExpression expression,
        TimestampMs start,
        TimestampMs end,
        DurationMs step,
        QueryLimits limits,
        QueryInspection inspection,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step.Value, 0, nameof(step));
        return RunAsync(new QueryJob(source, expression, start, end, step, limits, IsRange: true, inspection), cancellationToken);
    }

    private async ValueTask<QueryResult> RunAsync(QueryJob job, CancellationToken cancellationToken)
    {
        var runner = new Evaluation.QueryRunner(Options, _time, job);
        return Options.EvaluateOnCaller
            ? runner.Run(cancellationToken)
            : await Task.Run(() => runner.Run(cancellationToken), CancellationToken.None);
    }
}

/// <summary>One query to be evaluated.</summary>
internal sealed record QueryJob(
    ISeriesSource Source,
    PromQLExpression Expression,
    TimestampMs Start,
    TimestampMs End,
    DurationMs Step,
    QueryLimits Limits,
    bool IsRange,
    QueryInspection Inspection);
