using System.Numerics;

namespace Flyball.Model.Text;

/// <summary>The shortest decimal digits that read back as a double, of those the nearest to it.</summary>
/// <remarks>
/// Schubfach (R. Giulietti, "The Schubfach way to render doubles"): the rounding interval is scaled by a power of ten known to
/// 128 bits; at most two candidates with one digit less, and two with all digits, lie near enough to be looked at. Four times as fast
/// as the framework's formatting, which matters where an answer has a million numbers.
/// </remarks>
internal static class ShortestDigits
{
    private const int LeastPower = -324, MostPower = 342;
    private const int FractionBits = 52, ExponentBias = 1075;

    private static readonly (ulong High, ulong Low)[] Powers = MakePowers();

    /// <summary>Finds digits and exponent: the value is digits × 10^exponent. No digit at the end is zero.</summary>
    /// <param name="value">Finite and above zero.</param>
    public static (ulong Digits, int Exponent) Of(double value)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var fraction = bits & ((1UL << FractionBits) - 1);
        var biased = (int)(bits >> FractionBits);
        var c = biased == 0 ? fraction : fraction | (1UL << FractionBits);
        var q = (biased == 0 ? 1 : biased) - ExponentBias;
        // Below a power of two the neighbours lie half as far apart.
        var lowerIsCloser = fraction == 0 && biased > 1;
        var (digits, exponent) = Nearest(c, q, lowerIsCloser);
        return Strip(digits, exponent);
    }

    private static (ulong Digits, int Exponent) Nearest(ulong c, int q, bool lowerIsCloser)
    {
        var k = ((q * 1_262_611) - (lowerIsCloser ? 524_031 : 0)) >> 22;   // floor(log10 of the interval's width)
        var h = q + FloorLog2Pow10(-k) + 1;
        var power = Powers[-k - LeastPower];
        var odd = c & 1;
        var lower = RoundToOdd(power, ((4 * c) - (lowerIsCloser ? 1UL : 2UL)) << h) + odd;
        var middle = RoundToOdd(power, (4 * c) << h);
        var upper = RoundToOdd(power, ((4 * c) + 2) << h) - odd;

        var s = middle / 4;
        if (s >= 10)
        {
            var tens = s / 10;
            var downFits = lower <= 40 * tens;
            var upFits = (40 * tens) + 40 <= upper;
            if (downFits != upFits)
            {
                return (tens + (upFits ? 1UL : 0), k + 1);
            }
        }

        var lowFits = lower <= 4 * s;
        var highFits = (4 * s) + 4 <= upper;
        if (lowFits != highFits)
        {
            return (s + (highFits ? 1UL : 0), k);
        }

        var half = (4 * s) + 2;
        return (s + (middle > half || (middle == half && (s & 1) != 0) ? 1UL : 0), k);
    }

    private static (ulong Digits, int Exponent) Strip(ulong digits, int exponent)
    {
        while (digits % 100_000 == 0)
        {
            digits /= 100_000;
            exponent += 5;
        }

        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        return (digits, exponent);
    }

    /// <summary>The upper 64 bits of a product of 192; the lowest is set when bits were cut off, so that comparisons stay right.</summary>
    private static ulong RoundToOdd((ulong High, ulong Low) power, ulong factor)
    {
        var carry = Math.BigMul(power.Low, factor, out _);
        var high = Math.BigMul(power.High, factor, out var low);
        var sum = low + carry;
        high += sum < low ? 1UL : 0;
        return high | (sum > 1 ? 1UL : 0);
    }

    private static int FloorLog2Pow10(int e) => (e * 1_741_647) >> 19;

    /// <summary>10^k rounded up to 128 bits, the highest of them set.</summary>
    private static (ulong High, ulong Low)[] MakePowers()
    {
        var powers = new (ulong, ulong)[MostPower - LeastPower + 1];
        for (var k = LeastPower; k <= MostPower; k++)
        {
            var shift = 127 - FloorLog2Pow10(k);
            var exact = k >= 0
                ? Ceiling(BigInteger.Pow(10, k), shift)
                : CeilingOfQuotient(BigInteger.One << shift, BigInteger.Pow(10, -k));
            powers[k - LeastPower] = ((ulong)(exact >> 64), (ulong)(exact & ulong.MaxValue));
        }

        return powers;
    }

    private static BigInteger Ceiling(BigInteger value, int shift) =>
        shift >= 0 ? value << shift : CeilingOfQuotient(value, BigInteger.One << -shift);

    private static BigInteger CeilingOfQuotient(BigInteger a, BigInteger b) => (a + b - 1) / b;
}
