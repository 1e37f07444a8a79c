namespace Flyball.PromQL.Evaluation;

/// <summary>Counts what a query holds and has read, and stops it at its limits. Safe from many threads.</summary>
internal sealed class QueryBudget(QueryLimits limits, CancellationToken token)
{
    // A time and a value.
    private const int BytesOfSample = 16;

    private readonly long _most = limits.MaxBytes > 0 ? Math.Min(limits.MaxSamples, limits.MaxBytes / BytesOfSample) : limits.MaxSamples;
    private long _held;
    private long _peak;
    private long _samplesRead;
    private long _queryable;
    private long _series;

    public CancellationToken Token => token;

    public QueryLimits Limits => limits;

    public long Peak => _peak;

    public long SamplesRead => _samplesRead;

    public long Queryable => _queryable;

    public long Series => _series;

    /// <summary>Notes samples that stay in memory.</summary>
    public void Hold(long samples)
    {
        var held = Interlocked.Add(ref _held, samples);
        if (held > _most)
        {
            throw held > limits.MaxSamples ? TooMany() : TooManyBytes();
        }

        // Losing a race here loses a little accuracy of a statistic.
        if (held > _peak)
        {
            _peak = held;
        }
    }

    public void Release(long samples) => Interlocked.Add(ref _held, -samples);

    public void CountRead(long samples) => Interlocked.Add(ref _samplesRead, samples);

    public void CountQueryable(long samples) => Interlocked.Add(ref _queryable, samples);

    public void CountSeries(long series) => Interlocked.Add(ref _series, series);

    public void ThrowIfDone() => token.ThrowIfCancellationRequested();

    private PromQLQueryException TooManyBytes() => new(
        QueryFailure.Execution,
        $"query processing would hold more than {limits.MaxBytes} bytes of samples in memory; ask for less at once or raise query.max_memory");

    public static PromQLQueryException TooMany() =>
        new(QueryFailure.Execution, "query processing would load too many samples into memory in query execution");
}
