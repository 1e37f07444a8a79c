namespace Flyball.Ingest.Discovery;

/// <summary>Finds targets and says so each time they may have changed.</summary>
internal interface IDiscovery
{
    /// <summary>Runs until it has nothing more to say or is cancelled.</summary>
    /// <param name="publish">Takes all groups this discovery knows now; the list is not changed afterwards.</param>
    Task RunAsync(Action<IReadOnlyList<TargetGroup>> publish, CancellationToken cancellationToken);
}

/// <summary>Targets named in the configuration: published once.</summary>
internal sealed class StaticDiscovery(StaticDiscoveryConfig config) : IDiscovery
{
    public Task RunAsync(Action<IReadOnlyList<TargetGroup>> publish, CancellationToken cancellationToken)
    {
        publish(config.Groups);
        return Task.CompletedTask;
    }
}
