namespace Flyball.Server.PrometheusApi;

/// <summary>Lets a bounded number of queries run at once; the others wait their turn, up to their own time-out.</summary>
/// <remarks>Prometheus' <c>--query.max-concurrency</c>.</remarks>
internal sealed class QueryGate(int most) : IDisposable
{
    private readonly SemaphoreSlim _places = new(most, most);

    /// <summary>Waits for a place; dispose the answer to free it.</summary>
    /// <exception cref="ApiException">No place became free in time.</exception>
    public async ValueTask<IDisposable> EnterAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await _places.WaitAsync(patience, cancellationToken))
        {
            throw ApiException.TimedOut($"query timed out in query queue: {most} queries run already");
        }

        return new Place(_places);
    }

    public void Dispose() => _places.Dispose();

    private sealed class Place(SemaphoreSlim places) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                places.Release();
            }
        }
    }
}
