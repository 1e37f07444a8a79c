using Flyball.Durable.Files;

namespace Flyball.Alerting.Receivers;

/// <summary>Makes the ways of telling that a receiver's configuration asks for.</summary>
internal sealed class IntegrationFactory(IFileSystem files, TimeProvider time)
{
    public IReadOnlyList<IIntegration> Make(ReceiverConfig receiver) =>
        [.. receiver.Webhooks.Select(w => new WebhookIntegration(w, files, time, NewHandler(w.Http)))];

    private static SocketsHttpHandler NewHandler(HttpConfig http)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = http.FollowRedirects,
            // An address may move while we run; a pooled connection would never notice.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        if (http.InsecureSkipVerify)
        {
#pragma warning disable CA5359 // The operator has asked for exactly this, by name, for this receiver.
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return handler;
    }
}
