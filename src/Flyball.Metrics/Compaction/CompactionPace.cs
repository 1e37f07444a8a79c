namespace Flyball.Metrics.Compaction;

/// <summary>Lets background work use only a share of one core: after a while of work it rests so long that the share holds.</summary>
/// <param name="share">Above 0; 1 never rests.</param>
/// <param name="hurry">Completes when somebody waits for the work to end: then there is no rest.</param>
/// <remarks>One per round of maintenance; not thread-safe.</remarks>
internal sealed class CompactionPace(TimeProvider time, double share, Func<Task> hurry)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private long _since = time.GetTimestamp();

    /// <summary>Work that may use a whole core: somebody waits for it.</summary>
    public static CompactionPace Full(TimeProvider time) => new(time, 1, () => Task.CompletedTask);

    /// <summary>Rests if a turn of work is over; called every few series.</summary>
    public async ValueTask RestAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var worked = time.GetElapsedTime(_since);
        if (share >= 1 || worked < Turn || hurry() is not { IsCompleted: false } hurried)
        {
            return;
        }

        using var rested = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(Task.Delay(worked * ((1 - share) / share), time, rested.Token), hurried);
        await rested.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        _since = time.GetTimestamp();
    }
}
