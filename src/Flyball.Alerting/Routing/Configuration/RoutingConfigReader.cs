using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.TimeIntervals;
using Flyball.Configuration;
using Flyball.Model.Time;

namespace Flyball.Alerting.Routing.Configuration;

/// <summary>Reads alertmanager.yml, or the same keys in another file.</summary>
public static class RoutingConfigReader
{
    /// <summary>Reads a whole alertmanager.yml.</summary>
    /// <returns>Null when it could not be read at all; do not use the result when there are problems.</returns>
    public static RoutingConfig? ReadFile(string file, string text, ConfigProblems problems)
    {
        if (YamlFile.Load(file, text, problems) is not { } root)
        {
            return null;
        }

        var section = new YamlSection(file, root, problems);
        var config = Read(section, section.Section("global"), problems) with { Text = text };
        section.Finish();
        return config;
    }

    /// <summary>Reads <c>route</c>, <c>receivers</c>, <c>inhibit_rules</c>, <c>time_intervals</c> and <c>mute_time_intervals</c>.</summary>
    /// <param name="section">Where these keys stand. The caller asks for its other keys and calls <see cref="YamlSection.Finish"/>.</param>
    /// <param name="global">Alertmanager's section <c>global</c>, if there is one.</param>
    public static RoutingConfig Read(YamlSection section, YamlSection? global, ConfigProblems problems)
    {
        var http = ReceiverReader.ReadHttp(global?.Section("http_config"), new HttpConfig());
        var receivers = ReceiverReader.Read(section, http);
        var intervals = ReadIntervals(section);
        var root = section.Section("route");
        if (root is null)
        {
            section.Report("route", "no routes provided");
        }

        var config = new RoutingConfig(
            root is null ? RoutingConfig.Empty.Route : new RouteReader(receivers, intervals, problems).ReadRoot(root), receivers)
        {
            InhibitRules = [.. section.Sections("inhibit_rules").Select(s => ReadInhibitRule(s, problems))],
            TimeIntervals = intervals,
            ResolveTimeout = ReadGlobal(global) ?? DurationMs.FromSeconds(300),
        };
        section.Accept("templates");
        return config;
    }

    private static DurationMs? ReadGlobal(YamlSection? global)
    {
        var timeout = global?.Duration("resolve_timeout");
        // Defaults of receivers that are refused where they are used.
        global?.Accept(
            "smtp_from", "smtp_hello", "smtp_smarthost", "smtp_auth_username", "smtp_auth_password", "smtp_auth_password_file",
            "smtp_auth_secret", "smtp_auth_secret_file", "smtp_auth_identity", "smtp_require_tls", "smtp_force_implicit_tls",
            "smtp_tls_config", "slack_api_url", "slack_api_url_file", "slack_app_token", "slack_app_token_file", "slack_app_url",
            "pagerduty_url", "opsgenie_api_url", "opsgenie_api_key", "opsgenie_api_key_file", "wechat_api_url", "wechat_api_secret",
            "wechat_api_secret_file", "wechat_api_corp_id", "victorops_api_url", "victorops_api_key", "victorops_api_key_file",
            "telegram_api_url", "telegram_bot_token", "telegram_bot_token_file", "webex_api_url", "rocketchat_api_url",
            "rocketchat_token", "rocketchat_token_file", "rocketchat_token_id", "rocketchat_token_id_file",
            "mattermost_webhook_url", "mattermost_webhook_url_file", "jira_api_url");
        global?.Finish();
        return timeout;
    }

    private static Dictionary<string, IReadOnlyList<TimeInterval>> ReadIntervals(YamlSection section)
    {
        var intervals = new Dictionary<string, IReadOnlyList<TimeInterval>>();
        foreach (var entry in section.Sections("time_intervals").Concat(section.Sections("mute_time_intervals")))
        {
            var name = entry.Text("name") ?? "";
            IReadOnlyList<TimeInterval> parts = [.. entry.Sections("time_intervals").Select(TimeIntervalReader.Read)];
            if (name.Length == 0)
            {
                entry.Report("missing name in time interval");
            }
            else if (!intervals.TryAdd(name, parts))
            {
                entry.Report("name", $"time interval \"{name}\" is not unique");
            }

            entry.Finish();
        }

        return intervals;
    }

    private static InhibitRuleConfig ReadInhibitRule(YamlSection section, ConfigProblems problems)
    {
        var name = section.Text("name") ?? "";
        var rule = new InhibitRuleConfig(
            MatcherSection.Read(section, problems, "source_match", "source_match_re", "source_matchers"),
            MatcherSection.Read(section, problems, "target_match", "target_match_re", "target_matchers"),
            section.Texts("equal"))
        {
            Name = name,
        };
        foreach (var label in rule.Equal.Where(string.IsNullOrEmpty))
        {
            section.Report("equal", $"invalid label name \"{label}\" in equal list");
        }

        section.Finish();
        return rule;
    }
}
