using Flyball.Server.Hosting;

namespace Flyball.Server.Tests.Hosting;

public sealed class ListenGuardTests
{
    [Theory]
    [InlineData("127.0.0.1:9090", "http://127.0.0.1:9090")]
    [InlineData("localhost:0", "http://127.0.0.1:0")]
    [InlineData("[::1]:9090", "http://[::1]:9090")]
    [InlineData(":9090", "http://[::]:9090")]
    public void Addresses_are_read(string text, string expected)
    {
        Assert.True(ListenAddress.TryParse(text, out var address, out _));
        Assert.Equal(expected, address?.ToString());
    }

    [Theory]
    [InlineData("9090")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("example.com:80")]
    public void What_is_no_address_is_refused_with_an_example(string text)
    {
        Assert.False(ListenAddress.TryParse(text, out _, out var error));
        Assert.Contains("127.0.0.1:", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:9090", false, false, true)]
    [InlineData("[::1]:9090", false, false, true)]
    [InlineData("0.0.0.0:9090", false, false, false)]
    [InlineData(":9090", false, false, false)]
    [InlineData("192.168.1.7:9090", false, false, false)]
    [InlineData("0.0.0.0:9090", true, false, true)]
    [InlineData("0.0.0.0:9090", false, true, true)]
    public void Only_loopback_needs_no_access_control(string text, bool access, bool insecure, bool allowed)
    {
        Assert.True(ListenAddress.TryParse(text, out var address, out _));
        Assert.Equal(allowed, ListenGuard.Refusal([address!], access, insecure) is null);
    }

    [Fact]
    public void Refusal_says_every_way_out()
    {
        Assert.True(ListenAddress.TryParse("0.0.0.0:9090", out var address, out _));
        var refusal = ListenGuard.Refusal([address!], accessConfigured: false, insecure: false);
        Assert.Contains("--listen 127.0.0.1:9090", refusal, StringComparison.Ordinal);
        Assert.Contains("access", refusal, StringComparison.Ordinal);
        Assert.Contains("--insecure", refusal, StringComparison.Ordinal);
    }
}
