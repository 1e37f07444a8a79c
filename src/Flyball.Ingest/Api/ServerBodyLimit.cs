using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flyball.Ingest.Api;

/// <summary>The web server's own limit for bodies, which the receivers here replace by theirs.</summary>
internal static class ServerBodyLimit
{
    /// <summary>Lifts it for one request; to be called before the body is read.</summary>
    /// <remarks>The server answers a body over its limit by closing the connection: a sender that is still writing sees a broken pipe
    /// instead of 413 and comes again for ever. Readers that stop by themselves leave the rest to be read and thrown away, for
    /// as long as the server waits for the rest of any body.</remarks>
    public static void Lift(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }
    }
}
