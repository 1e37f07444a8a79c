namespace Shop;

/// <summary>How this shop runs.</summary>
/// <param name="ServiceVersion"><c>v1</c> or <c>v2</c>; v2 has the slow checkout.</param>
/// <param name="Listen">Address to listen on.</param>
/// <param name="OtlpEndpoint">OTLP over HTTP; null = no traces.</param>
internal sealed record ShopSettings(string ServiceVersion, string Listen, Uri? OtlpEndpoint)
{
    /// <summary>From arguments <c>--service-version</c> and <c>--listen</c>, or variables SHOP_VERSION and SHOP_LISTEN.</summary>
    public static ShopSettings Read(string[] arguments)
    {
        var version = Of(arguments, "--service-version") ?? Environment.GetEnvironmentVariable("SHOP_VERSION") ?? "v1";
        if (version is not ("v1" or "v2"))
        {
            throw new ArgumentException($"there is no version {version} of the shop; it is v1 or v2", nameof(arguments));
        }

        var endpoint = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
        return new ShopSettings(
            version,
            Of(arguments, "--listen") ?? Environment.GetEnvironmentVariable("SHOP_LISTEN") ?? "http://127.0.0.1:8080",
            string.IsNullOrEmpty(endpoint) ? null : new Uri(endpoint.TrimEnd('/') + "/v1/traces"));
    }

    private static string? Of(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is var at and >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
