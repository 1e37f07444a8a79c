using System.Text.Json;

namespace Flyball.Pipelines.Kubernetes;

/// <summary>Whoever is told what a watch sees.</summary>
internal interface IWatchListener
{
    /// <summary>Objects as they are; repeated ones too.</summary>
    /// <exception cref="IOException">They could not be kept; they will be told again.</exception>
    Task OnSeenAsync(WatchedResource resource, IReadOnlyList<JsonElement> objects, CancellationToken cancellationToken);

    /// <summary>An object is gone; this is how it was at last.</summary>
    Task OnDeletedAsync(WatchedResource resource, JsonElement last, CancellationToken cancellationToken);

    /// <summary>A list is complete: these are all there are in its namespace.</summary>
    /// <param name="ns">The namespace; "" = all.</param>
    /// <param name="uids">Ids of all objects.</param>
    Task OnListedAsync(WatchedResource resource, string ns, IReadOnlySet<string> uids, CancellationToken cancellationToken);
}
