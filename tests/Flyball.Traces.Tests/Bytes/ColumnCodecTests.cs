using FsCheck;
using FsCheck.Fluent;
using Flyball.Traces.Bytes;

namespace Flyball.Traces.Tests.Bytes;

public class ColumnCodecTests
{
    [Fact]
    public void Any_column_comes_back()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<ulong[]>(), values => RoundTrips(values)).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), values => RoundTrips([.. values.Select(v => (ulong)v)])).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(5000)]
    public void Columns_of_every_habit_come_back(int count)
    {
        var random = new Random(count);
        Func<int, ulong>[] habits =
        [
            _ => 7,
            _ => 0,
            _ => ulong.MaxValue,
            i => (ulong)i,
            i => (ulong)i * 1_000_000,
            i => (ulong)(i / 50) * 12345,
            i => i % 97 == 0 ? ulong.MaxValue : 3,
            _ => (ulong)random.Next(5) * 0x1234_5678_9ABC,
            _ => (ulong)random.NextInt64(),
            _ => 1UL << random.Next(64),
            i => ulong.MaxValue - (ulong)i,
        ];
        foreach (var habit in habits)
        {
            Assert.True(RoundTrips([.. Enumerable.Range(0, count).Select(habit)]));
        }
    }

    [Fact]
    public void Regular_columns_cost_almost_nothing()
    {
        Assert.InRange(SizeOf(i => 1_700_000_000_000_000_000UL + ((ulong)i * 1_000_000)), 0, 150);
        Assert.InRange(SizeOf(i => (ulong)(i / 50)), 0, 100);
        Assert.InRange(SizeOf(i => (ulong)(i % 3) * 1_000_003), 0, 1200);

        static int SizeOf(Func<int, ulong> habit)
        {
            var writer = new ByteWriter();
            ColumnCodec.Write([.. Enumerable.Range(0, 4096).Select(habit)], writer, thorough: true);
            return writer.Length;
        }
    }

    [Fact]
    public void Broken_bytes_are_named_as_such()
    {
        var random = new Random(3);
        var writer = new ByteWriter();
        ColumnCodec.Write([.. Enumerable.Range(0, 500).Select(_ => (ulong)random.Next(9) * 77)], writer, thorough: true);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = writer.Written[..random.Next(writer.Length + 1)].ToArray();
            for (var j = random.Next(3); j > 0 && bytes.Length > 0; j--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                var reader = new ByteReader(bytes);
                ColumnCodec.Read(ref reader, new ulong[500]);
            }
            catch (InvalidDataException)
            {
            }

            try
            {
                var reader = new ByteReader(bytes);
                ColumnCodec.Skip(ref reader, 500);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    private static bool RoundTrips(ulong[] values)
    {
        foreach (var thorough in (ReadOnlySpan<bool>)[false, true])
        {
            var writer = new ByteWriter();
            ColumnCodec.Write(values, writer, thorough);
            var reader = new ByteReader(writer.Written);
            var read = new ulong[values.Length];
            ColumnCodec.Read(ref reader, read);
            var passed = new ByteReader(writer.Written);
            ColumnCodec.Skip(ref passed, values.Length);
            if (!read.AsSpan().SequenceEqual(values) || !reader.AtEnd || !passed.AtEnd)
            {
                return false;
            }
        }

        return true;
    }
}
