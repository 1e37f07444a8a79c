using FsCheck;
using FsCheck.Fluent;
using Flyball.Metrics.Pages;
using Flyball.Metrics.Wal;

namespace Flyball.Metrics.Tests.Wal;

public sealed class PackedValuesTests
{
    [Theory]
    [InlineData(0.0, 1)]
    [InlineData(15.0, 1)]
    [InlineData(-1.0, 1)]
    [InlineData(123456.0, 3)]
    [InlineData(1234.56, 3)]
    [InlineData(0.5, 2)]
    [InlineData(-0.0, 9)]
    [InlineData(0.1234567, 9)]
    [InlineData(double.NaN, 9)]
    [InlineData(double.NegativeInfinity, 9)]
    [InlineData(-9223372036854775808.0, 9)]
    [InlineData(9223372036854775807.0, 9)]
    [InlineData(double.MaxValue, 9)]
    [InlineData(double.Epsilon, 9)]
    public void A_value_takes_the_bytes_it_needs_and_comes_back_bit_by_bit(double value, int bytes)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var packed = new ByteWriter();
        PackedValues.Write([bits], packed);
        Assert.Equal(bytes, packed.Length);
        Assert.Equal([bits], Read(packed, 1));
    }

    [Fact]
    public void Any_bits_come_back() => Prop.ForAll(
        ArbMap.Default.ArbFor<ulong[]>(),
        bits =>
        {
            var packed = new ByteWriter();
            PackedValues.Write(bits, packed);
            return Read(packed, bits.Length).SequenceEqual(bits);
        }).QuickCheckThrowOnFailure();

    private static ulong[] Read(ByteWriter packed, int count)
    {
        var bits = new ulong[count];
        var from = new ByteReader(packed.Written);
        PackedValues.Read(ref from, bits);
        Assert.True(from.AtEnd);
        return bits;
    }
}
