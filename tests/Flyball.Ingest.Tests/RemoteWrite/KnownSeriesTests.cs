using Flyball.Ingest.RemoteWrite;
using Flyball.Model.Samples;

namespace Flyball.Ingest.Tests.RemoteWrite;

public sealed class KnownSeriesTests
{
    [Fact]
    public void What_was_remembered_is_found_in_any_order_and_nothing_else()
    {
        var known = new KnownSeries();
        var keys = Enumerable.Range(0, 20_000).Select(i => WireKey.Of(BitConverter.GetBytes(i))).ToArray();
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.False(known.TryFind(keys[i], out _));
            known.Remember(keys[i], new SeriesRef((ulong)i + 1));
        }

        new Random(3).Shuffle(keys);
        foreach (var key in keys)
        {
            Assert.True(known.TryFind(key, out var found));
            Assert.Equal(key, WireKey.Of(BitConverter.GetBytes((int)found.Value - 1)));
        }
    }

    [Fact]
    public void A_changed_handle_takes_the_place_of_the_old_one()
    {
        var known = new KnownSeries();
        var key = WireKey.Of("a"u8);
        known.Remember(key, new SeriesRef(1));
        known.Remember(key, new SeriesRef(2));
        Assert.True(known.TryFind(key, out var found));
        Assert.Equal(2UL, found.Value);
        Assert.Equal(1, known.Count);
    }

    [Fact]
    public void Series_that_are_not_sent_any_more_make_room()
    {
        var known = new KnownSeries();
        var alive = Enumerable.Range(0, 300).Select(i => WireKey.Of(BitConverter.GetBytes(-i - 1))).ToArray();
        for (var round = 0; round < 500; round++)
        {
            foreach (var key in alive)
            {
                if (!known.TryFind(key, out _))
                {
                    known.Remember(key, new SeriesRef(7));
                }
            }

            for (var i = 0; i < 100; i++)
            {
                known.Remember(WireKey.Of(BitConverter.GetBytes((round * 100) + i)), new SeriesRef(9));
            }
        }

        Assert.InRange(known.Count, 300, 16_384);
        Assert.All(alive, key => Assert.True(known.TryFind(key, out _)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(170)]
    public void Every_byte_and_the_length_count(int length)
    {
        var bytes = new byte[length];
        var keys = new HashSet<WireKey> { WireKey.Of(bytes), WireKey.Of(new byte[length + 1]) };
        for (var i = 0; i < length; i++)
        {
            bytes[i] = 1;
            keys.Add(WireKey.Of(bytes));
            bytes[i] = 0;
        }

        Assert.Equal(length + 2, keys.Count);
    }
}
