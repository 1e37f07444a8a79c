namespace Flyball.Alerting.Routing;

/// <summary>Wakes a loop for each piece of work, and says when all of it is done.</summary>
internal sealed class WorkSignal : IDisposable
{
    private readonly SemaphoreSlim _raised = new(0);
    private readonly Lock _gate = new();
    private int _outstanding;
    private TaskCompletionSource? _idle;

    /// <summary>There is a piece of work.</summary>
    public void Raise()
    {
        lock (_gate)
        {
            _outstanding++;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _raised.Release();
    }

    /// <summary>Waits for the next piece; call <see cref="Done"/> after it.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _raised.WaitAsync(cancellationToken);

    /// <summary>A piece is done.</summary>
    public void Done()
    {
        lock (_gate)
        {
            if (--_outstanding == 0)
            {
                _idle!.TrySetResult();
                _idle = null;
            }
        }
    }

    /// <summary>Completes when no work is outstanding.</summary>
    public Task IdleAsync()
    {
        lock (_gate)
        {
            return _idle?.Task ?? Task.CompletedTask;
        }
    }

    public void Dispose() => _raised.Dispose();
}
