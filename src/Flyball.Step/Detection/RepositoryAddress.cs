namespace Flyball.Step.Detection;

/// <summary>The address of a repository in the one form by which runs of different systems can be compared.</summary>
/// <param name="Url">Canonical HTTPS address without user, password and <c>.git</c>; "" if there is none.</param>
/// <param name="Owner">Organisation or group, nested ones joined by <c>/</c>.</param>
/// <param name="Name">Name without owner.</param>
/// <param name="Provider"><c>github</c>, <c>gitlab</c>, <c>gitea</c>, <c>bitbucket</c>, or "" when the host does not tell.</param>
internal sealed record RepositoryAddress(string Url, string Owner, string Name, string Provider)
{
    private static readonly string[] Providers = ["github", "gitlab", "gitea", "bitbucket"];

    /// <summary>Reads an address as git knows it: a URL, or <c>user@host:path</c>; a path on this machine stays as it is.</summary>
    public static RepositoryAddress Parse(string text)
    {
        text = text.Trim();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        string host, path;
        if (scheme >= 0)
        {
            var slash = text.IndexOf('/', scheme + 3);
            host = slash < 0 ? text[(scheme + 3)..] : text[(scheme + 3)..slash];
            path = slash < 0 ? "" : text[(slash + 1)..];
        }
        else if (text.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 && !text.AsSpan(0, colon).Contains('/'))
        {
            (host, path) = (text[..colon], text[(colon + 1)..]);
        }
        else
        {
            return Local(text);
        }

        host = host[(host.LastIndexOf('@') + 1)..].ToLowerInvariant();
        if (host.Length == 0)
        {
            return Local("/" + path);   // file:///srv/git/shop
        }

        // Ports of ssh say nothing about the web address; those of http do.
        if (!text.StartsWith("http", StringComparison.OrdinalIgnoreCase) && host.IndexOf(':', StringComparison.Ordinal) is var port and > 0)
        {
            host = host[..port];
        }

        path = WithoutSuffix(path);
        var (owner, name) = Split(path);
        return new RepositoryAddress($"https://{host}/{path}", owner, name, ProviderOf(host));
    }

    private static RepositoryAddress Local(string path)
    {
        var clean = WithoutSuffix(path);
        return new RepositoryAddress(clean.Length == 0 ? "" : "/" + clean, "", Split(clean).Name, "");
    }

    private static string WithoutSuffix(string path)
    {
        var clean = path.Trim('/');
        return clean.EndsWith(".git", StringComparison.Ordinal) ? clean[..^4].TrimEnd('/') : clean;
    }

    private static (string Owner, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash < 0 ? ("", path) : (path[..slash], path[(slash + 1)..]);
    }

    private static string ProviderOf(string host)
    {
        foreach (var provider in Providers)
        {
            if (host.Contains(provider, StringComparison.Ordinal))
            {
                return provider;
            }
        }

        return "";
    }
}
