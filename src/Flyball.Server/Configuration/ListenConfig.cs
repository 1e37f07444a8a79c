using Flyball.Configuration;
using Flyball.Server.Hosting;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>listen</c>: where the server can be reached.</summary>
/// <param name="Http">Everything: console, APIs, webhooks, OTLP/HTTP.</param>
/// <param name="OtlpGrpc">OTLP over gRPC; null = not offered.</param>
/// <param name="OtlpHttp">OTLP over HTTP on its customary port; null = only on <paramref name="Http"/>.</param>
public sealed record ListenConfig(ListenAddress Http, ListenAddress? OtlpGrpc, ListenAddress? OtlpHttp)
{
    /// <summary>Loopback, on the ports everybody expects.</summary>
    public static readonly ListenConfig Default = new(
        new ListenAddress(System.Net.IPAddress.Loopback, 9090),
        new ListenAddress(System.Net.IPAddress.Loopback, 4317),
        new ListenAddress(System.Net.IPAddress.Loopback, 4318));

    /// <summary>Reads the section; null is <see cref="Default"/>.</summary>
    public static ListenConfig Load(YamlSection? section)
    {
        if (section is null)
        {
            return Default;
        }

        var http = Read(section, "http", Default.Http);
        if (http is null)
        {
            section.Report("http", "the main address cannot be \"none\"");
        }

        var grpc = Read(section, "otlp_grpc", Default.OtlpGrpc);
        var otlp = Read(section, "otlp_http", Default.OtlpHttp);
        section.Finish();
        return new ListenConfig(http ?? Default.Http, grpc, otlp);
    }

    private static ListenAddress? Read(YamlSection section, string key, ListenAddress? otherwise)
    {
        if (section.Text(key) is not { } text)
        {
            return otherwise;
        }

        if (ListenAddress.TryParse(text, out var address, out var error))
        {
            return address;
        }

        section.Report(key, error);
        return otherwise;
    }
}
