using System.Runtime.InteropServices;
using Flyball.Model.Histograms;
using Flyball.Model.Time;

namespace Flyball.Metrics.Head;

/// <summary>All recent samples of one stretch of time, in memory; the log can rebuild it, sealing turns it into a block.</summary>
/// <remarks>
/// A store has one for the present stretch, for a while the one before, and others when late samples arrive. Series are
/// numbered per head, so nothing has to be forgotten one by one: the whole head goes when its block is there.
/// Written under the store's gate.
/// </remarks>
internal sealed class HeadPart
{
    private readonly SlotArena _slots = new();
    private readonly ByteArena _pages;
    private readonly HeadPageWriter _pageWriter;
    private readonly ReaderEras _eras;

    public HeadPart(long number, long startMs, long untilMs, TimestampMs createdAt)
        : this(number, startMs, untilMs, createdAt, new ByteArena(), new ByteArena())
    {
    }

    /// <summary>A head whose labels and pages are there already; its series follow by <see cref="Restore(SeriesState, bool)"/>.</summary>
    public HeadPart(long number, long startMs, long untilMs, TimestampMs createdAt, ByteArena labels, ByteArena pages)
    {
        Series = new SeriesTable(labels);
        _pages = pages;
        Number = number;
        StartMs = startMs;
        UntilMs = untilMs;
        CreatedAt = createdAt;
        _pageWriter = new HeadPageWriter(_pages);
        _eras = new ReaderEras(_slots);
        Order = new LabelOrder(Series);
    }

    /// <summary>Names the head in the log and in the block made of it; never used twice.</summary>
    public long Number { get; }

    /// <summary>First time it takes.</summary>
    public long StartMs { get; }

    /// <summary>First time it does not take.</summary>
    public long UntilMs { get; }

    /// <summary>When it was begun, by the clock.</summary>
    public TimestampMs CreatedAt { get; }

    public SeriesTable Series { get; }

    /// <summary>The arena of sealed pages and histograms.</summary>
    public ByteArena Pages => _pages;

    public HeadIndex Index { get; } = new();

    public LabelOrder Order { get; }

    /// <summary>The log segment of its first record; the log keeps everything from there on.</summary>
    public long FirstSegment { get; set; } = long.MaxValue;

    /// <summary>Series whose labels are in the log.</summary>
    public int LoggedSeries { get; set; }

    public long SampleCount { get; private set; }

    public long PageCount { get; private set; }

    /// <summary>Earliest and latest time of its samples.</summary>
    public long OldestMs { get; private set; } = long.MaxValue;

    public long NewestMs { get; private set; } = long.MinValue;

    public long AllocatedBytes => Series.AllocatedBytes + Index.AllocatedBytes + _slots.AllocatedBytes + _pages.AllocatedBytes;

    public bool Takes(long timestampMs) => StartMs <= timestampMs && timestampMs < UntilMs;

    public int AddSeries(ReadOnlySpan<byte> encodedLabels, ulong hash)
    {
        var series = Series.Add(encodedLabels, hash);
        Index.Add(series, encodedLabels);
        return series;
    }

    /// <summary>Appends a sample that has been checked and logged.</summary>
    public void Append(int series, long timestampMs, ulong bits, long startTimestampMs, NativeHistogram? histogram)
    {
        ref var state = ref Series.State(series);
        var offset = (int)(timestampMs - StartMs);
        if (histogram is not null || startTimestampMs != 0 || !TryAppendNext(ref state, offset, bits))
        {
            AppendAny(ref state, offset, bits, startTimestampMs, histogram);
        }

        Count(timestampMs);
    }

    /// <summary>Counts a sample; <see cref="Append"/> does it itself, a replay that finds the sample in a restored series asks for it.</summary>
    public void Count(long timestampMs)
    {
        SampleCount++;
        OldestMs = Math.Min(OldestMs, timestampMs);
        NewestMs = Math.Max(NewestMs, timestampMs);
    }

    /// <summary>Adds a series of an earlier life, without entering it into the index.</summary>
    /// <returns>Its open slot, to be filled; without meaning if the state says there is none.</returns>
    public OpenSlot Restore(SeriesState state, bool hasSlot)
    {
        state.Slot = hasSlot ? _slots.Allocate(state.SlotClass) : -1;
        Series.Restore(state);
        return hasSlot ? OpenSlotOf(state) : default;
    }

    /// <summary>Goes on counting where an earlier life was.</summary>
    public void Resume(long samples, long pages, long oldestMs, long newestMs) =>
        (SampleCount, PageCount, OldestMs, NewestMs) = (samples, pages, oldestMs, newestMs);

    /// <summary>The open end of a series that has one; under the gate.</summary>
    public OpenSlot OpenSlotOf(SeriesState state) => new(_slots.Words(state.Slot, state.SlotClass), state.SlotClass);

    // Nearly every sample: a float behind all others of its series, and there is room in a slot of floats without starts.
    private bool TryAppendNext(ref SeriesState state, int offset, ulong bits)
    {
        var capacity = SlotArena.CapacityOf(state.SlotClass);
        int at = state.OpenCount;
        if (at == 0 || at >= capacity || SlotArena.HasStarts(state.SlotClass) || offset <= state.LatestOffset
            || (state.Flags & SeriesFlags.OpenHistograms) != SeriesFlags.None)
        {
            return false;
        }

        var words = _slots.Words(state.Slot, state.SlotClass);
        words[at] = bits;
        MemoryMarshal.Cast<ulong, int>(words[capacity..])[at] = offset;
        state.OpenCount = (byte)(at + 1);
        state.LatestOffset = offset;
        return true;
    }

    private void AppendAny(ref SeriesState state, int offset, ulong bits, long startTimestampMs, NativeHistogram? histogram)
    {
        var isHistogram = histogram is not null;
        PrepareSlot(ref state, isHistogram, startTimestampMs != 0);

        var slot = new OpenSlot(_slots.Words(state.Slot, state.SlotClass), state.SlotClass);
        if (state.OpenCount > 0 && offset <= slot.Times[state.OpenCount - 1])
        {
            state.Flags |= SeriesFlags.OpenUnordered;
        }

        if (offset <= state.LatestOffset)
        {
            state.Flags |= SeriesFlags.Overlaps;
        }

        slot.Values[state.OpenCount] = isHistogram ? _pageWriter.StoreHistogram(histogram!) : bits;
        slot.Times[state.OpenCount] = offset;
        if (slot.HasStarts)
        {
            slot.Starts[state.OpenCount] = startTimestampMs;
        }

        state.OpenCount++;
        state.OldestOffset = Math.Min(state.OldestOffset, offset);
        state.LatestOffset = Math.Max(state.LatestOffset, offset);
    }

    /// <summary>Opens the head for a reader; under the gate. What it captures until <see cref="Leave"/> stays readable.</summary>
    public int Enter() => _eras.Enter();

    /// <summary>Ends what <see cref="Enter"/> began; under the gate.</summary>
    public void Leave(int era) => _eras.Leave(era);

    /// <summary>Captures one series as it is now; under the gate.</summary>
    public HeadSeriesView Capture(int series)
    {
        ref var state = ref Series.State(series);
        return new HeadSeriesView(series, state.LastPage, state.Slot, state.SlotClass, state.OpenCount, state.Flags);
    }

    /// <summary>Whether a series may have samples in a range; under the gate.</summary>
    public bool MayHold(int series, TimeRange range)
    {
        ref var state = ref Series.State(series);
        return state.OldestOffset <= state.LatestOffset
            && StartMs + state.OldestOffset <= range.Last.Value
            && StartMs + state.LatestOffset >= range.First.Value;
    }

    /// <summary>The pages and slots for readers.</summary>
    public HeadReader Reader => new(this, _pages, _slots);

    private void PrepareSlot(ref SeriesState state, bool histogram, bool hasStart)
    {
        if (state.Slot < 0)
        {
            OpenSlotOf(ref state, hasStart ? SlotArena.WithStarts(0) : 0, histogram);
            return;
        }

        var otherKind = histogram != ((state.Flags & SeriesFlags.OpenHistograms) != SeriesFlags.None);
        var otherShape = hasStart && !SlotArena.HasStarts(state.SlotClass);
        if (state.OpenCount > 0 && (otherKind || otherShape))
        {
            Seal(ref state);
        }

        if (otherKind || otherShape)
        {
            var sizeClass = hasStart || SlotArena.HasStarts(state.SlotClass) ? SlotArena.WithStarts(state.SlotClass) : state.SlotClass;
            _eras.Free(state.Slot, state.SlotClass);
            OpenSlotOf(ref state, sizeClass, histogram);
            return;
        }

        if (state.OpenCount < SlotArena.CapacityOf(state.SlotClass))
        {
            return;
        }

        if ((state.SlotClass & 3) == 3)
        {
            Seal(ref state);

            // A reader may still look at the full slot; without one the very same slot comes back.
            _eras.Free(state.Slot, state.SlotClass);
            OpenSlotOf(ref state, state.SlotClass, histogram);
        }
        else
        {
            MoveToLargerSlot(ref state);
        }
    }

    private void OpenSlotOf(ref SeriesState state, int sizeClass, bool histogram)
    {
        state.Slot = _slots.Allocate(sizeClass);
        state.SlotClass = (byte)sizeClass;
        state.OpenCount = 0;
        state.Flags = (state.Flags & ~(SeriesFlags.OpenHistograms | SeriesFlags.OpenUnordered))
            | (histogram ? SeriesFlags.OpenHistograms : SeriesFlags.None);
    }

    private void MoveToLargerSlot(ref SeriesState state)
    {
        var larger = state.SlotClass + 1;
        var slot = _slots.Allocate(larger);
        var from = new OpenSlot(_slots.Words(state.Slot, state.SlotClass), state.SlotClass);
        var to = new OpenSlot(_slots.Words(slot, larger), larger);
        from.Values.CopyTo(to.Values);
        from.Times.CopyTo(to.Times);
        from.Starts.CopyTo(to.Starts);
        _eras.Free(state.Slot, state.SlotClass);
        state.Slot = slot;
        state.SlotClass = (byte)larger;
    }

    private void Seal(ref SeriesState state)
    {
        var slot = new OpenSlot(_slots.Words(state.Slot, state.SlotClass), state.SlotClass);
        state.LastPage = _pageWriter.Write(slot, state.OpenCount, state.Flags, state.LastPage);
        PageCount++;
    }
}

/// <summary>The parts of an open slot.</summary>
internal readonly ref struct OpenSlot(Span<ulong> words, int sizeClass)
{
    private readonly Span<ulong> _words = words;
    private readonly int _capacity = SlotArena.CapacityOf(sizeClass);

    public bool HasStarts { get; } = SlotArena.HasStarts(sizeClass);

    public Span<ulong> Values => _words[.._capacity];

    public Span<int> Times => System.Runtime.InteropServices.MemoryMarshal.Cast<ulong, int>(_words.Slice(_capacity, _capacity / 2));

    public Span<long> Starts => HasStarts
        ? System.Runtime.InteropServices.MemoryMarshal.Cast<ulong, long>(_words[(_capacity + (_capacity / 2))..])
        : default;
}

/// <summary>One series of a head as it was at one moment.</summary>
internal readonly record struct HeadSeriesView(int Series, uint LastPage, int Slot, byte SlotClass, byte OpenCount, SeriesFlags Flags);
