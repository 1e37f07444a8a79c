using System.Runtime.InteropServices;
using Flyball.Metrics.Pages;
using Flyball.Model.Samples;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Metrics.Tests.Pages;

public sealed class ColumnTests
{
    private static readonly Config Many = Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(300);

    [Fact]
    public void Integers_of_any_kind_come_back()
    {
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<long>>(), v => ComeBack(v.Get)));
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<int>>(), v => ComeBack([.. v.Get.Select(i => (long)i)])));
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<long>>(), v => ComeBack([.. v.Get.Select(i => i * 0x1234_5678_9abc_def)])));
    }

    [Theory]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MinValue, long.MaxValue)]
    [InlineData(5L)]
    [InlineData(5L, 5L)]
    [InlineData(0L, 15000L, 30000L, 45000L)]
    [InlineData(1L, 2L, 3L, 2L, 1L)]
    public void Integers_at_the_edges_come_back(params long[] values) => Assert.True(ComeBack(values));

    [Fact]
    public void A_counter_that_is_reset_costs_little_more_than_one_that_is_not()
    {
        var random = new Random(7);
        var steady = new long[500];
        for (var i = 1; i < steady.Length; i++)
        {
            steady[i] = steady[i - 1] + random.Next(60, 64);
        }

        var reset = steady.Select((v, i) => i < 250 ? v + 1_000_000_000 : v - steady[250]).ToArray();
        Assert.InRange(SizeOf(reset), SizeOf(steady), SizeOf(steady) + 20);
    }

    [Fact]
    public void Regular_times_cost_a_few_bytes_however_many_there_are() =>
        Assert.InRange(SizeOf([.. Enumerable.Range(0, 1000).Select(i => 1_700_000_000_000 + (i * 15_000L))]), 1, 11);

    [Fact]
    public void Doubles_of_any_bits_come_back() =>
        Check.One(Many, Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<long>>(), v =>
            ComeBack(MemoryMarshal.Cast<long, double>(v.Get.Select(i => i * 0x9e37_79b9_7f4a_7c15.GetHashCode() * i).ToArray()).ToArray())));

    [Fact]
    public void Doubles_that_people_measure_come_back()
    {
        var special = new[]
        {
            double.NaN, StaleMarker.Value, StaleMarker.NormalNaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, double.Epsilon,
            double.MaxValue, double.MinValue, 1e15, 9007199254740992, 9007199254740993, -9007199254740992, 0.1, 1 / 3.0,
            BitConverter.UInt64BitsToDouble(0x7ff0_0000_dead_beef), BitConverter.UInt64BitsToDouble(0xfff8_0000_0000_0001),
        };
        var random = new Random(11);
        for (var round = 0; round < 3000; round++)
        {
            var places = random.Next(0, 17);
            var scale = Math.Pow(10, random.Next(0, 12));
            var values = new double[random.Next(1, 300)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = random.Next(0, 25) == 0
                    ? special[random.Next(special.Length)]
                    : places > 15 ? random.NextDouble() : Math.Round((random.NextDouble() - 0.2) * scale, places);
            }

            Assert.True(ComeBack(values), $"round {round}");
        }

        foreach (var value in special)
        {
            Assert.True(ComeBack([value]));
            Assert.True(ComeBack([value, value, value]));
        }
    }

    [Fact]
    public void Decimals_cost_less_than_a_xor_chain()
    {
        var random = new Random(3);
        var values = Enumerable.Range(0, 500).Select(_ => random.Next(0, 10000) / 100.0).ToArray();
        var column = new ByteWriter();
        DoubleColumn.Encode(values, column, thorough: true);
        var chain = new ByteWriter();
        XorColumn.Encode(MemoryMarshal.Cast<double, ulong>(values), chain);
        Assert.True(column.Length * 3 < chain.Length, $"{column.Length} against {chain.Length}");
    }

    [Fact]
    public void Noise_of_every_kind_comes_back_and_never_costs_more_than_packed()
    {
        var random = new Random(17);
        for (var round = 0; round < 400; round++)
        {
            var values = new long[random.Next(1, 2049)];
            var unit = random.Next(0, 3) == 0 ? random.Next(1, 5000) : 1;
            var scale = Math.Pow(2, random.Next(0, 50));
            var chance = Math.Pow(random.NextDouble(), 3);
            for (var i = 1; i < values.Length; i++)
            {
                var step = random.NextDouble() < chance ? (long)(-Math.Log(1 - random.NextDouble()) * scale) : 0;
                values[i] = unchecked((round % 3 == 0 ? values[i - 1] : 0) + ((round % 2 == 0 ? step : step - (long)scale) * unit));
            }

            Assert.True(ComeBack(values), $"round {round}");
        }
    }

    [Fact]
    public void A_counter_that_seldom_moves_costs_a_fraction_of_a_bit_per_value()
    {
        var random = new Random(5);
        var values = new long[1920];
        for (var i = 1; i < values.Length; i++)
        {
            values[i] = values[i - 1] + (random.Next(0, 20) == 0 ? 1 : 0);
        }

        // The entropy is 0.29 bits; packed it would be one whole bit.
        Assert.InRange(SizeOf(values) * 8.0 / values.Length, 0.2, 0.4);
    }

    [Fact]
    public void A_common_unit_costs_nothing()
    {
        var random = new Random(6);
        var steps = Enumerable.Range(0, 1000).Select(_ => (long)random.Next(0, 100)).ToArray();
        Assert.InRange(SizeOf([.. steps.Select(s => 77 + (s * 12_000))]), SizeOf(steps), SizeOf(steps) + 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(57)]
    [InlineData(58)]
    [InlineData(64)]
    public void Packed_numbers_of_any_count_come_back(int width)
    {
        var random = new Random(width);
        for (var count = 0; count < 150; count++)
        {
            var values = Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (64 - width)).ToArray();
            var packed = new byte[BitPacking.SizeOf(count, width)];
            BitPacking.Pack(values, width, packed);
            var back = new ulong[count];
            BitPacking.Unpack(packed, width, back);
            Assert.Equal(values, back);
        }
    }

    private static bool ComeBack(long[] values) => new[] { true, false }.All(thorough =>
    {
        var column = new ByteWriter();
        IntegerColumn.Encode(values, column, thorough);
        column.WriteByte(0xaa);
        var from = new ByteReader(column.Written);
        var back = new long[values.Length];
        IntegerColumn.Decode(ref from, back);
        return values.SequenceEqual(back) && from.Remaining == 1;
    });

    private static bool ComeBack(double[] values) => new[] { true, false }.All(thorough =>
    {
        var column = new ByteWriter();
        DoubleColumn.Encode(values, column, thorough);
        column.WriteByte(0xaa);
        var from = new ByteReader(column.Written);
        var back = new double[values.Length];
        DoubleColumn.Decode(ref from, back);
        return MemoryMarshal.Cast<double, long>(values).SequenceEqual(MemoryMarshal.Cast<double, long>(back)) && from.Remaining == 1;
    });

    private static int SizeOf(long[] values)
    {
        var column = new ByteWriter();
        IntegerColumn.Encode(values, column, thorough: true);
        return column.Length;
    }
}
