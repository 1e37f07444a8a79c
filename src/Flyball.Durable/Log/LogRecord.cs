namespace Flyball.Durable.Log;

/// <summary>A record as it is read back.</summary>
public readonly ref struct LogRecord(byte type, LogPosition position, ReadOnlySpan<byte> payload)
{
    /// <summary>What the writer said it is; the log gives it no meaning.</summary>
    public byte Type { get; } = type;

    /// <summary>Where it begins.</summary>
    public LogPosition Position { get; } = position;

    /// <summary>The bytes; they die when the handler returns.</summary>
    public ReadOnlySpan<byte> Payload { get; } = payload;
}

/// <summary>Takes records in the order they were written.</summary>
public delegate void LogRecordHandler(LogRecord record);

/// <summary>Bytes of a log that could not be read back, with records behind them that could.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Where the damage begins.</param>
/// <param name="Length">Bytes that were skipped.</param>
/// <param name="Problem">What is wrong with them.</param>
public sealed record LogDamage(string Path, long Offset, long Length, string Problem);

/// <summary>What a replay found.</summary>
/// <param name="Records">Records handed out.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="TornBytes">Bytes of an unfinished write at the very end, cut off: never acknowledged under <c>wal_sync: always</c>.</param>
/// <param name="Damages">Damage anywhere else; what lay in it is lost, everything around it was handed out.</param>
public sealed record ReplayReport(long Records, long Bytes, long TornBytes, IReadOnlyList<LogDamage> Damages);

/// <summary>How far a replay is.</summary>
/// <param name="BytesDone">Bytes read so far.</param>
/// <param name="BytesTotal">Bytes there are.</param>
public readonly record struct ReplayProgress(long BytesDone, long BytesTotal)
{
    /// <summary>Number of the first segment there is; 0 before the replay has begun.</summary>
    public long FirstSegment { get; init; }

    /// <summary>Number of the last.</summary>
    public long LastSegment { get; init; }

    /// <summary>Number of the one that is read.</summary>
    public long Segment { get; init; }

    /// <summary>0 to 100; 100 when there is nothing to read.</summary>
    public int Percent => BytesTotal == 0 ? 100 : (int)(BytesDone * 100 / BytesTotal);
}
