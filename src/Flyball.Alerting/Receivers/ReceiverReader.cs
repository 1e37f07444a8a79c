using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Alerting.Receivers;

/// <summary>Reads the section <c>receivers</c>.</summary>
internal static class ReceiverReader
{
    // What Alertmanager can tell and we cannot yet: named, so that nobody believes to be told.
    private static readonly string[] Unsupported =
    [
        "discord_configs", "email_configs", "incidentio_configs", "jira_configs", "mattermost_configs", "msteams_configs",
        "msteamsv2_configs", "opsgenie_configs", "pagerduty_configs", "pushover_configs", "rocketchat_configs", "slack_configs",
        "sns_configs", "telegram_configs", "victorops_configs", "webex_configs", "wechat_configs",
    ];

    public static List<ReceiverConfig> Read(YamlSection section, HttpConfig defaults)
    {
        var receivers = new List<ReceiverConfig>();
        foreach (var entry in section.Sections("receivers"))
        {
            var name = entry.Text("name") ?? "";
            if (name.Length == 0)
            {
                entry.Report("missing name in receiver");
            }
            else if (receivers.Exists(r => r.Name == name))
            {
                entry.Report("name", $"notification config name \"{name}\" is not unique");
            }

            foreach (var type in Unsupported)
            {
                entry.Refuse(type, $"is set, but receiver type {type[..^"_configs".Length]} is not supported yet; use webhook_configs");
            }

            receivers.Add(new ReceiverConfig(name, [.. entry.Sections("webhook_configs").Select(s => ReadWebhook(s, defaults))]));
            entry.Finish();
        }

        return receivers;
    }

    public static HttpConfig ReadHttp(YamlSection? section, HttpConfig defaults)
    {
        if (section is null)
        {
            return defaults;
        }

        var basic = section.Section("basic_auth");
        var authorization = section.Section("authorization");
        var tls = section.Section("tls_config");
        if (basic is not null && authorization is not null)
        {
            section.Report("authorization", "at most one of basic_auth and authorization can be configured");
        }

        var config = defaults with
        {
            Username = basic?.Text("username") ?? "",
            Password = basic?.Text("password") ?? "",
            PasswordFile = basic?.Text("password_file") ?? "",
            AuthorizationType = authorization?.Text("type") ?? "Bearer",
            Credentials = authorization?.Text("credentials") ?? section.Text("bearer_token") ?? "",
            CredentialsFile = authorization?.Text("credentials_file") ?? section.Text("bearer_token_file") ?? "",
            FollowRedirects = section.Boolean("follow_redirects") ?? true,
            InsecureSkipVerify = tls?.Boolean("insecure_skip_verify") ?? false,
        };
        section.Accept("enable_http2", "bearer_token", "bearer_token_file");
        foreach (var key in (ReadOnlySpan<string>)["oauth2", "proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header", "http_headers"])
        {
            section.Refuse(key, "is not supported for receivers yet");
        }

        basic?.Finish();
        authorization?.Finish();
        tls?.Finish();
        section.Finish();
        return config;
    }

    private static WebhookConfig ReadWebhook(YamlSection section, HttpConfig defaults)
    {
        var (url, file) = (section.Text("url") ?? "", section.Text("url_file") ?? "");
        if (url.Length == 0 && file.Length == 0)
        {
            section.Report("one of url or url_file must be configured");
        }
        else if (url.Length > 0 && file.Length > 0)
        {
            section.Report("url", "at most one of url & url_file must be configured");
        }
        else if (url.Length > 0 && !IsHttp(url))
        {
            section.Report("url", $"\"{url}\" is no http or https address; write one like http://host:8080/path");
        }

        section.Refuse("payload", "is not supported yet; the message has Alertmanager's form, version 4");
        var webhook = new WebhookConfig
        {
            Url = url,
            UrlFile = file,
            SendResolved = section.Boolean("send_resolved") ?? true,
            MaxAlerts = (int)(section.Integer("max_alerts", least: 0, most: int.MaxValue) ?? 0),
            Timeout = section.Duration("timeout") ?? DurationMs.Zero,
            Http = ReadHttp(section.Section("http_config"), defaults),
        };
        section.Finish();
        return webhook;
    }

    private static bool IsHttp(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps);
}
