using Flyball.Access.Permissions;
using Microsoft.AspNetCore.Http;

namespace Flyball.Access.Tests;

public sealed class BrowserGuardTests
{
    [Theory]
    [InlineData("GET", "127.0.0.1:9090", null, true)]
    [InlineData("GET", "localhost:9090", "https://evil.example", true)]
    [InlineData("POST", "127.0.0.1:9090", null, true)]
    [InlineData("POST", "127.0.0.1:9090", "http://127.0.0.1:9090", true)]
    [InlineData("POST", "[::1]:9090", "http://[::1]:9090", true)]
    [InlineData("POST", "127.0.0.1:9090", "https://evil.example", false)]
    [InlineData("POST", "127.0.0.1:9090", "http://127.0.0.1:8080", false)]
    [InlineData("POST", "127.0.0.1:9090", "null", false)]
    [InlineData("GET", "evil.example:9090", null, false)]
    [InlineData("GET", "127.0.0.1.evil.example", null, false)]
    public void Pages_of_other_sites_change_nothing_and_other_names_are_not_answered(string method, string host, string? origin, bool passes) =>
        Assert.Equal(passes, BrowserGuard.Refusal(Request(method, host, origin), loopbackOnly: true) is null);

    [Fact]
    public void Server_that_others_may_reach_answers_to_any_name() =>
        Assert.Null(BrowserGuard.Refusal(Request("POST", "flyball.internal:9090", origin: null), loopbackOnly: false));

    private static HttpRequest Request(string method, string host, string? origin)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Host = new HostString(host);
        if (origin is not null)
        {
            request.Headers.Origin = origin;
        }

        return request;
    }
}
