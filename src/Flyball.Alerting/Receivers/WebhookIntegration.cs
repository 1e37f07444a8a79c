using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Flyball.Durable.Files;

namespace Flyball.Alerting.Receivers;

/// <summary>Tells by HTTP POST.</summary>
internal sealed class WebhookIntegration : IIntegration, IDisposable
{
    private const int MostBodyShown = 256;

    private static readonly string UserAgent = "Flyball/" + typeof(WebhookIntegration).Assembly.GetName().Version?.ToString(3);

    private readonly WebhookConfig _config;
    private readonly IFileSystem _files;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    public WebhookIntegration(WebhookConfig config, IFileSystem files, TimeProvider time, HttpMessageHandler handler)
    {
        _config = config;
        _files = files;
        _time = time;
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public string Type => "webhook";

    public bool SendResolved => _config.SendResolved;

    public async Task<DeliveryOutcome> SendAsync(Notification notification, CancellationToken cancellationToken)
    {
        var patience = _config.Timeout.Value > 0 ? _config.Timeout.ToTimeSpan() : Timeout.InfiniteTimeSpan;
        using var timeout = new CancellationTokenSource(patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = NewRequest(notification);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return response.IsSuccessStatusCode
                ? DeliveryOutcome.Success
                : new DeliveryOutcome(false, IsTransient(response.StatusCode), await DescribeAsync(response, either.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new DeliveryOutcome(false, MayRetry: true, $"no answer within {_config.Timeout.ToSeconds()} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or UriFormatException)
        {
            return new DeliveryOutcome(false, MayRetry: true, e.Message);
        }
    }

    public void Dispose() => _client.Dispose();

    private static bool IsTransient(HttpStatusCode status) => (int)status >= 500 || status == HttpStatusCode.TooManyRequests;

    private HttpRequestMessage NewRequest(Notification notification)
    {
        var url = _config.Url.Length > 0 ? _config.Url : ReadSecret(_config.UrlFile);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url))
        {
            Content = new ByteArrayContent(WebhookMessage.Write(notification, _config.MaxAlerts)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd(UserAgent);
        request.Headers.Authorization = ReadAuthorization(_config.Http);
        return request;
    }

    private AuthenticationHeaderValue? ReadAuthorization(HttpConfig http)
    {
        if (http.Username.Length > 0)
        {
            var password = http.PasswordFile.Length > 0 ? ReadSecret(http.PasswordFile) : http.Password;
            return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{http.Username}:{password}")));
        }

        var credentials = http.CredentialsFile.Length > 0 ? ReadSecret(http.CredentialsFile) : http.Credentials;
        return credentials.Length > 0 ? new AuthenticationHeaderValue(http.AuthorizationType, credentials) : null;
    }

    // Files are read each time: whoever rotates a secret must not have to restart anything.
    private string ReadSecret(string path) => Encoding.UTF8.GetString(AtomicPublish.ReadFile(_files, path)).Trim();

    private static async Task<string> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostBodyShown];
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var read = await body.ReadAtLeastAsync(buffer, MostBodyShown, throwOnEndOfStream: false, cancellationToken);
        var text = Encoding.UTF8.GetString(buffer, 0, read).ReplaceLineEndings(" ").Trim();
        return $"unexpected status code {(int)response.StatusCode}" + (text.Length > 0 ? ": " + text : "");
    }
}
