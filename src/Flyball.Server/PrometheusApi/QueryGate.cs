using System.Diagnostics.Metrics;

namespace Flyball.Server.PrometheusApi;

/// <summary>Lets a bounded number of queries run at once; the others wait their turn, up to their own time-out.</summary>
/// <remarks>
/// Turns go round the callers, not the queries: whoever asks a thousand things at once waits behind himself, and a caller with one
/// question is next but one. Prometheus' <c>--query.max-concurrency</c> with fairness. Safe from many threads.
/// </remarks>
internal sealed class QueryGate : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Caller> _callers = [];
    private readonly LinkedList<Caller> _turns = [];
    private readonly Meter _meter = new("Flyball.PromQL");
    private readonly Counter<long> _refused;
    private readonly TimeProvider _time;
    private readonly int _most;
    private readonly int _mostPerCaller;
    private readonly int _mostWaiting;
    private int _running;
    private int _waiting;

    /// <summary>Makes a gate.</summary>
    /// <param name="most">Queries that run at once.</param>
    /// <param name="mostPerCaller">Of one caller.</param>
    /// <param name="mostWaiting">Queries that may wait; more are refused at once.</param>
    public QueryGate(int most, int mostPerCaller, int mostWaiting, TimeProvider time)
    {
        (_most, _mostPerCaller, _mostWaiting, _time) = (most, mostPerCaller, mostWaiting, time);
        _refused = _meter.CreateCounter<long>("flyball_query_refused_total", description: "Queries that got no turn, by reason.");
        _meter.CreateObservableGauge("flyball_query_waiting", () => Waiting, description: "Queries that wait for their turn.");
    }

    /// <summary>Queries that wait now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting;
            }
        }
    }

    /// <summary>Waits for a place; dispose the answer to free it.</summary>
    /// <exception cref="ApiException">No place became free in time, or too many wait.</exception>
    /// <exception cref="OperationCanceledException">The caller has gone.</exception>
    public ValueTask<IDisposable> EnterAsync(string callerName, TimeSpan patience, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            var caller = Find(callerName);
            if (_running < _most && caller.Running < _mostPerCaller)
            {
                return new ValueTask<IDisposable>(Enter(caller));
            }

            if (_waiting >= _mostWaiting)
            {
                Forget(caller);
                _refused.Add(1, new KeyValuePair<string, object?>("reason", "queue_full"));
                throw ApiException.Unavailable($"{_waiting} queries wait already; ask later or raise query.max_waiting");
            }

            waiter = new Waiter(caller);
            caller.Waiting.AddLast(waiter);
            _waiting++;
            if (caller.Waiting.Count == 1)
            {
                _turns.AddLast(caller);
            }
        }

        return WaitAsync(waiter, patience, cancellationToken);
    }

    public void Dispose() => _meter.Dispose();

    private async ValueTask<IDisposable> WaitAsync(Waiter waiter, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            return await waiter.Turn.Task.WaitAsync(patience, _time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (TakeBack(waiter) is { } place)
            {
                place.Dispose();
            }

            if (e is OperationCanceledException)
            {
                throw;
            }

            _refused.Add(1, new KeyValuePair<string, object?>("reason", "timeout"));
            throw ApiException.TimedOut($"query timed out in query queue: {_most} queries may run at once, {_mostPerCaller} of one caller");
        }
    }

    /// <summary>Ends the waiting.</summary>
    /// <returns>The place, if its turn has come in this very moment.</returns>
    private IDisposable? TakeBack(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Place is not null)
            {
                return waiter.Place;
            }

            var caller = waiter.Caller;
            caller.Waiting.Remove(waiter);
            _waiting--;
            if (caller.Waiting.Count == 0)
            {
                _turns.Remove(caller);
            }

            Forget(caller);
            return null;
        }
    }

    private void Leave(Caller caller)
    {
        lock (_lock)
        {
            _running--;
            caller.Running--;
            Forget(caller);
            while (_running < _most && NextTurn() is { } next)
            {
                var waiter = next.Waiting.First!.Value;
                next.Waiting.RemoveFirst();
                _waiting--;
                _turns.Remove(next);
                if (next.Waiting.Count > 0)
                {
                    _turns.AddLast(next);
                }

                waiter.Place = Enter(next);
                waiter.Turn.TrySetResult(waiter.Place);
            }
        }
    }

    private Caller? NextTurn()
    {
        foreach (var caller in _turns)
        {
            if (caller.Running < _mostPerCaller)
            {
                return caller;
            }
        }

        return null;
    }

    private Place Enter(Caller caller)
    {
        _running++;
        caller.Running++;
        return new Place(this, caller);
    }

    private Caller Find(string name)
    {
        if (!_callers.TryGetValue(name, out var caller))
        {
            caller = new Caller(name);
            _callers.Add(name, caller);
        }

        return caller;
    }

    // Callers are addresses and names from outside: they must not gather.
    private void Forget(Caller caller)
    {
        if (caller.Running == 0 && caller.Waiting.Count == 0)
        {
            _callers.Remove(caller.Name);
        }
    }

    private sealed class Caller(string name)
    {
        public string Name => name;

        public int Running { get; set; }

        public LinkedList<Waiter> Waiting { get; } = [];
    }

    private sealed class Waiter(Caller caller)
    {
        public Caller Caller => caller;

        public IDisposable? Place { get; set; }

        public TaskCompletionSource<IDisposable> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Place(QueryGate gate, Caller caller) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                gate.Leave(caller);
            }
        }
    }
}
