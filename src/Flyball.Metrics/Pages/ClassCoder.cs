using System.Buffers.Binary;

namespace Flyball.Metrics.Pages;

/// <summary>Writes classes with as many bits as their frequency says they are worth, fractions of bits included.</summary>
/// <remarks>
/// Range asymmetric numeral systems (Duda, arXiv:1311.2540) with two states that take turns, so that one need not wait for the
/// other: <code>state of the even classes u32, state of the odd ones u32, words u16 in the order they are needed</code>
/// </remarks>
internal static class ClassCoder
{
    private const uint Least = 1 << 16;
    private const uint SlotMask = ClassFrequencies.Total - 1;

    public static void Encode(ReadOnlySpan<byte> classes, ClassFrequencies frequencies, ByteWriter to)
    {
        Span<ushort> starts = stackalloc ushort[ResidualClass.Count];
        var start = 0;
        for (var i = frequencies.Lowest; i <= frequencies.Highest; i++)
        {
            starts[i] = (ushort)start;
            start += frequencies[i];
        }

        // A class costs at most ten bits, so a word each is room enough. Last in, first out: it is written from the end.
        var words = new ushort[classes.Length + 1];
        var free = words.Length;
        ulong even = Least, odd = Least;
        for (var i = classes.Length - 1; i >= 0; i--)
        {
            ref var state = ref (i & 1) == 0 ? ref even : ref odd;
            var frequency = (ulong)frequencies[classes[i]];
            if (state >= frequency << (32 - ClassFrequencies.Bits))
            {
                words[--free] = (ushort)state;
                state >>= 16;
            }

            state = ((state / frequency) << ClassFrequencies.Bits) + (state % frequency) + starts[classes[i]];
        }

        to.WriteU32((uint)even);
        to.WriteU32((uint)odd);
        foreach (var word in words.AsSpan(free))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to.Take(2), word);
        }
    }

    public static void Decode(ref ByteReader from, scoped ClassFrequencies frequencies, scoped Span<byte> classes)
    {
        Span<uint> slots = stackalloc uint[ClassFrequencies.Total];
        FillSlots(frequencies, slots);
        uint even = from.ReadU32(), odd = from.ReadU32();
        var words = from.Rest;
        var at = 0;
        var i = 0;
        for (; i + 1 < classes.Length; i += 2)
        {
            classes[i] = Step(slots, ref even, words, ref at);
            classes[i + 1] = Step(slots, ref odd, words, ref at);
        }

        if (i < classes.Length)
        {
            classes[i] = Step(slots, ref even, words, ref at);
        }

        from.Skip(at);
    }

    // Per slot: class (8 bits), frequency (11), slot - start of the class (10).
    private static void FillSlots(ClassFrequencies frequencies, Span<uint> slots)
    {
        var slot = 0;
        for (var i = frequencies.Lowest; i <= frequencies.Highest; i++)
        {
            var entry = (uint)i | ((uint)frequencies[i] << 8);
            for (var inside = 0; inside < frequencies[i]; inside++)
            {
                slots[slot++] = entry | ((uint)inside << 19);
            }
        }
    }

    private static byte Step(ReadOnlySpan<uint> slots, ref uint state, ReadOnlySpan<byte> words, ref int at)
    {
        var entry = slots[(int)(state & SlotMask)];
        state = (((entry >> 8) & 0x7ff) * (state >> ClassFrequencies.Bits)) + (entry >> 19);
        if (state < Least)
        {
            if (at + 2 > words.Length)
            {
                throw new InvalidDataException("a coded column ends in the middle of a value");
            }

            state = (state << 16) | BinaryPrimitives.ReadUInt16LittleEndian(words[at..]);
            at += 2;
        }

        return (byte)entry;
    }
}
