using System.Net;

namespace Flyball.Server.Hosting;

/// <summary>An address to listen on: <c>127.0.0.1:9090</c>, <c>[::1]:9090</c>, <c>localhost:9090</c>, <c>:9090</c> (everywhere) or
/// <c>none</c>.</summary>
public sealed record ListenAddress(IPAddress Address, int Port)
{
    /// <summary>Whether only this machine can reach it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>Reads an address.</summary>
    /// <returns>False with a reason when the text is none.</returns>
    public static bool TryParse(string text, out ListenAddress? address, out string error)
    {
        address = null;
        error = "";
        if (text is "none" or "off")
        {
            return true;
        }

        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (colon < 0 || !int.TryParse(text.AsSpan(colon + 1), out var port) || port is < 0 or > 65535)
        {
            error = $"\"{text}\" is no address to listen on; write host:port, e.g. 127.0.0.1:9090, or none";
            return false;
        }

        IPAddress? ip = host switch
        {
            "" or "*" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            _ => IPAddress.TryParse(host.Trim('[', ']'), out var parsed) ? parsed : null,
        };
        if (ip is null)
        {
            error = $"\"{host}\" is neither an IP address nor localhost; write e.g. 127.0.0.1:{port}";
            return false;
        }

        address = new ListenAddress(ip, port);
        return true;
    }

    /// <summary>As a URL base, e.g. <c>http://127.0.0.1:9090</c>.</summary>
    public override string ToString() =>
        Address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"http://[{Address}]:{Port}" : $"http://{Address}:{Port}";
}
