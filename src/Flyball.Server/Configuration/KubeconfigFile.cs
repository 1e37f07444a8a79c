using System.Text;
using Flyball.Configuration;
using Flyball.Pipelines.Kubernetes;

namespace Flyball.Server.Configuration;

/// <summary>Reads the file that kubectl keeps: which cluster, which user.</summary>
/// <remarks>Users that need a program or a cloud's plug-in to log in are refused by name; a service account's token does what they do.</remarks>
internal static class KubeconfigFile
{
    /// <summary>Reads a connection.</summary>
    /// <param name="context">Which of its contexts; null = its current one.</param>
    /// <exception cref="ServerStartException">The file does not say how to reach a cluster.</exception>
    public static KubernetesConnection Load(string path, string? context)
    {
        try
        {
            var problems = new ConfigProblems();
            var node = YamlFile.Load(path, File.ReadAllText(path), problems);
            return node is null
                ? throw new ServerStartException($"{problems.All[0]}")
                : Choose(new YamlSection(path, node, problems), path, context);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new ServerStartException($"{path} cannot be used: {e.Message}");
        }
    }

    private static KubernetesConnection Choose(YamlSection root, string path, string? context)
    {
        var name = context ?? root.Text("current-context");
        var chosen = Named(root, "contexts", name)?.Section("context")
            ?? throw new ServerStartException($"{path} has no context \"{name}\"; name one of its contexts with \"context\"");
        var cluster = Named(root, "clusters", chosen.Text("cluster"))?.Section("cluster");
        if (cluster is null || !Uri.TryCreate(cluster.Text("server"), UriKind.Absolute, out var server) || server.Scheme is not ("http" or "https"))
        {
            throw new ServerStartException($"{path} names no server for the context \"{name}\"");
        }

        var user = Named(root, "users", chosen.Text("user"))?.Section("user");
        return user is not null && (user.Has("exec") || user.Has("auth-provider"))
            ? throw new ServerStartException(
                $"{path}: the user of the context \"{name}\" logs in by a program; give it a token, a tokenFile or a client certificate")
            : Connect(server, cluster, user, Path.GetDirectoryName(path)!);
    }

    private static KubernetesConnection Connect(Uri server, YamlSection cluster, YamlSection? user, string folder)
    {
        var certificate = user is null ? null : Pem(user, "client-certificate", folder);
        var key = user is null ? null : Pem(user, "client-key", folder);
        var token = user?.Text("token");
        var tokenFile = user?.Text("tokenFile") is { } file ? Path.GetFullPath(file, folder) : null;
        return new KubernetesConnection
        {
            Server = server,
            AuthorityPem = Pem(cluster, "certificate-authority", folder),
            SkipVerification = cluster.Boolean("insecure-skip-tls-verify") ?? false,
            ClientPem = certificate is not null && key is not null ? (certificate, key) : null,
            Token = tokenFile is not null ? () => KubernetesConnection.ReadToken(tokenFile) : () => token,
        };
    }

    // What stands in the file itself wins over what it points to.
    private static string? Pem(YamlSection section, string key, string folder) =>
        section.Text(key + "-data") is { } data ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : section.Text(key) is { } file ? File.ReadAllText(Path.GetFullPath(file, folder))
        : null;

    private static YamlSection? Named(YamlSection root, string list, string? name) =>
        name is null ? null : root.Sections(list).FirstOrDefault(s => s.Text("name") == name);
}
