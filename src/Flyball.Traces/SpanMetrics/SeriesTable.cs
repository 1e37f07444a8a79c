using System.Diagnostics.CodeAnalysis;
using Flyball.Model.Labels;
using Flyball.Model.Samples;
using Flyball.Model.Time;

namespace Flyball.Traces.SpanMetrics;

/// <summary>The series groups of one kind by the bytes that distinguish them. Not thread-safe.</summary>
/// <param name="budget">Shared by all tables: what all series together may be.</param>
internal sealed class SeriesTable<T>(SeriesBudget budget)
    where T : class
{
    private readonly Dictionary<byte[], Entry> _entries = new(ByteKeys.Instance);

    /// <summary>The value of a key, null when it has none yet.</summary>
    public T? Find(ReadOnlySpan<byte> key, long nowMs)
    {
        if (!_entries.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(key, out var entry))
        {
            return null;
        }

        entry.UsedAtMs = nowMs;
        return entry.Value;
    }

    /// <summary>Gives a key its value.</summary>
    /// <param name="groups">The series the value consists of.</param>
    /// <returns>The value, or null when there would be too many series.</returns>
    public T? Add(ReadOnlySpan<byte> key, long nowMs, T value, params SeriesGroup[] groups)
    {
        if (!budget.HasRoom)
        {
            return null;
        }

        budget.Used += groups.Sum(g => g.Count);
        _entries.GetAlternateLookup<ReadOnlySpan<byte>>()[key] = new Entry(value, groups) { UsedAtMs = nowMs };
        return value;
    }

    /// <summary>Writes all series; those new since the last time with a zero there, those idle since a time with their end.</summary>
    public void Write(SampleBatch batch, TimestampMs before, TimestampMs now, long idleSinceMs)
    {
        foreach (var (key, entry) in _entries)
        {
            var isOver = entry.UsedAtMs < idleSinceMs;
            foreach (var group in entry.Groups)
            {
                if (!entry.IsWritten)
                {
                    group.Write(batch, before, SeriesGroup.Moment.Begin);
                }

                group.Write(batch, now, isOver ? SeriesGroup.Moment.End : SeriesGroup.Moment.Now);
            }

            entry.IsWritten = true;
            if (isOver)
            {
                budget.Used -= entry.Groups.Sum(g => g.Count);
                _entries.Remove(key);
            }
        }
    }

    private sealed class Entry(T value, SeriesGroup[] groups)
    {
        public T Value { get; } = value;

        public SeriesGroup[] Groups { get; } = groups;

        public long UsedAtMs { get; set; }

        public bool IsWritten { get; set; }
    }
}

/// <summary>How many series there may be.</summary>
internal sealed class SeriesBudget(int most)
{
    public int Used { get; set; }

    public bool HasRoom => Used < most;
}

/// <summary>Compares keys by their bytes, given as arrays or as spans.</summary>
internal sealed class ByteKeys : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly ByteKeys Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)LabelSet.HashOf(alternate);
}
