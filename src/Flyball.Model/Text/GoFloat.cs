using System.Buffers.Text;
using System.Text;

namespace Flyball.Model.Text;

/// <summary>Floating point numbers as Prometheus' APIs and formats write them: the shortest digits that read back equal,
/// without exponent (Go's <c>strconv.FormatFloat(v, 'f', -1, 64)</c>).</summary>
public static class GoFloat
{
    /// <summary>Room that is enough for every value: a sign, 309 digits before or 324 + 17 behind the point.</summary>
    public const int MostBytes = 350;

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

        Span<byte> shortest = stackalloc byte[32];
        Utf8Formatter.TryFormat(value, shortest, out var written);
        shortest = shortest[..written];
        var e = shortest.IndexOf((byte)'E');
        if (e < 0)
        {
            shortest.CopyTo(destination);
            return written;
        }

        return Expand(shortest[..e], ParseExponent(shortest[(e + 1)..]), destination);
    }

    /// <summary>The value as text.</summary>
    public static string ToText(double value)
    {
        Span<byte> utf8 = stackalloc byte[MostBytes];
        return Encoding.ASCII.GetString(utf8[..Format(value, utf8)]);
    }

    private static int ParseExponent(ReadOnlySpan<byte> digits) => int.Parse(digits);

    // "-1.25", 20  →  -125000000000000000000
    private static int Expand(ReadOnlySpan<byte> mantissa, int exponent, Span<byte> destination)
    {
        var at = 0;
        if (mantissa[0] == '-')
        {
            destination[at++] = (byte)'-';
            mantissa = mantissa[1..];
        }

        Span<byte> digits = stackalloc byte[24];
        var count = 0;
        foreach (var c in mantissa)
        {
            if (c != '.')
            {
                digits[count++] = c;
            }
        }

        var point = exponent + 1;
        if (point <= 0)
        {
            destination[at++] = (byte)'0';
            destination[at++] = (byte)'.';
            destination.Slice(at, -point).Fill((byte)'0');
            at -= point;
            digits[..count].CopyTo(destination[at..]);
            return at + count;
        }

        for (var i = 0; i < Math.Max(point, count); i++)
        {
            if (i == point)
            {
                destination[at++] = (byte)'.';
            }

            destination[at++] = i < count ? digits[i] : (byte)'0';
        }

        return at;
    }
}
