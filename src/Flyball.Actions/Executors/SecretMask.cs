namespace Flyball.Actions.Executors;

/// <summary>Takes secrets out of what an action says about itself.</summary>
/// <remarks>Secrets are the values of variables and headers whose names say so; short ones are left, they would mask ordinary words.</remarks>
internal sealed class SecretMask(IEnumerable<KeyValuePair<string, string>> named)
{
    private const int ShortestSecret = 6;

    private static readonly string[] Telling = ["token", "secret", "password", "passwd", "authorization", "apikey", "api_key", "api-key", "credential", "cookie"];

    private readonly string[] _secrets = [.. named
        .Where(n => n.Value.Length >= ShortestSecret && Telling.Any(t => n.Key.Contains(t, StringComparison.OrdinalIgnoreCase)))
        .SelectMany(n => (string[])[n.Value, n.Value[(n.Value.LastIndexOf(' ') + 1)..]])
        .Where(s => s.Length >= ShortestSecret)
        .OrderByDescending(s => s.Length)];

    public string Apply(string text)
    {
        foreach (var secret in _secrets)
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        }

        return text;
    }
}
