namespace Flyball.Metrics.Blocks;

/// <summary>Time columns that were decoded lately: what one scrape brings shares its times, series after series.</summary>
/// <remarks>
/// Series of one metric follow each other and each is of another target, so a few hundred columns take turns. Safe from many
/// threads: a slot is replaced whole, and two threads that decode the same column both have it.
/// </remarks>
internal sealed class KnownTimes
{
    private const int Slots = 512;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>The times of a column, or null.</summary>
    public long[]? Find(int number)
    {
        var entry = Volatile.Read(ref _entries[number & (Slots - 1)]);
        return entry is not null && entry.Number == number ? entry.TimesMs : null;
    }

    public void Add(int number, long[] timesMs) => Volatile.Write(ref _entries[number & (Slots - 1)], new Entry(number, timesMs));

    private sealed record Entry(int Number, long[] TimesMs);
}
