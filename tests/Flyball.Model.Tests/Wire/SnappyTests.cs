using System.Buffers;
using Flyball.Model.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Flyball.Model.Tests.Wire;

public sealed class SnappyTests
{
    private const int Limit = 1 << 20;

    [Fact]
    public void Whatever_another_implementation_encodes_is_decoded() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<PositiveInt>(), (bytes, repeat) =>
        {
            var content = Enumerable.Repeat(bytes, repeat.Get % 50).SelectMany(b => b).ToArray();
            return Decode(IronSnappy.Snappy.Encode(content)).SequenceEqual(content);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Long_literals_and_far_copies_are_decoded()
    {
        var random = new Random(4);
        var content = new byte[300_000];
        random.NextBytes(content.AsSpan(0, 100_000));
        content.AsSpan(0, 100_000).CopyTo(content.AsSpan(150_000));
        Assert.Equal(content, Decode(IronSnappy.Snappy.Encode(content)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ff")]
    [InlineData("ffffffffff01")]
    [InlineData("05")]
    [InlineData("0500")]
    [InlineData("0110616161")]
    [InlineData("040061090A")]
    [InlineData("04006105FF")]
    [InlineData("FF")]
    [InlineData("FFFF3F00")]
    [InlineData("01F4")]
    [InlineData("01FCFFFFFFFF")]
    [InlineData("0803FFFFFFFF")]
    public void Malformed_blocks_are_refused(string hex) =>
        Assert.Throws<InvalidDataException>(() => Decode(Convert.FromHexString(hex)));

    [Fact]
    public void Damage_is_refused_or_decoded_but_never_breaks_the_decoder()
    {
        var random = new Random(7);
        var good = IronSnappy.Snappy.Encode([.. Enumerable.Range(0, 2000).Select(i => (byte)(i / 7))]);
        for (var round = 0; round < 5_000; round++)
        {
            var bad = good.AsSpan(0, random.Next(good.Length + 1)).ToArray();
            for (var hit = random.Next(4); hit > 0 && bad.Length > 0; hit--)
            {
                bad[random.Next(bad.Length)] = (byte)random.Next(256);
            }

            try
            {
                Decode(bad);
            }
            catch (InvalidDataException)
            {
                // The only exception allowed.
            }
        }
    }

    [Fact]
    public void An_announced_length_beyond_reason_takes_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => Decode([0xff, 0xff, 0x3f, 0]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public void Whatever_is_encoded_comes_back_here_and_elsewhere() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<PositiveInt>(), (bytes, repeat) =>
        {
            var content = Enumerable.Repeat(bytes, repeat.Get % 50).SelectMany(b => b).ToArray();
            var block = Encode(content);
            return Decode(block).SequenceEqual(content) && IronSnappy.Snappy.Decode(block).SequenceEqual(content);
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(59)]
    [InlineData(60)]
    [InlineData(61)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(300_000)]
    public void Noise_of_any_length_comes_back(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        Assert.Equal(content, Decode(Encode(content)));
        Assert.Equal(content, IronSnappy.Snappy.Decode(Encode(content)));
    }

    [Fact]
    public void Repetition_is_packed()
    {
        var content = Enumerable.Range(0, 100_000).Select(i => (byte)(i % 97)).ToArray();
        var block = Encode(content);
        Assert.InRange(block.Length, 1, 7_000);
        Assert.Equal(content, Decode(block));
    }

    private static byte[] Encode(byte[] content)
    {
        var output = new ArrayBufferWriter<byte>();
        Snappy.Encode(content, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Decode(byte[] block)
    {
        var output = new ArrayBufferWriter<byte>();
        Snappy.Decode(block, Limit, output);
        return output.WrittenSpan.ToArray();
    }
}
