namespace Flyball.Pipelines.Kubernetes;

/// <summary>A kind of object on the API.</summary>
/// <param name="Kind">As objects name it.</param>
/// <param name="Plural">As paths name it.</param>
/// <param name="Versions">Versions of the group <c>tekton.dev</c> to try, best first.</param>
internal sealed record WatchedResource(string Kind, string Plural, params string[] Versions)
{
    /// <summary>What Tekton has runs in. CustomRun never left its beta version.</summary>
    public static readonly WatchedResource[] OfTekton =
    [
        new("PipelineRun", "pipelineruns", "v1", "v1beta1"),
        new("TaskRun", "taskruns", "v1", "v1beta1"),
        new("CustomRun", "customruns", "v1beta1"),
    ];

    /// <summary>The path of its objects.</summary>
    /// <param name="ns">A namespace; "" = all.</param>
    public string Path(string version, string ns) =>
        ns.Length == 0 ? $"apis/tekton.dev/{version}/{Plural}" : $"apis/tekton.dev/{version}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}";
}
