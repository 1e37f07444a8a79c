using System.Net;
using System.Net.Http.Headers;

namespace Flyball.EndToEnd.Tests.Support;

/// <summary>Webhooks of CI systems as they were sent: a body in <c>NAME.json</c>, its headers in <c>NAME.headers</c> beside it or in <c>headers.headers</c> above.</summary>
internal static class CiPayloads
{
    /// <summary>Posts every payload of a folder, in the order of their names, and expects each to be taken.</summary>
    public static async Task PostAllAsync(HttpClient http, string system, string folder, CancellationToken cancellationToken)
    {
        var common = Path.Combine(folder, "headers.headers");
        foreach (var file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/hooks/{system}");
            request.Content = new ByteArrayContent(await File.ReadAllBytesAsync(file, cancellationToken));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var own = Path.ChangeExtension(file, ".headers");
            foreach (var line in File.Exists(own) ? File.ReadLines(own) : File.Exists(common) ? File.ReadLines(common) : [])
            {
                Copy(line, request);
            }

            using var response = await http.SendAsync(request, cancellationToken);
            Assert.True(
                response.StatusCode == HttpStatusCode.Accepted,
                $"{file}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }

    // What belongs to the connection is ours to say.
    private static void Copy(string line, HttpRequestMessage request)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? "" : line[..colon];
        if (name.ToUpperInvariant() is not ("" or "HOST" or "CONNECTION" or "ACCEPT-ENCODING" or "CONTENT-LENGTH"))
        {
            var headers = (HttpHeaders)(name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) ? request.Content!.Headers : request.Headers);
            headers.Remove(name);
            headers.TryAddWithoutValidation(name, line[(colon + 1)..].Trim());
        }
    }
}
