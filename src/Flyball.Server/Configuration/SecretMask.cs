using System.Text;

namespace Flyball.Server.Configuration;

/// <summary>Shows a configuration without its secrets: values of secret keys become <c>&lt;secret&gt;</c>.</summary>
/// <remarks>Works on lines, because the text is shown as its author wrote it, comments included. Prometheus documentation, "HTTP API".</remarks>
internal static class SecretMask
{
    private static readonly string[] SecretKeys =
    [
        "password", "credentials", "bearer_token", "client_secret", "secret_key", "access_key", "token", "key", "secrets",
        "api_key", "routing_key", "service_key", "webhook_url", "auth_password", "auth_secret", "app_token", "bot_token", "api_secret",
    ];

    public static string Mask(string yaml)
    {
        var masked = new StringBuilder(yaml.Length);
        var hiddenDeeperThan = -1;
        foreach (var line in yaml.Split('\n'))
        {
            var indent = line.Length - line.TrimStart(' ', '-').Length;
            if (hiddenDeeperThan >= 0 && (string.IsNullOrWhiteSpace(line) || indent > hiddenDeeperThan))
            {
                continue;
            }

            hiddenDeeperThan = -1;
            masked.Append(MaskLine(line, ref hiddenDeeperThan, indent)).Append('\n');
        }

        masked.Length--;
        return masked.ToString();
    }

    private static string MaskLine(string line, ref int hiddenDeeperThan, int indent)
    {
        foreach (var key in SecretKeys)
        {
            for (var at = line.IndexOf(key + ":", StringComparison.Ordinal); at >= 0; at = line.IndexOf(key + ":", at + 1, StringComparison.Ordinal))
            {
                // The whole key, at the start of a line or of an item, or inside a flow mapping.
                if (at > 0 && (char.IsLetterOrDigit(line[at - 1]) || line[at - 1] == '_'))
                {
                    continue;
                }

                var value = at + key.Length + 1;
                if (line.AsSpan(value).Trim().IsEmpty || line.AsSpan(value).TrimStart()[0] is '|' or '>')
                {
                    // The value stands on the lines below.
                    hiddenDeeperThan = indent;
                    return line[..value] + " <secret>";
                }

                var end = line.AsSpan(value).IndexOfAny(',', '}');
                var inFlow = line.AsSpan(0, at).Contains('{');
                line = line[..value] + " <secret>" + (inFlow && end >= 0 ? line[(value + end)..] : "");
            }
        }

        return line;
    }
}
