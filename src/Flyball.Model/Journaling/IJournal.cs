using Flyball.Model.Time;

namespace Flyball.Model.Journaling;

/// <summary>Control state as a list of events: who did what to what, when and why. Append-only and hash-chained.</summary>
/// <remarks>Small enough for a database table to stand behind it. Safe from many threads.</remarks>
public interface IJournal
{
    /// <summary>Position of the next entry: the number of entries so far.</summary>
    long Head { get; }

    /// <summary>Appends an entry and waits until it is on disk.</summary>
    /// <param name="expectedHead">Fails if <see cref="Head"/> is another one, so that decisions on stale state do not get in; null = anywhere.</param>
    /// <exception cref="JournalConflictException">Another entry was first.</exception>
    /// <exception cref="IOException">The entry could not be written; it is not in the journal.</exception>
    ValueTask<JournalEntry> AppendAsync(JournalDraft draft, long? expectedHead, CancellationToken cancellationToken);

    /// <summary>Reads entries in order, from a position (inclusive) up to the present head.</summary>
    IAsyncEnumerable<JournalEntry> ReadAsync(long fromInclusive, CancellationToken cancellationToken);

    /// <summary>Reads entries from a position and then waits for more until cancelled.</summary>
    IAsyncEnumerable<JournalEntry> FollowAsync(long fromInclusive, CancellationToken cancellationToken);
}

/// <summary>An event before it is in the journal.</summary>
/// <param name="Kind">What happened, dotted and in the past tense or a verdict, e.g. <c>action.allowed</c>, <c>silence.created</c>.</param>
/// <param name="Actor">Who: <c>policy:NAME</c>, <c>user:NAME</c>, <c>system</c>.</param>
/// <param name="Subject">What it happened to, e.g. an execution id, a run id, an alert's fingerprint.</param>
/// <param name="Reason">Why, as a sentence for people.</param>
/// <param name="Details">Facts as one JSON object, UTF-8; may be empty.</param>
public sealed record JournalDraft(string Kind, string Actor, string Subject, string Reason, ReadOnlyMemory<byte> Details);

/// <summary>An event in the journal.</summary>
/// <param name="Position">0, 1, 2, …</param>
/// <param name="At">When it was appended.</param>
/// <param name="Draft">What was appended.</param>
/// <param name="PreviousHash">SHA-256 of the entry before, lower-case hex; 64 zeros for the first.</param>
/// <param name="Hash">SHA-256 over this entry's canonical bytes including <paramref name="PreviousHash"/>.</param>
public sealed record JournalEntry(long Position, TimestampMs At, JournalDraft Draft, string PreviousHash, string Hash);

/// <summary>The journal's head was not where the caller believed.</summary>
public sealed class JournalConflictException(long expected, long actual)
    : Exception($"the journal's head is {actual}, not {expected}: somebody else decided first; read on and decide again")
{
    /// <summary>Where the head is.</summary>
    public long ActualHead { get; } = actual;
}
