using Flyball.Configuration;
using Flyball.Pipelines.Kubernetes;

namespace Flyball.Server.Configuration;

/// <summary>The section <c>tekton.watch</c>: following runs on the Kubernetes API.</summary>
/// <param name="Kubeconfig">File that says which cluster; null = the one this pod runs in.</param>
/// <param name="Context">Which of the file's contexts; null = its current one.</param>
/// <param name="Namespaces">Where; none = everywhere.</param>
/// <param name="LabelSelector">Labels the objects must have; "" = any.</param>
public sealed record TektonWatchConfig(string? Kubeconfig, string? Context, IReadOnlyList<string> Namespaces, string LabelSelector)
{
    /// <summary>Reads the section <c>tekton</c>; null when nothing is to be watched.</summary>
    public static TektonWatchConfig? Load(YamlSection? section, string baseFolder)
    {
        if (section is null)
        {
            return null;
        }

        TektonWatchConfig? config = null;
        if (section.Section("watch") is { } watch)
        {
            var kubeconfig = watch.Text("kubeconfig");
            config = new TektonWatchConfig(
                kubeconfig is null ? null : Path.GetFullPath(kubeconfig, baseFolder),
                watch.Text("context"), watch.Texts("namespaces"), watch.Text("label_selector") ?? "");
            if (kubeconfig is null && config.Context is not null)
            {
                watch.Report("context", "\"context\" needs a \"kubeconfig\" to be one of");
            }

            watch.Finish();
        }

        section.Finish();
        return config;
    }

    /// <summary>Finds the cluster: what files and environment say now, at the start.</summary>
    /// <param name="variable">Reads an environment variable; a pod learns its cluster from two.</param>
    /// <exception cref="ServerStartException">There is no way to a cluster.</exception>
    public TektonWatchOptions Resolve(Func<string, string?> variable)
    {
        var connection = Kubeconfig is null
            ? KubernetesConnection.InCluster(variable)
                ?? throw new ServerStartException("tekton.watch: this is no pod with a service account; name a \"kubeconfig\"")
            : KubeconfigFile.Load(Kubeconfig, Context);
        return new TektonWatchOptions { Connection = connection, Namespaces = Namespaces, LabelSelector = LabelSelector };
    }
}
