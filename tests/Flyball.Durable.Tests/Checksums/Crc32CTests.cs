using Flyball.Durable.Checksums;

namespace Flyball.Durable.Tests.Checksums;

public sealed class Crc32CTests
{
    [Fact]
    public void Gives_the_values_of_rfc_3720()
    {
        var rising = Enumerable.Range(0, 32).Select(i => (byte)i).ToArray();
        Assert.Equal(0x8a9136aau, Crc32C.Of(new byte[32]));
        Assert.Equal(0x62a8ab43u, Crc32C.Of(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        Assert.Equal(0x46dd794eu, Crc32C.Of(rising));
        Assert.Equal(0xe3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(Crc32C.Of(rising), Crc32C.Of(rising.AsSpan(0, 13), rising.AsSpan(13)));
    }
}
