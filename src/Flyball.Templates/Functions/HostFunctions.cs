using System.Net;

namespace Flyball.Templates.Functions;

/// <summary>Host names and ports, as Prometheus' templates shorten them.</summary>
internal static class HostFunctions
{
    public static object StripPort(TemplateCall call)
    {
        var text = call.Text(0);
        return TrySplit(text, out var host, out _) ? host : text;
    }

    public static object StripDomain(TemplateCall call)
    {
        var text = call.Text(0);
        var hasPort = TrySplit(text, out var host, out var port);
        host = hasPort ? host : text;
        if (IPAddress.TryParse(host, out _))
        {
            return text;
        }

        host = host.Split('.')[0];
        return !hasPort || port.Length == 0 ? host : host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}";
    }

    // "host:port" and "[v6]:port"; anything else is not split.
    private static bool TrySplit(string text, out string host, out string port)
    {
        (host, port) = ("", "");
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return false;
        }

        host = text[..colon];
        port = text[(colon + 1)..];
        if (host.StartsWith('['))
        {
            if (!host.EndsWith(']'))
            {
                return false;
            }

            host = host[1..^1];
            return !host.AsSpan().ContainsAny('[', ']');
        }

        return !host.AsSpan().ContainsAny(":[]") && !port.AsSpan().ContainsAny('[', ']');
    }
}
