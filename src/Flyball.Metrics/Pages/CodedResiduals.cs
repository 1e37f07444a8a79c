using System.Buffers;
using System.Numerics;

namespace Flyball.Metrics.Pages;

/// <summary>Numbers coded by frequency: for noise that gathers around some value, where equal widths for all waste bits.</summary>
/// <remarks><code>frequencies of the classes, coded classes, the bits inside the classes lowest first, to a whole byte</code></remarks>
internal static class CodedResiduals
{
    public static void Encode(ReadOnlySpan<ulong> values, CodedForm form, ByteWriter to)
    {
        var rented = ArrayPool<byte>.Shared.Rent(values.Length);
        var classes = rented.AsSpan(0, values.Length);
        Span<int> counts = stackalloc int[ResidualClass.Count];
        counts.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            classes[i] = (byte)ResidualClass.Of(form.Residual(values[i]));
            counts[classes[i]]++;
        }

        var frequencies = ClassFrequencies.Of(counts, values.Length, stackalloc ushort[ResidualClass.Count]);
        frequencies.Write(to);
        ClassCoder.Encode(classes, frequencies, to);
        var bits = new LowBitSink(to);
        for (var i = 0; i < values.Length; i++)
        {
            bits.Write(form.Residual(values[i]) - ResidualClass.StartOf[classes[i]], ResidualClass.BitsInside(classes[i]));
        }

        bits.Flush();
        ArrayPool<byte>.Shared.Return(rented);
    }

    public static void Decode(ref ByteReader from, ulong centre, bool around, scoped Span<ulong> to)
    {
        var frequencies = ClassFrequencies.Read(from.Rest, stackalloc ushort[ResidualClass.Count], out var length);
        from.Skip(length);
        var rented = ArrayPool<byte>.Shared.Rent(to.Length);
        var classes = rented.AsSpan(0, to.Length);
        ClassCoder.Decode(ref from, frequencies, classes);
        var starts = ResidualClass.StartOf;
        var bits = new LowBitSource(from.Rest);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = starts[classes[i]] + bits.Read(ResidualClass.BitsInside(classes[i]));
        }

        from.Skip(bits.BytesRead);
        ArrayPool<byte>.Shared.Return(rented);
        if (around)
        {
            Unfold(to, centre);
        }
        else
        {
            IntegerColumn.AddToAll(to, centre);
        }
    }

    private static void Unfold(Span<ulong> values, ulong centre)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var centres = new Vector<ulong>(centre);
            for (; i <= values.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            {
                var folded = new Vector<ulong>(values[i..]);
                var sign = Vector<ulong>.Zero - (folded & Vector<ulong>.One);
                ((Vector.ShiftRightLogical(folded, 1) ^ sign) + centres).CopyTo(values[i..]);
            }
        }

        for (; i < values.Length; i++)
        {
            values[i] = unchecked(((values[i] >> 1) ^ (0 - (values[i] & 1))) + centre);
        }
    }
}
