using Flyball.Alerting.Routing;
using Flyball.Alerting.Routing.Configuration;
using Flyball.Alerting.Tests.Receivers;
using Flyball.Configuration;
using Flyball.Durable.Journal;
using Flyball.Model.Alerts;
using Flyball.Model.Labels;
using Flyball.Model.Time;
using Flyball.Testing;
using Flyball.Testing.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flyball.Alerting.Tests.Routing;

/// <summary>A router on a test clock and a disk in memory, telling a real webhook.</summary>
internal sealed class RouterHarness : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FaultyFileSystem _files;
    private FileJournal _journal;

    private RouterHarness(ScriptedWebhook webhook, TestClock clock, FaultyFileSystem files)
    {
        Webhook = webhook;
        Clock = clock;
        _files = files;
        (_journal, Router) = Open();
    }

    public ScriptedWebhook Webhook { get; }

    public TestClock Clock { get; }

    public AlertRouter Router { get; private set; }

    public static async Task<RouterHarness> StartAsync(string yaml)
    {
        var files = new FaultyFileSystem();
        files.CreateDirectory("/data");
        var harness = new RouterHarness(await ScriptedWebhook.StartAsync(), new TestClock(), files);
        await harness.Router.StartAsync(TestContext.Current.CancellationToken);
        await harness.ApplyAsync(yaml);
        return harness;
    }

    public Task ApplyAsync(string yaml)
    {
        var problems = new ConfigProblems();
        var text = yaml.Replace("{{url}}", Webhook.Address.ToString(), StringComparison.Ordinal);
        var config = RoutingConfigReader.ReadFile("am.yml", text, problems);
        Assert.Empty(problems.All);
        return Router.ApplyAsync(config!, new RouterSettings { ExternalUrl = "http://flyball.test" }, TestContext.Current.CancellationToken);
    }

    /// <summary>Stops the router and starts another on the same disk.</summary>
    public async Task RestartAsync(string yaml)
    {
        await Router.DisposeAsync();
        _journal.Dispose();
        (_journal, Router) = Open();
        await Router.StartAsync(TestContext.Current.CancellationToken);
        await ApplyAsync(yaml);
    }

    /// <summary>Lets time pass in small steps; after each, everything that was due has been told.</summary>
    public async Task AdvanceAsync(double seconds, double step = 0.1)
    {
        for (var passed = 0.0; passed < seconds - 1e-9; passed += step)
        {
            Clock.Advance(TimeSpan.FromSeconds(Math.Min(step, seconds - passed)));
            await Router.IdleAsync().WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    public void Post(string name, DateTimeOffset? start = null, DateTimeOffset? end = null, params (string, string)[] labels) =>
        Router.Post([new PostedAlert(LabelSet.Of([("alertname", name), .. labels])) { StartsAt = start, EndsAt = end }]);

    public void Fire(string name, params (string, string)[] labels) => Publish(name, AlertState.Inactive, AlertState.Firing, labels);

    public void Resolve(string name, params (string, string)[] labels) => Publish(name, AlertState.Firing, AlertState.Inactive, labels);

    public async ValueTask DisposeAsync()
    {
        await Router.DisposeAsync();
        _journal.Dispose();
        await Webhook.DisposeAsync();
    }

    private void Publish(string name, AlertState from, AlertState to, (string, string)[] labels) => Router.Publish(
        [new AlertTransition(LabelSet.Of([("alertname", name), .. labels]), from, to, TimestampMs.Now(Clock)) { ActiveAt = TimestampMs.Now(Clock) }]);

    private (FileJournal Journal, AlertRouter Router) Open()
    {
        var journal = FileJournal.Open(_files, "/data/journal", new JournalOptions(), Clock, log: null, TestContext.Current.CancellationToken);
        return (journal, new AlertRouter(new RouterEnvironment(journal, _files, "/data", new Random(1), Clock, NullLogger.Instance)));
    }
}
