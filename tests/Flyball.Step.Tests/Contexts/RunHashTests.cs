extern alias step;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using RunHash = step::Flyball.Model.Runs.RunHash;

namespace Flyball.Step.Tests.Contexts;

public sealed class RunHashTests
{
    [Fact]
    public void Is_the_frameworks_sha256_for_any_bytes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => RunHash.Compute(bytes).SequenceEqual(SHA256.HashData(bytes)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Is_the_frameworks_sha256_for_every_length_around_the_block()
    {
        for (var length = 0; length < 200; length++)
        {
            var bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            Assert.Equal(SHA256.HashData(bytes), RunHash.Compute(bytes));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(55)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(131_073)]
    public void Is_the_same_for_a_stream(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        Assert.Equal(SHA256.HashData(bytes), RunHash.Compute(new MemoryStream(bytes)));
    }
}
