using System.Buffers.Text;
using System.Numerics;
using System.Text;

namespace Flyball.Model.Text;

/// <summary>Floating point numbers as Prometheus' APIs and formats write them: the shortest digits that read back equal,
/// without exponent (Go's <c>strconv.FormatFloat(v, 'f', -1, 64)</c>).</summary>
public static class GoFloat
{
    /// <summary>Room that is enough for every value: a sign, 309 digits before or 324 + 17 behind the point.</summary>
    public const int MostBytes = 350;

    // Most measured numbers have few decimals. Of at most fifteen digits no two numbers are the same double, so the ones that read back
    // equal are the shortest, and a multiplication finds them in a fifth of the time.
    private const double FewPlacesFactor = 10_000;
    private const double MostOfFewPlaces = 1e15 / FewPlacesFactor;

    /// <summary>Writes a value as UTF-8.</summary>
    /// <param name="destination">At least <see cref="MostBytes"/> long.</param>
    /// <returns>Bytes written.</returns>
    public static int Format(double value, Span<byte> destination)
    {
        if (!double.IsFinite(value))
        {
            ReadOnlySpan<byte> word = double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8;
            word.CopyTo(destination);
            return word.Length;
        }

        // Integers are most of what counters and gauges hold.
        if (Math.Abs(value) < 1e15 && Math.Truncate(value) == value && (value != 0 || !double.IsNegative(value)))
        {
            Utf8Formatter.TryFormat((long)value, destination, out var length);
            return length;
        }

        var at = 0;
        if (double.IsNegative(value))
        {
            destination[at++] = (byte)'-';
            value = -value;
        }

        if (value == 0)
        {
            destination[at++] = (byte)'0';
            return at;
        }

        if (value < MostOfFewPlaces)
        {
            var scaled = (long)((value * FewPlacesFactor) + 0.5);
            if (scaled / FewPlacesFactor == value)
            {
                return at + FewPlaces((ulong)scaled, destination[at..]);
            }
        }

        var (digits, exponent) = ShortestDigits.Of(value);
        return at + Expand(digits, exponent, destination[at..]);
    }

    /// <summary>The value as text.</summary>
    public static string ToText(double value)
    {
        Span<byte> utf8 = stackalloc byte[MostBytes];
        return Encoding.ASCII.GetString(utf8[..Format(value, utf8)]);
    }

    // 12500  →  1.25        73  →  0.0073
    private static int FewPlaces(ulong tenThousandths, Span<byte> to)
    {
        var (whole, rest) = Math.DivRem(tenThousandths, 10_000);
        Utf8Formatter.TryFormat(whole, to, out var at);
        to[at++] = (byte)'.';
        var (high, low) = Math.DivRem((uint)rest, 100);
        to[at + 3] = (byte)('0' + (low % 10));
        to[at + 2] = (byte)('0' + (low / 10));
        to[at + 1] = (byte)('0' + (high % 10));
        to[at] = (byte)('0' + (high / 10));
        at += 4;
        while (to[at - 1] == '0')
        {
            at--;
        }

        return at;
    }

    // 125, -2  →  1.25        125, 20  →  12500000000000000000000        125, -5  →  0.00125
    private static int Expand(ulong digits, int exponent, Span<byte> to)
    {
        if (exponent >= 0)
        {
            Utf8Formatter.TryFormat(digits, to, out var length);
            to.Slice(length, exponent).Fill((byte)'0');
            return length + exponent;
        }

        var count = CountDigits(digits);
        var whole = count + exponent;
        if (whole > 0)
        {
            // One place further on, so that only what stands before the point must move.
            Utf8Formatter.TryFormat(digits, to[1..], out _);
            to.Slice(1, whole).CopyTo(to);
            to[whole] = (byte)'.';
            return count + 1;
        }

        "0."u8.CopyTo(to);
        to.Slice(2, -whole).Fill((byte)'0');
        Utf8Formatter.TryFormat(digits, to[(2 - whole)..], out _);
        return 2 - whole + count;
    }

    private static int CountDigits(ulong value)
    {
        // 1233 / 4096 is a little more than the logarithm of two.
        var guess = ((64 - BitOperations.LeadingZeroCount(value)) * 1233) >> 12;
        return guess + (value >= PowersOfTen[guess] ? 1 : 0);
    }

    private static ReadOnlySpan<ulong> PowersOfTen =>
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000, 10_000_000_000_000_000,
        100_000_000_000_000_000, 1_000_000_000_000_000_000, 10_000_000_000_000_000_000,
    ];
}
