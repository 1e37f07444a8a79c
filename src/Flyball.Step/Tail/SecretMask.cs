using System.Text;

namespace Flyball.Step.Tail;

/// <summary>Replaces secrets in text that leaves the machine: values of variables that look like secrets, and what looks like one.</summary>
internal sealed class SecretMask
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    private const int ShortestSecret = 4;
    private const int ShortestLine = 8;

    private static readonly string[] NameParts =
    [
        "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "CREDENTIAL", "PRIVATE_KEY", "APIKEY", "API_KEY", "ACCESS_KEY",
        "AUTHORIZATION", "CONNECTION_STRING",
    ];

    private static readonly string[] NameEnds = ["_KEY", "_PAT", "_PASS", "_PWD", "_PW", "_AUTH", "_DSN", "_SAS", "_COOKIE", "_JWT"];

    private readonly List<string> _values = [];

    /// <summary>Collects the secrets of an environment.</summary>
    public SecretMask(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (LooksSecret(name))
            {
                AddValue(value.Trim());
            }
        }

        // Longest first: a secret that contains another one must not be left in pieces.
        _values.Sort((a, b) => b.Length - a.Length);
    }

    /// <summary>Whether a variable of this name holds a secret, as far as a name can say.</summary>
    public static bool LooksSecret(string name)
    {
        foreach (var part in NameParts)
        {
            if (name.Contains(part, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        foreach (var end in NameEnds)
        {
            if (name.EndsWith(end, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return name is "PGPASSFILE" or "KEY" or "TOKEN" or "PASS" or "PASSWORD";
    }

    /// <summary>The text without secrets.</summary>
    public string Apply(string text)
    {
        foreach (var value in _values)
        {
            text = text.Replace(value, Mask, StringComparison.Ordinal);
        }

        return TokenShapes.Mask(text);
    }

    private void AddValue(string value)
    {
        if (value.Length < ShortestSecret)
        {
            return;
        }

        AddOnce(value);
        AddOnce(Uri.EscapeDataString(value));
        AddOnce(Convert.ToBase64String(Encoding.UTF8.GetBytes(value)));

        // Keys in PEM form are printed line by line; a short line ("}", "-----") would mask half of every log.
        if (value.Contains('\n', StringComparison.Ordinal))
        {
            foreach (var line in value.Split('\n'))
            {
                var trimmed = line.Trim();
                if (trimmed.Length >= ShortestLine && !trimmed.StartsWith("-----", StringComparison.Ordinal))
                {
                    AddOnce(trimmed);
                }
            }
        }
    }

    private void AddOnce(string value)
    {
        if (!_values.Contains(value))
        {
            _values.Add(value);
        }
    }
}
