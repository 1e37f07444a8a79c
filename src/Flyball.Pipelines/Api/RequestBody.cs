using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Flyball.Pipelines.Api;

/// <summary>Reads what a sender sends, unpacked and bounded.</summary>
internal static class RequestBody
{
    /// <summary>The whole body from its beginning; null if it is larger than allowed once unpacked.</summary>
    /// <exception cref="InvalidDataException">It is not gzip, though its header says so.</exception>
    public static async Task<MemoryStream?> ReadAsync(HttpContext context, int mostBytes)
    {
        if (context.Request.ContentLength > mostBytes)
        {
            return null;
        }

        var isGzip = context.Request.Headers.ContentEncoding.ToString().Equals("gzip", StringComparison.OrdinalIgnoreCase);
        await using var unzipped = isGzip ? new GZipStream(context.Request.Body, CompressionMode.Decompress) : null;
        Stream source = unzipped is null ? context.Request.Body : unzipped;
        var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await source.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > mostBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        body.Position = 0;
        return body;
    }
}
