namespace Flyball.Metrics.Checkpoints;

/// <summary>When the next checkpoint is due: when enough log has come behind the last to be worth the bytes.</summary>
/// <remarks>Used under the store's gate.</remarks>
/// <param name="leastLogBytes">Less log than this is read back in no time; 0 = never a checkpoint.</param>
internal sealed class CheckpointPace(long leastLogBytes)
{
    // A checkpoint is written whole: eight times its log at most, and a twentieth of one processor at most.
    private const int MostBytesPerLogByte = 8;
    private const int RestPerWork = 20;

    // The first queries after a start have the processor for themselves.
    private static readonly TimeSpan RestAfterStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromMinutes(1);

    private long _logBytes;
    private long _length;

    /// <summary>How long to leave the disk alone after the last checkpoint, or the last try.</summary>
    public TimeSpan Rest { get; private set; }

    /// <summary>Whether the log behind the last checkpoint is worth another.</summary>
    /// <param name="logBytes">Bytes appended to the log in this life.</param>
    public bool IsDue(long logBytes) =>
        leastLogBytes > 0 && logBytes - _logBytes >= Math.Max(leastLogBytes, _length / MostBytesPerLogByte);

    /// <summary>Notes what a start found.</summary>
    /// <param name="length">Bytes of the checkpoint, 0 = there was none.</param>
    /// <param name="logBehind">Bytes of log behind it.</param>
    public void Started(long length, long logBehind)
    {
        (_length, _logBytes) = (length, -logBehind);
        Rest = logBehind > 0 ? RestAfterStart : TimeSpan.Zero;
    }

    /// <summary>Notes a checkpoint.</summary>
    /// <param name="logBytes">Bytes appended to the log in this life when it was begun.</param>
    public void Wrote(long length, long logBytes, TimeSpan took)
    {
        (_length, _logBytes) = (length, logBytes);
        Rest = took * RestPerWork;
    }

    /// <summary>Notes that there is none any more.</summary>
    public void Dropped() => _length = 0;

    /// <summary>Notes that writing one failed.</summary>
    public void Failed() => Rest = RestAfterFailure;
}
