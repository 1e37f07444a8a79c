using Flyball.Server.Configuration;

namespace Flyball.Server.Hosting;

/// <summary>Where a server listens: what the command line says, else what the configuration says.</summary>
internal sealed record EffectiveListen(ListenAddress Http, ListenAddress? OtlpGrpc, ListenAddress? OtlpHttp)
{
    /// <summary>All addresses.</summary>
    public IEnumerable<ListenAddress> All
    {
        get
        {
            yield return Http;
            if (OtlpGrpc is not null)
            {
                yield return OtlpGrpc;
            }

            if (OtlpHttp is not null)
            {
                yield return OtlpHttp;
            }
        }
    }

    public static EffectiveListen Of(ServerOptions options, ListenConfig config) => new(
        options.Listen ?? config.Http, Choose(options.OtlpGrpc, config.OtlpGrpc), Choose(options.OtlpHttp, config.OtlpHttp));

    private static ListenAddress? Choose(string? option, ListenAddress? config)
    {
        if (option is null)
        {
            return config;
        }

        return ListenAddress.TryParse(option, out var address, out var error) ? address : throw new ServerStartException(error);
    }
}
