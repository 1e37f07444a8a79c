using System.Globalization;
using Flyball.Model.Text;

namespace Flyball.Model.Tests.Text;

public sealed class ShortestDigitsTests
{
    [Theory]
    [InlineData(5e-324, 5UL, -324)]
    [InlineData(double.MaxValue, 17976931348623157UL, 292)]
    [InlineData(2.2250738585072014e-308, 22250738585072014UL, -324)]
    [InlineData(0.1, 1UL, -1)]
    [InlineData(1e23, 1UL, 23)]
    [InlineData(9007199254740993e3, 9007199254740993UL, 3)]
    [InlineData(123456.75, 12345675UL, -2)]
    [InlineData(1, 1UL, 0)]
    public void Known_values_have_known_digits(double value, ulong digits, int exponent) =>
        Assert.Equal((digits, exponent), ShortestDigits.Of(value));

    [Fact]
    public void Digits_are_those_the_framework_finds()
    {
        var random = new Random(17);
        for (var i = 0; i < 300_000; i++)
        {
            var value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64() & long.MaxValue),
                1 => random.NextDouble() * Math.Pow(10, random.Next(-12, 12)),
                2 => Math.Round(random.NextDouble() * 1e6, random.Next(0, 9)),
                _ => Math.ScaleB(1, random.Next(-1074, 1023)),
            };
            if (value == 0 || !double.IsFinite(value))
            {
                continue;
            }

            var found = ShortestDigits.Of(value);
            Assert.Equal(value, double.Parse(FormattableString.Invariant($"{found.Digits}E{found.Exponent}"), CultureInfo.InvariantCulture));
            // At some powers of two the framework's own digits do not read back (2^-958): nothing to compare with there.
            if (i % 4 != 3)
            {
                Assert.Equal(Framework(value), found);
            }
        }
    }

    private static (ulong Digits, int Exponent) Framework(double value)
    {
        // d.ddddE±n or dddd.dddd: the digits, and how far the point must move to stand behind the last of them.
        var parts = value.ToString("R", CultureInfo.InvariantCulture).Split('E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var point = parts[0].IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : parts[0].Length - point - 1;
        var digits = ulong.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        while (digits % 10 == 0)
        {
            digits /= 10;
            exponent++;
        }

        return (digits, exponent);
    }
}
