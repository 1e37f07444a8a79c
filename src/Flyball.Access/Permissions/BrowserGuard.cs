using System.Net;
using Microsoft.AspNetCore.Http;

namespace Flyball.Access.Permissions;

/// <summary>Keeps pages of other sites, open in a browser on this machine, from using a server that asks nobody who he is.</summary>
/// <remarks>
/// Two ways in are closed: a page may send simple cross-site requests (told by <c>Origin</c>, which browsers set themselves), and a name of
/// the attacker may resolve to the loopback address (told by <c>Host</c>). Programs send no <c>Origin</c> and are not concerned.
/// Fetch standard, "Origin header"; RFC 9110, section 7.2.
/// </remarks>
internal static class BrowserGuard
{
    /// <summary>Why a request is refused, or null.</summary>
    /// <param name="loopbackOnly">Whether only this machine can reach the server, so that any other name in <c>Host</c> is a trick.</param>
    public static string? Refusal(HttpRequest request, bool loopbackOnly)
    {
        if (loopbackOnly && !IsLocalName(request.Host.Host))
        {
            return $"this server is for this machine only, and \"{request.Host.Host}\" is not its name; open it as 127.0.0.1 or localhost";
        }

        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !HttpMethods.IsOptions(request.Method);
        var origin = request.Headers.Origin.ToString();
        return changes && origin.Length > 0 && !IsSame(origin, request.Host)
            ? $"a page from {origin} may not change anything here; configure access tokens and send one instead"
            : null;
    }

    private static bool IsLocalName(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private static bool IsSame(string origin, HostString host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Authority.Equals(host.Value, StringComparison.OrdinalIgnoreCase);
}
