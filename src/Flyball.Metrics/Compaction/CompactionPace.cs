namespace Flyball.Metrics.Compaction;

/// <summary>Lets background work use only a share of one core: after a while of work it rests so long that the share holds.</summary>
/// <remarks>One per round of maintenance; not thread-safe.</remarks>
internal sealed class CompactionPace(TimeProvider time, double share)
{
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    private long _since = time.GetTimestamp();

    /// <summary>Work that may use a whole core: somebody waits for it.</summary>
    public static CompactionPace Full(TimeProvider time) => new(time, 1);

    /// <summary>Rests if a turn of work is over; called every few series.</summary>
    public async ValueTask RestAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var worked = time.GetElapsedTime(_since);
        if (share >= 1 || worked < Turn)
        {
            return;
        }

        await Task.Delay(worked * ((1 - share) / share), time, cancellationToken);
        _since = time.GetTimestamp();
    }
}
