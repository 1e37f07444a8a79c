using Flyball.Alerting.Receivers;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Routing.Notifying;
using Flyball.Model.Labels;

namespace Flyball.Alerting.Routing;

/// <summary>A configuration in force with the groups it has formed. A reload replaces it as a whole.</summary>
internal sealed class RoutingState(
    RoutingConfig config,
    RouterSettings settings,
    Route root,
    Inhibitor inhibitor,
    IReadOnlyDictionary<string, IReadOnlyList<IIntegration>> integrations,
    GroupNotifier notifier) : IAsyncDisposable
{
    private Task _retired = Task.CompletedTask;

    public RoutingConfig Config { get; } = config;

    public RouterSettings Settings { get; } = settings;

    public Route Root { get; } = root;

    public Inhibitor Inhibitor { get; } = inhibitor;

    public GroupNotifier Notifier { get; } = notifier;

    /// <summary>Groups by the id of their route and their labels. Guarded by the router's lock, as all that follows.</summary>
    public Dictionary<(string Route, LabelSet Labels), AlertGroup> Groups { get; } = [];

    /// <summary>Ends the loops of groups that have become empty.</summary>
    public void Retire(IReadOnlyList<AlertGroup> groups) => _retired = DisposeAllAsync(_retired, groups);

    public async ValueTask DisposeAsync()
    {
        await DisposeAllAsync(_retired, Groups.Values);
        foreach (var integration in integrations.Values.SelectMany(i => i).OfType<IDisposable>())
        {
            integration.Dispose();
        }
    }

    private static async Task DisposeAllAsync(Task before, IEnumerable<AlertGroup> groups)
    {
        await before;
        foreach (var group in groups)
        {
            await group.DisposeAsync();
        }
    }
}
