using Flyball.Model.Time;

namespace Flyball.Alerting.Receivers;

/// <summary>Somebody who can be told, by any number of webhooks.</summary>
public sealed record ReceiverConfig(string Name, IReadOnlyList<WebhookConfig> Webhooks);

/// <summary>An HTTP endpoint that takes notifications. Source: Alertmanager documentation, "Configuration".</summary>
public sealed record WebhookConfig
{
    /// <summary>Where to post; "" = <see cref="UrlFile"/> says.</summary>
    public string Url { get; init; } = "";

    /// <summary>A file that holds the address, read for each notification.</summary>
    public string UrlFile { get; init; } = "";

    /// <summary>Whether resolved alerts are told, too.</summary>
    public bool SendResolved { get; init; } = true;

    /// <summary>Most alerts in one message; 0 = all.</summary>
    public int MaxAlerts { get; init; }

    /// <summary>Longest wait for one answer; zero = as long as the notification has.</summary>
    public DurationMs Timeout { get; init; }

    /// <summary>How to speak HTTP.</summary>
    public HttpConfig Http { get; init; } = new();
}

/// <summary>How to speak HTTP to a receiver. Secrets in files are read for each request.</summary>
public sealed record HttpConfig
{
    /// <summary>User of basic authentication; "" = none.</summary>
    public string Username { get; init; } = "";

    /// <summary>Password of basic authentication.</summary>
    public string Password { get; init; } = "";

    /// <summary>File with the password.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>Word before the credentials in the Authorization header.</summary>
    public string AuthorizationType { get; init; } = "Bearer";

    /// <summary>Credentials of the Authorization header; "" = none.</summary>
    public string Credentials { get; init; } = "";

    /// <summary>File with the credentials.</summary>
    public string CredentialsFile { get; init; } = "";

    /// <summary>Whether redirects are followed.</summary>
    public bool FollowRedirects { get; init; } = true;

    /// <summary>Whether any certificate is accepted.</summary>
    public bool InsecureSkipVerify { get; init; }
}
