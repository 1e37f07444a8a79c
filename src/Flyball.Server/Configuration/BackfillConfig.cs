using Flyball.Configuration;
using Flyball.Pipelines.Backfill;
using Flyball.Pipelines.Kubernetes;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>backfill</c>: whose REST API is asked for runs that no webhook told of. Takes effect at a start.</summary>
internal static class BackfillConfig
{
    /// <summary>Reads the list of sources; none if it is absent.</summary>
    public static IReadOnlyList<BackfillSource> Load(YamlSection root, string baseFolder)
    {
        var sources = new List<BackfillSource>();
        foreach (var entry in root.Sections("backfill"))
        {
            if (LoadSource(entry, baseFolder) is { } source)
            {
                sources.Add(source);
            }
        }

        return sources;
    }

    private static BackfillSource? LoadSource(YamlSection entry, string baseFolder)
    {
        var system = entry.Choice("system", [.. BackfillOptions.Systems]);
        var targets = entry.Texts("targets");
        var url = ReadUrl(entry);
        var tokenFile = entry.Text("token_file") is { } file ? Path.GetFullPath(file, baseFolder) : null;
        var since = entry.Duration("since")?.ToTimeSpan();
        var every = entry.Duration("every")?.ToTimeSpan();
        if (!entry.Has("system"))
        {
            entry.Report($"\"system\" is missing; write one of {string.Join(", ", BackfillOptions.Systems)}");
        }

        if (targets.Count == 0)
        {
            entry.Report("\"targets\" is missing; list repositories, projects, pipelines, jobs or namespaces");
        }

        if (system is { } index && BackfillOptions.Systems[index] is "jenkins" or "tekton" && url is null)
        {
            entry.Report("\"url\" is missing; every Jenkins and every Tekton Results has an address of its own");
        }

        if (every < TimeSpan.FromSeconds(10))
        {
            entry.Report("every", "\"every\" is shorter than 10s; servers would refuse that before long");
        }

        entry.Finish();
        return system is { } which && targets.Count > 0
            ? new BackfillSource
            {
                System = BackfillOptions.Systems[which],
                Url = url,
                Token = tokenFile is null ? static () => null : () => KubernetesConnection.ReadToken(tokenFile),
                Targets = targets,
                Since = since ?? TimeSpan.FromDays(7),
                Every = every,
            }
            : null;
    }

    private static Uri? ReadUrl(YamlSection entry)
    {
        if (entry.Text("url") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") && url.UserInfo.Length == 0)
        {
            return url;
        }

        entry.Report("url", $"\"{text}\" is no http or https address without a password");
        return null;
    }
}
