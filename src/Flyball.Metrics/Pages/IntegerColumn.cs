using System.Buffers;
using System.Numerics;

namespace Flyball.Metrics.Pages;

/// <summary>A column of 64-bit integers: the cheapest of five shapes, outliers kept apart or all coded by frequency.</summary>
/// <remarks>
/// <code>
/// mode u8   bits 0-2 the shape; bit 3: unit uvarint and origin varint follow, and every value is origin + unit · what comes next
///           0 constant   value varint
///           1 linear     first varint, step varint
///           2 plain      residuals(values)
///           3 delta      first varint, residuals(differences)
///           4 delta²     first varint, first difference varint, residuals(differences of differences)
/// residuals base varint, width u8
///           0…64         (bit 7: outliers follow) count · width bits of (value - base) mod 2^64 below 2^width,
///                        outliers: count uvarint, then each: gap to the one before uvarint, what is above width varint
///           65, 66       coded by frequency, see CodedResiduals: from the base upwards, or on both sides of it
/// </code>
/// All arithmetic wraps, so every 64-bit value is fair.
/// </remarks>
internal static class IntegerColumn
{
    private const byte Constant = 0, Linear = 1, Plain = 2, Delta = 3, Delta2 = 4;
    private const byte ShapeMask = 7, UnitFollows = 8;
    private const byte OutliersFollow = 0x80, CodedUpwards = 65, CodedAround = 66;

    /// <summary>Appends a column of at least one value. The count is for the caller to remember.</summary>
    /// <param name="thorough">Look harder for the smallest form: for what is written once and kept.</param>
    public static void Encode(ReadOnlySpan<long> values, ByteWriter to, bool thorough)
    {
        if (TryEncodeLinear(values, to))
        {
            return;
        }

        var rented = ArrayPool<ulong>.Shared.Rent(values.Length * 3);
        var plain = rented.AsSpan(0, values.Length);
        var delta = rented.AsSpan(values.Length, values.Length - 1);
        var delta2 = rented.AsSpan(values.Length * 2, Math.Max(0, values.Length - 2));
        var unit = CommonUnit.Of(values, thorough);
        unit.Divide(values, plain);
        Difference(plain, delta, delta2);

        var plainForm = PackedForm.Choose(plain, thorough);
        var deltaForm = PackedForm.Choose(delta, thorough);
        var delta2Form = PackedForm.Choose(delta2, thorough);
        var packed = Math.Min(plainForm.Bits, Math.Min(deltaForm.Bits, delta2Form.Bits));
        var plainResiduals = ResidualForm.Choose(plain, plainForm, packed, thorough);
        var deltaResiduals = ResidualForm.Choose(delta, deltaForm, packed, thorough);
        var delta2Residuals = ResidualForm.Choose(delta2, delta2Form, packed, thorough);
        var flags = unit.IsOne ? (byte)0 : UnitFollows;
        if (plainResiduals.Bits <= deltaResiduals.Bits && plainResiduals.Bits <= delta2Residuals.Bits)
        {
            to.WriteByte((byte)(Plain | flags));
            unit.Write(to);
            WriteResiduals(plain, plainResiduals, to);
        }
        else if (deltaResiduals.Bits <= delta2Residuals.Bits)
        {
            to.WriteByte((byte)(Delta | flags));
            unit.Write(to);
            to.WriteVarint((long)plain[0]);
            WriteResiduals(delta, deltaResiduals, to);
        }
        else
        {
            to.WriteByte((byte)(Delta2 | flags));
            unit.Write(to);
            to.WriteVarint((long)plain[0]);
            to.WriteVarint((long)delta[0]);
            WriteResiduals(delta2, delta2Residuals, to);
        }

        ArrayPool<ulong>.Shared.Return(rented);
    }

    /// <summary>Decodes as many values as the destination takes.</summary>
    public static void Decode(ref ByteReader from, scoped Span<long> to)
    {
        var mode = from.ReadByte();
        var unit = (mode & UnitFollows) != 0 ? CommonUnit.Read(ref from) : CommonUnit.One;
        DecodeShape(mode & ~UnitFollows, ref from, to);
        unit.Multiply(to);
    }

    private static void DecodeShape(int shape, ref ByteReader from, scoped Span<long> to)
    {
        switch (shape)
        {
            case Constant:
                to.Fill(from.ReadVarint());
                return;
            case Linear:
                DecodeLinear(from.ReadVarint(), from.ReadVarint(), to);
                return;
            case Plain:
                ReadResiduals(ref from, to);
                return;
            case Delta:
                to[0] = from.ReadVarint();
                ReadResiduals(ref from, to[1..]);
                Sum(to);
                return;
            case Delta2 when to.Length > 1:
                to[0] = from.ReadVarint();
                to[1] = from.ReadVarint();
                ReadResiduals(ref from, to[2..]);
                Sum(to[1..]);
                Sum(to);
                return;
            default:
                throw new InvalidDataException($"{shape} is no shape of a column of {to.Length} integers");
        }
    }

    private static bool TryEncodeLinear(ReadOnlySpan<long> values, ByteWriter to)
    {
        if (values.Length == 1)
        {
            to.WriteByte(Constant);
            to.WriteVarint(values[0]);
            return true;
        }

        var step = unchecked(values[1] - values[0]);
        for (var i = 2; i < values.Length; i++)
        {
            if (unchecked(values[i] - values[i - 1]) != step)
            {
                return false;
            }
        }

        to.WriteByte(step == 0 ? Constant : Linear);
        to.WriteVarint(values[0]);
        if (step != 0)
        {
            to.WriteVarint(step);
        }

        return true;
    }

    private static void Difference(ReadOnlySpan<ulong> plain, Span<ulong> delta, Span<ulong> delta2)
    {
        for (var i = 0; i < delta.Length; i++)
        {
            delta[i] = unchecked(plain[i + 1] - plain[i]);
        }

        for (var i = 0; i < delta2.Length; i++)
        {
            delta2[i] = unchecked(delta[i + 1] - delta[i]);
        }
    }

    private static void DecodeLinear(long first, long step, Span<long> to)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = unchecked(first + (step * i));
        }
    }

    private static void Sum(Span<long> values)
    {
        var sum = values[0];
        for (var i = 1; i < values.Length; i++)
        {
            sum = unchecked(sum + values[i]);
            values[i] = sum;
        }
    }

    private static void WriteResiduals(Span<ulong> values, ResidualForm form, ByteWriter to)
    {
        if (form.Coded is not { } coded)
        {
            WritePacked(values, form.Packed, to);
            return;
        }

        to.WriteVarint((long)coded.Centre);
        to.WriteByte(coded.Around ? CodedAround : CodedUpwards);
        CodedResiduals.Encode(values, coded, to);
    }

    private static void WritePacked(Span<ulong> values, PackedForm form, ByteWriter to)
    {
        to.WriteVarint((long)form.Base);
        to.WriteByte((byte)(form.Width | (form.Outliers > 0 ? OutliersFollow : 0)));
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = unchecked(values[i] - form.Base);
        }

        BitPacking.Pack(values, form.Width, to.Take(BitPacking.SizeOf(values.Length, form.Width)));
        if (form.Outliers == 0)
        {
            return;
        }

        to.WriteUvarint((ulong)form.Outliers);
        var before = -1;
        for (var i = 0; i < values.Length; i++)
        {
            if (BitLength(values[i]) > form.Width)
            {
                to.WriteUvarint((ulong)(i - before - 1));
                to.WriteVarint((long)values[i] >> form.Width);
                before = i;
            }
        }
    }

    private static void ReadResiduals(ref ByteReader from, scoped Span<long> to)
    {
        var start = (ulong)from.ReadVarint();
        var shape = from.ReadByte();
        if (shape is CodedUpwards or CodedAround)
        {
            CodedResiduals.Decode(ref from, start, shape == CodedAround, System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(to));
            return;
        }

        var width = shape & 0x7f;
        if (width > 64)
        {
            throw new InvalidDataException($"{width} bits are more than a number has");
        }

        var values = System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(to);
        var packed = from.Rest;
        from.Skip(BitPacking.SizeOf(values.Length, width));
        BitPacking.Unpack(packed, width, values);
        if ((shape & OutliersFollow) != 0)
        {
            ReadOutliers(ref from, width, values);
        }

        if (start != 0)
        {
            AddToAll(values, start);
        }
    }

    private static void ReadOutliers(ref ByteReader from, int width, scoped Span<ulong> values)
    {
        var at = -1;
        for (var left = from.ReadCount(); left > 0; left--)
        {
            at = checked(at + from.ReadCount() + 1);
            if (at >= values.Length)
            {
                throw new InvalidDataException("an outlier lies behind the end of its column");
            }

            values[at] |= (ulong)from.ReadVarint() << width;
        }
    }

    internal static void AddToAll(Span<ulong> values, ulong amount)
    {
        var i = 0;
        if (Vector.IsHardwareAccelerated && values.Length >= Vector<ulong>.Count)
        {
            var amounts = new Vector<ulong>(amount);
            for (; i <= values.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            {
                (new Vector<ulong>(values[i..]) + amounts).CopyTo(values[i..]);
            }
        }

        for (; i < values.Length; i++)
        {
            values[i] = unchecked(values[i] + amount);
        }
    }

    internal static int BitLength(ulong value) => 64 - BitOperations.LeadingZeroCount(value);
}
