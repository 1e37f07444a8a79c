using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Flyball.Step.Sending;

/// <summary>Posts over https with the framework's client; nothing of it is loaded by steps that use plain http.</summary>
internal static class SecureHttp
{
    /// <summary>Posts JSON and waits for the status of the answer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static PostResult Post(Endpoint endpoint, ReadOnlySpan<byte> body, Deadline deadline)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            Timeout = TimeSpan.FromMilliseconds(Math.Max(1, deadline.LeftMilliseconds)),
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint.ToString())
        {
            Content = new ByteArrayContent(body.ToArray()),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var line in endpoint.Headers.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            request.Headers.TryAddWithoutValidation(line[..colon], line[(colon + 1)..].Trim());
        }

        try
        {
            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead);
            return new PostResult((int)response.StatusCode, "");
        }
        catch (HttpRequestException problem)
        {
            return new PostResult(0, problem.Message);
        }
        catch (OperationCanceledException)
        {
            return new PostResult(0, "the server took too long to answer");
        }
    }
}
