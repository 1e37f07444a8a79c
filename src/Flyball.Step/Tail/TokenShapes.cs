using System.Text;

namespace Flyball.Step.Tail;

/// <summary>Finds secrets by their shape: well-known token prefixes, user names and passwords in addresses, private keys.</summary>
/// <remarks>Hand-written because the regular expression engine alone would double the start-up time of a step.</remarks>
internal static class TokenShapes
{
    // Prefix, and how many characters must follow for it to be a token rather than a word about tokens.
    private static readonly (string Prefix, int AtLeast)[] Prefixes =
    [
        ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20), ("github_pat_", 20),
        ("glpat-", 16), ("glrt-", 16), ("gldt-", 16), ("glcbt-", 16), ("glptt-", 16),
        ("xoxb-", 16), ("xoxp-", 16), ("xoxa-", 16), ("xoxr-", 16), ("xoxs-", 16), ("xapp-", 16),
        ("AKIA", 16), ("ASIA", 16), ("AIza", 30), ("ya29.", 20),
        ("sk_live_", 16), ("rk_live_", 16), ("sk-", 32), ("npm_", 30), ("pypi-", 30), ("dop_v1_", 30),
        ("hvs.", 20), ("hvb.", 20), ("bkua_", 20), ("bkct_", 20), ("dckr_pat_", 16), ("SG.", 40), ("eyJ", 40),
    ];

    private static readonly string[] Headers = ["bearer ", "basic "];

    private static readonly string[] Assignments =
    [
        "password=", "passwd=", "token=", "secret=", "api_key=", "apikey=", "access_key=", "private_key=",
        "password: ", "token: ", "secret: ", "api_key: ",
    ];

    /// <summary>The text with everything that looks like a secret masked.</summary>
    public static string Mask(string text)
    {
        StringBuilder? result = null;
        var copied = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var (start, end) = SecretAt(text, i);
            if (end > start)
            {
                result ??= new StringBuilder(text.Length);
                result.Append(text, copied, start - copied).Append(SecretMask.Mask);
                copied = end;
                i = end - 1;
            }
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    // The range to mask if a secret, or what introduces one, begins at this place; an empty range if not.
    private static (int Start, int End) SecretAt(string text, int at) => text[at] switch
    {
        ':' => UserInfo(text, at),
        '-' => PrivateKey(text, at),
        _ when Prefixed(text, at) is { End: > 0 } prefixed => prefixed,
        _ => Introduced(text, at),
    };

    private static (int Start, int End) Prefixed(string text, int at)
    {
        // "task-sk-…" is a word, not a token.
        if (at > 0 && IsTokenCharacter(text[at - 1]))
        {
            return default;
        }

        foreach (var (prefix, atLeast) in Prefixes)
        {
            if (StartsAt(text, at, prefix, StringComparison.Ordinal))
            {
                var end = EndOfToken(text, at + prefix.Length);
                if (end - at - prefix.Length >= atLeast)
                {
                    return (at, end);
                }
            }
        }

        return default;
    }

    private static (int Start, int End) Introduced(string text, int at)
    {
        foreach (var header in Headers)
        {
            if (StartsAt(text, at, header, StringComparison.OrdinalIgnoreCase))
            {
                var end = EndOfToken(text, at + header.Length);
                return end - at - header.Length >= 12 ? (at + header.Length, end) : default;
            }
        }

        foreach (var assignment in Assignments)
        {
            if (StartsAt(text, at, assignment, StringComparison.OrdinalIgnoreCase))
            {
                var start = at + assignment.Length;
                start += start < text.Length && text[start] is '"' or '\'' ? 1 : 0;
                var end = EndOfValue(text, start);
                return end - start >= 4 ? (start, end) : default;
            }
        }

        return default;
    }

    // scheme://user:password@host keeps scheme and host.
    private static (int Start, int End) UserInfo(string text, int at)
    {
        if (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]) || !StartsAt(text, at, "://", StringComparison.Ordinal))
        {
            return default;
        }

        var start = at + 3;
        var lastAt = -1;
        for (var i = start; i < text.Length && !char.IsWhiteSpace(text[i]) && text[i] is not ('/' or '?' or '#' or '"' or '\''); i++)
        {
            lastAt = text[i] == '@' ? i : lastAt;
        }

        return lastAt > start ? (start, lastAt) : default;
    }

    private static (int Start, int End) PrivateKey(string text, int at)
    {
        const string Begin = "-----BEGIN ";
        const string Ending = "-----END ";
        if (!StartsAt(text, at, Begin, StringComparison.Ordinal))
        {
            return default;
        }

        var titleEnd = text.IndexOf("-----", at + Begin.Length, StringComparison.Ordinal);
        if (titleEnd < 0 || !text.AsSpan(at, titleEnd - at).Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return default;
        }

        // A key cut off at the end of the tail is still one.
        var ending = text.IndexOf(Ending, titleEnd, StringComparison.Ordinal);
        return (titleEnd + 5, ending < 0 ? text.Length : ending);
    }

    private static bool StartsAt(string text, int at, string value, StringComparison comparison) =>
        text.Length - at >= value.Length && text.AsSpan(at, value.Length).Equals(value, comparison);

    private static int EndOfToken(string text, int at)
    {
        while (at < text.Length && (IsTokenCharacter(text[at]) || text[at] is '.' or '+' or '/' or '='))
        {
            at++;
        }

        return at;
    }

    private static int EndOfValue(string text, int at)
    {
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] is not ('"' or '\'' or '&' or ',' or ';' or ')'))
        {
            at++;
        }

        return at;
    }

    private static bool IsTokenCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
}
