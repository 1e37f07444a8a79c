namespace Flyball.Pipelines.Connectors;

/// <summary>Brings what systems write about repositories and branches into one form.</summary>
internal static class VcsText
{
    /// <summary>Canonical HTTPS address: no credentials, no <c>.git</c>, SSH forms rewritten; null for what is no address.</summary>
    public static string? RepositoryUrl(string? url)
    {
        if (string.IsNullOrWhiteSpace(url))
        {
            return null;
        }

        var text = url.Trim();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            // git@host:owner/repo.git
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || text.IndexOf('/', StringComparison.Ordinal) is var slash && slash >= 0 && slash < colon)
            {
                return null;
            }

            text = text[..colon] + "/" + text[(colon + 1)..];
        }
        else
        {
            text = text[(scheme + 3)..];
        }

        var path = text.IndexOf('/', StringComparison.Ordinal);
        var host = path < 0 ? text : text[..path];
        host = host[(host.LastIndexOf('@') + 1)..];
        if (scheme >= 0 && !url.TrimStart().StartsWith("http", StringComparison.OrdinalIgnoreCase))
        {
            // The port of ssh:// is where nobody serves pages.
            host = host.Split(':')[0];
        }

        var rest = path < 0 ? "" : text[path..].TrimEnd('/');
        rest = rest.EndsWith(".git", StringComparison.Ordinal) ? rest[..^4] : rest;
        return host.Length == 0 ? null : "https://" + host + rest;
    }

    /// <summary>The last part of the repository's path.</summary>
    public static string? RepositoryName(string? url) => Path(url) is { } path ? path[(path.LastIndexOf('/') + 1)..] : null;

    /// <summary>The path of the repository without its last part.</summary>
    public static string? Owner(string? url) => Path(url) is { } path && path.LastIndexOf('/') is var at && at > 0 ? path[..at] : null;

    /// <summary>The provider, where the host's name gives it away.</summary>
    public static string? Provider(string? url) => RepositoryUrl(url) switch
    {
        null => null,
        var u when u.StartsWith("https://github.", StringComparison.Ordinal) => "github",
        var u when u.StartsWith("https://gitlab.", StringComparison.Ordinal) => "gitlab",
        var u when u.StartsWith("https://bitbucket.", StringComparison.Ordinal) => "bitbucket",
        var u when u.StartsWith("https://gitea.", StringComparison.Ordinal) => "gitea",
        _ => null,
    };

    /// <summary>The provider a system names itself, if the conventions know it: <c>github_enterprise</c> is github.</summary>
    public static string? KnownProvider(string? name) => name?.Split('-', '_')[0] switch
    {
        "github" => "github",
        "gitlab" => "gitlab",
        "bitbucket" => "bitbucket",
        "gitea" or "gittea" => "gitea",
        _ => null,
    };

    /// <summary>A branch or tag without <c>refs/heads/</c> or <c>refs/tags/</c>.</summary>
    public static string? StripReference(string? reference)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["refs/heads/", "refs/tags/"])
        {
            if (reference is not null && reference.StartsWith(prefix, StringComparison.Ordinal))
            {
                return reference[prefix.Length..];
            }
        }

        return string.IsNullOrEmpty(reference) ? null : reference;
    }

    /// <summary>The host of an address, with its port unless that goes without saying; null for what is no address.</summary>
    public static string? Host(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is ("http" or "https") && address.Host.Length > 0
            ? address.IsDefaultPort ? address.Host : $"{address.Host}:{address.Port}"
            : null;

    /// <summary>The first line of a message; null if there is none.</summary>
    public static string? FirstLine(string? message)
    {
        var line = message?.Split('\n', 2)[0].Trim();
        return string.IsNullOrEmpty(line) ? null : line;
    }

    private static string? Path(string? url)
    {
        var canonical = RepositoryUrl(url);
        var slash = canonical?.IndexOf('/', "https://".Length) ?? -1;
        return slash < 0 || slash + 1 >= canonical!.Length ? null : canonical[(slash + 1)..];
    }
}
